"""What a family hears of its visits, in one message each: who comes with which code, that they are there, that it is done, what came of a request."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from timebank import clock
from timebank.access.masking import surname_of
from timebank.access.models import User
from timebank.catalogue.models import Evidence
from timebank.db import db
from timebank.elders.queries import family_of
from timebank.notices import queries
from timebank.notices.actions import notify
from timebank.notices.choices import wants
from timebank.places.models import Community
from timebank.sentences import Pair, Sentence, the_day
from timebank.visits.actions.telling import whom
from timebank.visits.models import HelpRequest, Offer, OfferState, Source, Visit
from timebank.volunteers.models import Gender, Volunteer


def followers(visit: Visit) -> list[User]:
    """Return who follows a visit: the approved family behind the door, the elder's own number, and the family that asked."""
    people = {user.id: user for elder in visit.household.elders for link, user in family_of(elder) if link.approved_at is not None}
    asked = visit.request
    if asked.source is Source.FAMILY and asked.asked_by is not None:
        user = db.session.get_one(User, asked.asked_by)
        people[user.id] = user
    return list(people.values())


def named(volunteers: Iterable[Volunteer]) -> Pair:
    """Return volunteers as a family knows them: surnames, never more."""
    return Sentence("%(names)s", names=[_titled(each) for each in volunteers])


def _titled(volunteer: Volunteer) -> Sentence:
    """Return a volunteer by surname, as one speaks of her or him."""
    surname = surname_of(volunteer.name)
    if volunteer.gender is Gender.F:
        return Sentence("%(surname)s女士", surname=surname)
    return Sentence("%(surname)s先生", surname=surname) if volunteer.gender is Gender.M else Sentence("%(surname)s老师", surname=surname)


def going(visit: Visit) -> list[Offer]:
    """Return the offers of those who have said that they come."""
    return [each for each in visit.offers if each.state is OfferState.ACCEPTED]


def code_words(visit: Visit) -> Pair:
    """Return the code of a visit that has one, to stand behind who comes."""
    timed = visit.kind.evidence is Evidence.TIMED
    return Sentence("，到访码%(code)s", code=visit.code) if timed else ("", "")


def day_words(day: date) -> Pair:
    """Return a day as a message says it."""
    if day == clock.today():
        return Sentence("今天")
    if (day - clock.today()).days == 1:
        return Sentence("明天")
    return the_day(day)


def kind_words(visit: Visit) -> Pair:
    """Return what is done, in both languages."""
    return visit.kind.words


def station_of(community_id: int) -> str:
    """Return the telephone that every message of change or refusal names."""
    return db.session.get_one(Community, community_id).phone or "服务站"


def path_of(visit: Visit) -> str:
    """Return the page a message about a visit leads to."""
    return f"/family/visits/{visit.id}"


def tell_arrived(made: Offer) -> None:
    """Tell the family that somebody is at the door."""
    visit = made.visit
    _tell(visit, "arrived", f"arrived:{made.id}", lambda: {"names": named([made.volunteer]), "time": _time(made), "who": whom(visit)})


def tell_done(visit: Visit, made: Offer) -> None:
    """Tell the family that a visit is done, where they want to hear it."""
    _tell(visit, "delivered", f"done:{visit.id}", lambda: {"who": whom(visit), "time": _time(made)})


def _time(made: Offer) -> str:
    """Return the last clock time of somebody at a door."""
    at = made.ended_at or made.started_at or clock.now()
    return clock.hhmm(clock.minute_of(at))


def _tell(visit: Visit, template: str, about: str, said: Callable[[], dict[str, Any]]) -> None:
    """Tell everybody who follows a visit, each once; the words are put together where somebody wants to read them."""
    for user in followers(visit):
        if wants(user.id, template):
            notify(user.id, template, path=path_of(visit), about=about, kind=kind_words(visit), **said())


def tell_answer(asked: HelpRequest, *, accepted: bool) -> None:
    """Tell a family what came of its request, with the number to call."""
    if asked.source is Source.FAMILY and asked.asked_by is not None:
        notify(
            asked.asked_by,
            "request_accepted" if accepted else "request_declined",
            path=f"/family/requests/{asked.id}",
            about=f"answer:{asked.id}",
            kind=asked.kind.words,
            station=station_of(asked.community_id),
        )


def tell_day(user: User, day: date, visits: Sequence[Visit]) -> None:
    """Tell somebody in one message who comes on a day; whoever was told before hears only of what is otherwise since."""
    beginning = f"day:{day}:"
    told = {part for about in queries.told_of(user.id, beginning) for part in about.removeprefix(beginning).split(",")}
    known = {part.partition("@")[0] for part in told}
    news = [each for each in visits if part_of(each) not in told and (going(each) or str(each.id) in known)]
    if not news:
        return
    first, more = news[0], len(news) - 1
    people = going(first)
    names = named(each.volunteer for each in people)
    if told:
        names = Sentence("%(names)s来", names=names) if people else Sentence("这次还没有人来")
    notify(
        user.id,
        "day_changed" if told else "tomorrow",
        path=path_of(first) if not more else "/family",
        about=beginning + ",".join(part_of(each) for each in news),
        day=day_words(day),
        when=clock.hhmm(first.start) if first.start is not None else "",
        kind=kind_words(first),
        names=names,
        code=code_words(first) if people else ("", ""),
        more=Sentence("，另有%(more)s次", more=more) if more else ("", ""),
        station=station_of(first.community_id),
    )


def part_of(visit: Visit) -> str:
    """Return what a family is told of a visit as one word, to be compared with what it was told before."""
    who = "+".join(str(made.volunteer_id) for made in going(visit))
    return f"{visit.id}@{visit.start if who else ''}-{who}"
