"""Verbs of things left at a station: a number on paper, mended or not, its owner told, fetched once and for good."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.places.models import Community, Station
from timebank.sentences import Sentence, the_day
from timebank.stations.actions import telling
from timebank.stations.actions.people import Person
from timebank.stations.models import GONE, TO_FETCH, Item, Progress, Sort
from timebank.stations.words import PROGRESS
from timebank.volunteers.models import Volunteer

LETTERS = {Sort.REPAIR: "W", Sort.SEWING: "F", Sort.PARCEL: "B"}
KEPT_DAYS = 7
"""How long a parcel is kept where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What is left at a station."""

    sort: Sort
    what: str
    fault: str = ""
    until: date | None = None


def bring(station: Station, brought: Brought, owner: Person) -> Item:
    """Take something in and give it a number; a parcel can be fetched at once, and its owner is told."""
    parcel = brought.sort is Sort.PARCEL
    until = brought.until or (clock.today() + timedelta(days=KEPT_DAYS) if parcel else None)
    if until is not None and until < clock.today():
        raise Invalid("保管到的日子已经过了。请选今天或以后。", fields={"until": Sentence("日子已经过了。")})
    made = Item(
        community_id=station.community_id,
        station=station,
        number=_next_number(station.community_id, brought.sort),
        sort=brought.sort,
        what=brought.what,
        fault=brought.fault,
        until=until,
        progress=Progress.READY if parcel else Progress.BROUGHT,
        brought_at=clock.now(),
        ready_at=clock.now() if parcel else None,
        **owner.columns(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("bring", "station_item", made.id)
    if parcel:
        telling.tell_ready(made, mended=True)
    return made


def _next_number(community_id: int, sort: Sort) -> str:
    """Return the next number of a community's things of a sort, such as W0012; two at once get two numbers."""
    db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())
    letter = LETTERS[sort]
    used = db.session.scalar(select(func.count()).select_from(Item).where(Item.community_id == community_id, Item.sort == sort)) or 0
    return f"{letter}{used + 1:04d}"


def take_up(item: Item) -> None:
    """Begin to mend something."""
    _refuse_unless(item, {Progress.BROUGHT})
    _move(item, Progress.IN_WORK)


def finish(item: Item, mender: Volunteer | None, result: str, *, mended: bool) -> bool:
    """Say that something is mended, by whom, or cannot be; its owner is told; say whether a message went."""
    _refuse_unless(item, {Progress.BROUGHT, Progress.IN_WORK})
    if mended and mender is None:
        raise wrong("mender", "请选是谁修好的。")
    if not mended and not result.strip():
        raise Invalid("修不好请写一句为什么，取的人会问。", fields={"result": Sentence("请写为什么修不好。")})
    item.mender, item.result, item.ready_at = mender, result.strip(), clock.now()
    _move(item, Progress.READY if mended else Progress.CANNOT)
    return telling.tell_ready(item, mended=mended)


def called(item: Item, *, reached: bool) -> None:
    """Note a call to whose thing it is: reached, or to be tried again."""
    _refuse_unless(item, TO_FETCH)
    item.tries += 1
    if reached:
        item.told_at = clock.now()
    audit.record("call", "station_item", item.id, reached=reached)


def hand_out(item: Item, to: str, by: User, *, had_ticket: bool, check_note: str = "") -> None:
    """Hand something out, once and for good; without its paper only with a note how the person was known."""
    lock(item)
    if item.progress in GONE and item.handed_at is not None:
        at = item.handed_at.astimezone(clock.ZONE)
        raise Conflict(
            "%(number)s 已经由%(to)s在%(day)s %(at)s 取走了，不能再取。请问清楚是哪一件。",
            number=item.number,
            to=item.handed_to,
            day=the_day(at.date()),
            at=f"{at:%H:%M}",
        )
    if item.progress not in TO_FETCH:
        raise Conflict("%(item_number)s 还没修好，不能取。真要拿走，请先记“修不好，请取回”。", item_number=item.number)
    if not to.strip():
        raise wrong("to", "请写谁来取的。")
    if not had_ticket and not check_note.strip():
        raise Invalid(
            "没有取件单，请写怎么核对的：说对了电话和东西的样子，或者看了证件。", fields={"check_note": Sentence("请写怎么核对的。")}
        )
    item.handed_to, item.handed_at, item.handed_by = to.strip(), clock.now(), by.id
    item.had_ticket, item.check_note = had_ticket, check_note.strip()
    _move(item, Progress.COLLECTED if item.progress is Progress.READY else Progress.RETURNED)


def lock(item: Item) -> None:
    """Let nobody else hand the same thing out meanwhile, and see it as it is now."""
    db.session.flush()
    db.session.execute(select(Item.id).where(Item.id == item.id).with_for_update())
    db.session.refresh(item)


def keep_longer(item: Item, until: date) -> None:
    """Keep a parcel longer."""
    _refuse_unless(item, TO_FETCH)
    if until < clock.today():
        raise Invalid("保管到的日子已经过了。请选今天或以后。", fields={"until": Sentence("日子已经过了。")})
    item.until = until
    audit.record("keep", "station_item", item.id)


def _move(item: Item, progress: Progress) -> None:
    """Put where a thing is."""
    before, item.progress = item.progress, progress
    db.session.flush()
    audit.record("move", "station_item", item.id, before=before.value, after=progress.value)


def _refuse_unless(item: Item, fitting: frozenset[Progress] | set[Progress]) -> None:
    """Refuse a step that does not fit where a thing is."""
    lock(item)
    if item.progress not in fitting:
        raise Conflict(
            "%(number)s 现在是“%(stands)s”，这一步不能做。请看这一件的最新情况。", number=item.number, stands=PROGRESS[item.progress]
        )
