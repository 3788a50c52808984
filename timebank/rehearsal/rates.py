"""How often life happens in a rehearsal: the defaults, and a small file of one's own."""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

from timebank.errors import Invalid


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances between 0 and 1; what they are a chance of stands beside each."""

    yes: float = 0.7  # whoever is asked at once says yes
    declines: float = 0.10  # a published trip or visit is declined
    no_answer: float = 0.10  # ... or never answered
    ill_mornings: float = 0.05  # a volunteer with something to do that day is ill in the morning
    ill_midway: float = 0.005  # a carrier falls ill between two doors
    time_off: float = 0.04  # a volunteer takes a day of the week off
    leaves: float = 0.005  # a volunteer stops, in a week
    late_pickups: float = 0.10  # a trip starts late
    no_pickups: float = 0.005  # nobody fetches a trip's boxes, nobody says so
    no_shows: float = 0.01  # nobody comes to an agreed visit, nobody says so
    nobody_home: float = 0.02  # nobody opens
    pauses: float = 0.03  # an elder is away for some days, in a week
    back_early: float = 0.3  # ... and is back sooner
    hospital: float = 0.01  # an elder is taken to hospital today, in a week
    deaths: float = 0.003  # an elder dies, in a week
    moves: float = 0.003  # an elder moves away, in a week
    undone: float = 0.3  # a death or move that was noted by mistake is taken back the same day
    new_needs: float = 0.05  # an elder needs something new, in a week
    changed_needs: float = 0.03  # a standing need changes, in a week
    ended_needs: float = 0.01  # a standing need ends, in a week
    emergencies: float = 0.02  # an elder needs somebody now, in a week
    not_paired: float = 0.005  # a volunteer must not come to a door any more, in a week for an elder
    given_up: float = 0.1  # the coordinator decides that nobody goes, where nobody is left to ask
    two_at_once: float = 0.10  # a second coordinator presses the same at the same moment
    double_taps: float = 0.05  # a tap comes twice
    lost_replies: float = 0.03  # the answer of a tap is lost, and the phone sends it again later
    no_signal: float = 0.03  # a trip is walked without a network: its taps arrive together at its end
    called_off: float = 0.03  # a family calls the next visit off, in a week for an elder
    after_all: float = 0.3  # ... and wants it after all an hour later
    meals_ordered: float = 0.02  # a meal for today or tomorrow is ordered, in a week for an elder
    other_doors: float = 0.003  # a household moves within the community, in a week for an elder
    days_back: float = 0.02  # a volunteer takes a day off back, in a week
    other_times: float = 0.02  # a volunteer's ordinary week changes, in a week
    promises: float = 0.02  # a volunteer accepts a round for every week or ends that, in a week
    tried_again: float = 0.7  # a visit that found nobody is tried again, where its week has a day left


def load(path: Path | None) -> Rates:
    """Return the rates of a TOML file, each named there in place of the default.

    Raises Invalid where a name is none of ours or a value is no chance.
    """
    if path is None:
        return Rates()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("读不了 %(path)s：要写成 yes = 0.7 这样的 TOML。", path=path.name) from error
    known = {each.name for each in fields(Rates)}
    for name, value in given.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise Invalid(
                "%(path)s 里的 %(name)s 不对：能写的有 %(known)s，数值在 0 到 1 之间。", path=path.name, name=name, known=sorted(known)
            )
    return replace(Rates(), **{name: float(value) for name, value in given.items()})
