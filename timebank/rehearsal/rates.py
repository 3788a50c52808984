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


def load(path: Path | None) -> Rates:
    """Return the rates of a TOML file, each named there in place of the default.

    Raises Invalid where a name is none of ours or a value is no chance.
    """
    if path is None:
        return Rates()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            f"读不了 {path.name}：要写成 yes = 0.7 这样的 TOML。", f"Cannot read {path.name}: write TOML such as yes = 0.7."
        ) from error
    known = {each.name for each in fields(Rates)}
    for name, value in given.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise Invalid(
                f"{path.name} 里的 {name} 不对：能写的有 {'、'.join(sorted(known))}，数值在 0 到 1 之间。",
                f"{name} in {path.name} is wrong: known are {', '.join(sorted(known))}, each between 0 and 1.",
            )
    return replace(Rates(), **{name: float(value) for name, value in given.items()})
