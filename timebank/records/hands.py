"""Who had a hand in a record, and who is left to look into it.

Whoever confirmed a service, had it corrected, typed it in, entered or posted it, said yes for the volunteer, asked or chose them, or lately
registered the volunteer or an elder behind the door cannot be the one who finds it in order; nor can the volunteer or their
family. It goes to another coordinator, else to an administrator, else to the street.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access import one_hand
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.audit import AuditRow, hand_in
from timebank.db import db
from timebank.elders.models import Elder
from timebank.errors import Conflict
from timebank.records.queries import office_of
from timebank.sentences import Sentence
from timebank.visits import registers
from timebank.visits.actions import correcting, kin
from timebank.visits.models import Offer, OfferState, ServiceRecord, Visit

NEW = timedelta(weeks=8)
"""For so long somebody registered here is new, and whoever registered them does not look into their hours."""
AROUND = timedelta(weeks=4)
CAME = ("add", "import_new")
FOR_THE_VOLUNTEER = {
    "accept": "answered",
    "check_in": "typed",
    "check_out": "typed",
    "deliver": "typed",
    "report": "typed",
    "enter_from_sheet": "typed",
}
ON_DUTY = {"claim": "answered", "accept": "answered", "sign_in": "typed", "sign_out": "typed", "enter_from_sheet": "typed"}


class Hand(StrEnum):
    """What somebody did with a record or with whom it is about."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    TYPED = "typed"
    ENTERED = "entered"
    ANSWERED = "answered"
    CHOSEN = "chosen"
    VOLUNTEER = "volunteer"
    ELDER = "elder"
    WORD = "word"


YOURS: dict[Hand, tuple[str, str]] = {
    Hand.CONFIRMED: Sentence("这一条是你确认的"),
    Hand.CORRECTED: Sentence("这一条是你提请更正的"),
    Hand.TYPED: Sentence("时间是你录入的"),
    Hand.ENTERED: Sentence("这一条是你手工录入或核准的"),
    Hand.ANSWERED: Sentence("是你替志愿者答应的"),
    Hand.CHOSEN: Sentence("这位志愿者是你挑来做这一件的"),
    Hand.VOLUNTEER: Sentence("这位志愿者是你登记的"),
    Hand.ELDER: Sentence("这一户的老人是你登记的"),
    Hand.WORD: Sentence("这位志愿者最近有只凭你一句话的记录"),
}


NO_TWO = Sentence("你和经手的同事还算不上两个人")


@dataclass(frozen=True, slots=True)
class Came:
    """That somebody of the office registered a person or did something, when, and whether a file brought it."""

    by: int
    at: datetime
    by_file: bool


class Hands:
    """The hands in some records, read in one go."""

    def __init__(self, community_id: int, records: Iterable[ServiceRecord]) -> None:
        """Read who did what with these records of a community."""
        self.community_id = community_id
        self.found: dict[int, dict[int, Hand]] = defaultdict(dict)
        self.kin: dict[tuple[int, int], bool] = {}
        self.homes: dict[int, frozenset[int]] = {}
        listed = {each.id: each for each in records}
        if listed:
            self._versions(listed.values())
            self._doors(list(listed.values()))
            self._duties([each for each in listed.values() if each.duty is not None])

    def _note(self, record: ServiceRecord, user: int | None, hand: Hand) -> None:
        """Note a hand; the first one noted is the one that is told."""
        if user is not None:
            self.found[record.id].setdefault(user, hand)

    def _versions(self, records: Iterable[ServiceRecord]) -> None:
        """Read who confirmed, corrected, entered or posted any version, and on whose word the volunteer's other records rest."""
        mine = {registers.source(each): each for each in records}
        people, visits, rounds, entries, duties = (set(numbers) - {None} for numbers in zip(*mine, strict=True))
        sources = (
            ServiceRecord.visit_id.in_(visits),
            ServiceRecord.round_id.in_(rounds),
            ServiceRecord.entry_id.in_(entries),
            ServiceRecord.duty_id.in_(duties),
        )
        about = select(ServiceRecord).where(ServiceRecord.volunteer_id.in_(people), or_(ServiceRecord.word_of.is_not(None), *sources))
        said: dict[int, list[ServiceRecord]] = defaultdict(list)
        for each in db.session.scalars(about.options(joinedload(ServiceRecord.entry))):
            record = mine.get(registers.source(each))
            if record is not None:
                self._note(record, each.confirmed_by, Hand.ENTERED if each.entry_id else Hand.CONFIRMED)
                self._note(record, each.entry.entered_by if each.entry else None, Hand.ENTERED)
            if each.word_of is not None:
                said[each.volunteer_id].append(each)
            if record is not None and each.version > 1:
                self._correctors(record)
        for record in mine.values():
            for each in said[record.volunteer_id]:
                if abs(each.day - record.day) <= AROUND:
                    self._note(record, each.word_of, Hand.WORD)

    def _correctors(self, record: ServiceRecord) -> None:
        """Read who had a record corrected, alone or as one of two."""
        for user in correcting.correctors_of(record, clock.now()):
            self._note(record, user, Hand.CORRECTED)

    def _doors(self, records: Sequence[ServiceRecord]) -> None:
        """Read who had a hand in the offers behind records, and who registered the people on both sides."""
        offers = offers_of(records)
        every = [made for each in offers.values() for made in each]
        acts = _acts("offer", [made.id for made in every], tuple(FOR_THE_VOLUNTEER))
        picked = _acts("visit", [made.visit_id for made in every], ("assign",))
        fetched = _acts("round", [each.round_id for each in records if each.round_id], ("enter_pick_up",))
        people, homes = volunteers_came(records), elders_came({made.visit.household_id for made in every})
        for record in records:
            for made in offers[record.id]:
                self._note(record, made.entered_by, Hand.TYPED)
                for verb, came in acts[made.id]:
                    self._note(record, came.by, Hand(FOR_THE_VOLUNTEER[verb]))
                self._note(record, made.asked_by, Hand.CHOSEN)
                for _verb, came in picked[made.visit_id]:
                    self._note(record, came.by, Hand.CHOSEN)
                for came in homes[made.visit.household_id]:
                    self._note(record, lately(came, record), Hand.ELDER)
            for _verb, came in fetched[record.round_id or 0]:
                self._note(record, came.by, Hand.TYPED)
            for came in people[record.volunteer_id]:
                self._note(record, lately(came, record), Hand.VOLUNTEER)

    def _duties(self, records: Sequence[ServiceRecord]) -> None:
        """Read who chose, answered for or typed in those who were on duty."""
        acts = _acts("duty", [each.duty_id for each in records if each.duty_id], tuple(ON_DUTY))
        for record in records:
            if record.duty is not None:
                self._note(record, record.duty.entered_by, Hand.TYPED)
                self._note(record, record.duty.answered_for, Hand.ANSWERED)
                self._note(record, record.duty.asked_by, Hand.CHOSEN)
            for verb, came in acts[record.duty_id or 0]:
                self._note(record, came.by, Hand(ON_DUTY[verb]))

    def why_not(self, user: User, record: ServiceRecord) -> tuple[str, str] | None:
        """Return why somebody does not look into a record, in both languages; None when they may."""
        if self._is_partial(user, record):
            return Sentence("这是你自己或你亲属的服务")
        hands = self.found[record.id]
        if user.id in hands:
            return YOURS[hands[user.id]]
        return NO_TWO if any(one_hand.is_one(number, user) for number in hands) else None

    def _is_partial(self, user: User, record: ServiceRecord) -> bool:
        """Say whether it is somebody's own or their family's service; what somebody with a hand in it noted as their family does not count."""
        key = (user.id, record.volunteer_id)
        if key not in self.kin:
            self.kin[key] = kin.why_not(user, record.volunteer) is not None
        if user.id not in self.homes:
            self.homes[user.id] = kin.homes_of(user)
        homes = self.homes[user.id]
        related = self.kin[key] and kin.why_not(user, record.volunteer, but_by=self.found[record.id]) is not None
        return related or (bool(homes) and record.visit is not None and record.visit.household_id in homes)

    def way(self, reader: User, *records: ServiceRecord) -> Sentence | None:
        """Return why a reader does not look into a record, or into several as one, and who does; None when the reader may."""
        why = self._first_bar(reader, records)
        if why is None:
            return None
        colleagues = self._free(self._colleagues, reader, records)
        above = self._free(self._administrators, reader, records)
        if colleagues:
            on = Sentence("要由另一位同事核对：%(names)s。", names=colleagues)
        elif above:
            on = Sentence("社区里没有别的同事能核对，要由管理员核对：%(names)s。", names=above)
        else:
            on = Sentence("社区里没有别的人能核对，请交给街道核对。")
        return Sentence("不能由你核对：%(why)s。%(on)s", why=why, on=on)

    @cached_property
    def _colleagues(self) -> Sequence[User]:
        """The coordinators of the community."""
        return office_of(self.community_id)

    @cached_property
    def _administrators(self) -> Sequence[User]:
        """The administrators of the community and those of all."""
        return [*users_with(Role.ADMIN, self.community_id), *users_with(Role.ADMIN, None)]

    def _first_bar(self, user: User, records: Iterable[ServiceRecord]) -> tuple[str, str] | None:
        """Return the first reason why somebody does not look into some records; None when they may look into all."""
        return next((why for each in records if (why := self.why_not(user, each)) is not None), None)

    def _free(self, users: Iterable[User], reader: User, records: Sequence[ServiceRecord]) -> list[str]:
        """Return the names of those who may look into all of some records."""
        return [each.shown_name for each in users if each.id != reader.id and self._first_bar(each, records) is None]


def refuse_partial(by: User, record: ServiceRecord) -> None:
    """Refuse whoever had a hand in a record, or would judge their own or their family's hours; say to whom it goes."""
    if (way := Hands(record.community_id, [record]).way(by, record)) is not None:
        raise Conflict(way)


def offers_of(records: Sequence[ServiceRecord]) -> dict[int, list[Offer]]:
    """Return the accepted offers behind each of some records: the volunteer's own of a visit, every door of a round."""
    visits, rounds = {each.visit_id for each in records if each.visit_id}, {each.round_id for each in records if each.round_id}
    rows = select(Offer).where(Offer.state == OfferState.ACCEPTED, or_(Offer.visit_id.in_(visits), Offer.round_id.in_(rounds)))
    behind: dict[tuple[str, int | None, int], list[Offer]] = defaultdict(list)
    for made in db.session.scalars(rows.options(joinedload(Offer.visit).joinedload(Visit.household)).order_by(Offer.id)):
        behind["visit", made.visit_id, made.volunteer_id].append(made)
        if made.round_id is not None:
            behind["round", made.round_id, made.volunteer_id].append(made)
    return {
        each.id: behind["visit", each.visit_id, each.volunteer_id] if each.visit_id else behind["round", each.round_id, each.volunteer_id]
        for each in records
    }


def volunteers_came(records: Iterable[ServiceRecord]) -> dict[int, list[Came]]:
    """Return who of the office registered the volunteers of some records."""
    acts = _acts("volunteer", [each.volunteer_id for each in records], CAME)
    return defaultdict(list, {number: [came for _verb, came in rows] for number, rows in acts.items()})


def elders_came(households: Iterable[int]) -> dict[int, list[Came]]:
    """Return who of the office registered the elders behind some doors, door by door."""
    rows = db.session.execute(select(Elder.id, Elder.household_id).where(Elder.household_id.in_(households)))
    homes = {elder.id: elder.household_id for elder in rows}
    found: dict[int, list[Came]] = defaultdict(list)
    for number, came in _acts("elder", homes, CAME).items():
        found[homes[number]] += [each for _verb, each in came]
    return found


def numbers_written(elders: Iterable[int]) -> dict[int, Came]:
    """Return who last changed by which telephone some elders are called, where somebody has."""
    wanted = sorted({str(number) for number in elders})
    rows = select(AuditRow).where(
        AuditRow.subject == "elder", AuditRow.subject_id.in_(wanted), AuditRow.verb.in_(("edit", "import_changed"))
    )
    return {
        int(row.subject_id): Came(by, row.at, row.verb.startswith("import"))
        for row in db.session.scalars(rows.order_by(AuditRow.id))
        if "phone" in (row.detail.get("fields") or {}) and (by := hand_in(row)) is not None
    }


def lately(came: Came, record: ServiceRecord) -> int | None:
    """Return who registered somebody who was still new when a service took place."""
    return came.by if was_new(came, record) else None


def was_new(came: Came, record: ServiceRecord) -> bool:
    """Say whether somebody was still new here when a service took place."""
    return clock.at(record.day, 0) - came.at <= NEW


def _acts(subject: str, numbers: Iterable[int], verbs: Sequence[str]) -> dict[int, list[tuple[str, Came]]]:
    """Return what people who were signed in did with some rows, oldest first, by the number of the row."""
    wanted = sorted({str(number) for number in numbers})
    rows = select(AuditRow).where(AuditRow.subject == subject, AuditRow.subject_id.in_(wanted), AuditRow.verb.in_(verbs))
    found: dict[int, list[tuple[str, Came]]] = defaultdict(list)
    for each in db.session.scalars(rows.where(AuditRow.actor.startswith("user:")).order_by(AuditRow.id)):
        found[int(each.subject_id)].append((each.verb, Came(hand_in(each) or 0, each.at, each.verb.startswith("import"))))
    return found
