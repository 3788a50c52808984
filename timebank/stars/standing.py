"""星级 and the honour list: from recorded hours and quality, asked for in order.

Time credit never counts here. ``publicity`` makes an application public and grants it by a second person; when the hours behind
a granted star fall below what it asked for, people decide about it (``reviews``), and no public list shows it meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.hours import hours_text
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.records import totals as queries
from timebank.records.models import Objection, Origin
from timebank.sentences import Sentence
from timebank.stars.models import HonourConsent, StarApplication, StarReview, StarRule, StarState, Verdict
from timebank.visits.models import Offer, OfferState, ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer

HOURS = (100, 300, 600, 1000, 1500)
FAULTS = 3
DAYS = 5
LEAST_DAYS, MOST_DAYS = 3, 30
LOOKED_BACK = timedelta(days=365)
HIGHEST = len(HOURS)
WAITING = (StarState.ASKED, StarState.PUBLISHED)
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """A community's rule: the hours of each star, how many faults a year a volunteer may have, for how many working days it is public."""

    hours: tuple[int, ...] = HOURS
    faults: int = FAULTS
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Quality:
    """What stands against a volunteer in the last year: doubts that were upheld, accepted visits without a check-in."""

    doubts: int
    no_shows: int

    @property
    def faults(self) -> int:
        """Both together."""
        return self.doubts + self.no_shows


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a volunteer is: the star granted, recorded minutes, the hours of the next star, quality, an open application."""

    level: int
    minutes: int
    next_hours: int | None
    quality: Quality
    borne: int
    asked: StarApplication | None
    carried: int
    barred_until: date | None = None

    @property
    def missing(self) -> int:
        """The minutes still missing for the next star."""
        return max(0, (self.next_hours or 0) * MINUTES_AN_HOUR - self.minutes)

    @property
    def may_apply(self) -> bool:
        """Whether the next star may be asked for now."""
        free = self.asked is None and self.barred_until is None and self.carried == self.level
        return self.next_hours is not None and not self.missing and free and self.quality.faults <= self.borne


def rule_of(community_id: int) -> Rule:
    """Return a community's rule, the ordinary one when it has set none."""
    row = db.session.get(StarRule, community_id)
    return Rule() if row is None else Rule((row.one, row.two, row.three, row.four, row.five), row.faults, row.days)


def propose_rule(community_id: int, hours: Sequence[int], faults: int, days: int, by: User) -> Proposal:
    """Ask for other hours of each star, or other days of publicity; a second person decides."""
    _must_rise(hours)
    before = rule_of(community_id)
    terms = {"hours": list(hours), "faults": faults, "days": days, "before": [*before.hours, before.faults, before.days]}
    return proposals.propose(Kind.STAR_RULE, community_id, f"community:{community_id}", terms, by)


def _must_rise(hours: Sequence[int]) -> None:
    """Refuse a star that does not ask for more than the one before."""
    if list(hours) != sorted(set(hours)) or hours[0] < 1:
        sentence = Sentence("每一星的小时数要比前一星多。")
        raise wrong("one", sentence)


def set_rule(community_id: int, hours: Sequence[int], faults: int, days: int = DAYS) -> None:
    """Set how many hours each star asks for, each more than the one before, and for how many working days it is public."""
    _must_rise(hours)
    before = rule_of(community_id)
    row = db.session.get(StarRule, community_id) or StarRule(community_id=community_id)
    row.one, row.two, row.three, row.four, row.five = hours
    row.faults, row.days = faults, days
    db.session.add(row)
    db.session.flush()
    now = rule_of(community_id)
    changed: audit.Changes = {
        "hours": [list(before.hours), list(now.hours)],
        "faults": [before.faults, now.faults],
        "days": [before.days, now.days],
    }
    audit.record("set", "star_rule", community_id, fields={name: pair for name, pair in changed.items() if pair[0] != pair[1]})


def standing(volunteer: Volunteer) -> Standing:
    """Return where a volunteer is with the stars."""
    held, rule = stars_of([volunteer.id])[volunteer.id], rule_of(volunteer.community_id)
    level, minutes = held.level, queries.minutes_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1))
    return Standing(
        level=level,
        minutes=minutes,
        next_hours=rule.hours[level] if level < HIGHEST else None,
        quality=quality_of(volunteer),
        borne=rule.faults,
        asked=db.session.scalar(_applications().where(StarApplication.volunteer_id == volunteer.id, StarApplication.state.in_(WAITING))),
        carried=held.carried_by(minutes),
        barred_until=barred_until(volunteer),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """The stars somebody was granted, each with the minutes it asked for."""

    needed: Mapping[int, int]

    @property
    def level(self) -> int:
        """The highest star, 0 before the first."""
        return max(self.needed, default=0)

    def carried_by(self, minutes: int) -> int:
        """Return the highest star that recorded minutes reach, every one below it as well."""
        return next((level - 1 for level in sorted(self.needed) if self.needed[level] > minutes), self.level)


def stars_of(volunteers: Iterable[int]) -> Mapping[int, Held]:
    """Return the stars of some volunteers, by number."""
    found: dict[int, dict[int, int]] = {each: {} for each in volunteers}
    rows = select(StarApplication).where(_is(StarState.GRANTED), StarApplication.volunteer_id.in_(found))
    for each in db.session.scalars(rows):
        found[each.volunteer_id][each.level] = each.needed
    return {number: Held(needed) for number, needed in found.items()}


def granted(volunteer: Volunteer) -> int:
    """Return the highest star a volunteer holds, 0 before the first."""
    return stars_of([volunteer.id])[volunteer.id].level


def barred_until(volunteer: Volunteer) -> date | None:
    """Return the last day on which a volunteer may not apply because of false hours."""
    rows = select(func.max(StarReview.until)).where(StarReview.volunteer_id == volunteer.id, StarReview.verdict == Verdict.BAR)
    until = db.session.scalar(rows)
    return until if until is not None and until >= clock.today() else None


def quality_of(volunteer: Volunteer) -> Quality:
    """Return what stands against a volunteer in the last year."""
    since = clock.today() - LOOKED_BACK
    mine = and_(Offer.volunteer_id == volunteer.id, Offer.state == OfferState.ACCEPTED, Offer.day >= since)
    doubted = and_(Visit.doubted_at.is_not(None), _lowered(volunteer))
    offers = select(func.count(Offer.id)).join(Visit, Visit.id == Offer.visit_id).where(mine)
    silent = and_(Offer.started_at.is_(None), Offer.outcome.is_(None), Offer.day < clock.today(), Visit.state != VisitState.CANCELLED)
    return Quality(
        doubts=(db.session.scalar(offers.where(doubted)) or 0) + _upheld(volunteer, since),
        no_shows=db.session.scalar(offers.where(silent)) or 0,
    )


def _lowered(volunteer: Volunteer) -> ColumnElement[bool]:
    """Say that the record of an offer was corrected downwards; what its volunteer was short of is no fault of theirs."""
    older = aliased(ServiceRecord)
    same = or_(
        and_(ServiceRecord.visit_id == Offer.visit_id, older.visit_id == Offer.visit_id),
        and_(ServiceRecord.round_id == Offer.round_id, older.round_id == Offer.round_id),
    )
    mine = (ServiceRecord.volunteer_id == volunteer.id, older.volunteer_id == volunteer.id)
    return exists().where(*mine, same, ServiceRecord.current, older.minutes > ServiceRecord.minutes)


def _upheld(volunteer: Volunteer, since: date) -> int:
    """Return how many call-backs and findings of the weekly check lowered a record that no family had doubted already."""
    newer = aliased(ServiceRecord)
    doubted = exists().where(Visit.id == ServiceRecord.visit_id, Visit.doubted_at.is_not(None))
    rows = (
        select(func.count(ServiceRecord.id.distinct()))
        .select_from(Objection)
        .join(ServiceRecord, ServiceRecord.id == Objection.record_id)
        .join(newer, newer.id == Objection.newer_id)
        .where(ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.day >= since, Objection.origin != Origin.VOLUNTEER)
    )
    return db.session.scalar(rows.where(newer.minutes < ServiceRecord.minutes, ~doubted)) or 0


def ask(volunteer: Volunteer, by: User) -> StarApplication:
    """Ask for the next star, for oneself."""
    if by.role is not Role.VOLUNTEER or volunteer.user_id != by.id:
        raise NotAllowed("星级请本人申请。")
    return apply(volunteer)


def apply(volunteer: Volunteer) -> StarApplication:
    """Write down that a volunteer asks for the next star, as they said themselves or the desk heard from them."""
    now = standing(volunteer)
    if volunteer.staff and not now.minutes:
        raise Conflict("专职人员在岗的时间不评星级。")
    _may_ask(now)
    made = StarApplication(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        level=now.level + 1,
        minutes=now.minutes,
        needed=(now.next_hours or 0) * MINUTES_AN_HOUR,
        doubts=now.quality.doubts,
        no_shows=now.quality.no_shows,
        applied_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("ask", "star_application", made.id, volunteer=volunteer.id, level=made.level)
    return made


def _may_ask(now: Standing) -> None:
    """Refuse to ask out of order, twice, too early, or with too much against one."""
    if now.asked is not None:
        raise Conflict("%(level)s 星已经申请了，正在审核或公示，不用再申请。有结果会告诉本人。", level=now.asked.level)
    if now.barred_until is not None:
        raise Conflict("因为记录不实，%(isoformat)s 以前不能申请星级。有疑问请联系服务站。", isoformat=now.barred_until.isoformat())
    if now.carried < now.level:
        raise Conflict("记录更正以后，小时不够现在的 %(level)s 星了，办公室正在核对。定下来以后再申请。", level=now.level)
    if now.next_hours is None:
        raise Conflict("五颗星都有了，不用再申请。")
    if now.missing:
        raise Conflict(
            "%(level)s 星要 %(next_hours)s 小时，还差 %(hours_text)s 小时。星级要依次申请。",
            level=now.level + 1,
            next_hours=now.next_hours,
            hours_text=hours_text(now.missing),
        )
    if now.quality.faults > now.borne:
        raise Conflict(
            "最近一年有 %(faults)s 次爽约或家属反映属实，超过 %(borne)s 次，暂不能申请。有疑问请联系服务站。",
            faults=now.quality.faults,
            borne=now.borne,
        )


def applications(community_id: int | None, state: StarState) -> Sequence[StarApplication]:
    """Return the applications of a community (None = all) in a state, the oldest first."""
    mine = () if community_id is None else (StarApplication.community_id == community_id,)
    return db.session.scalars(_applications().where(_is(state), *mine).order_by(StarApplication.id)).all()


def application_in(application_id: int, community_id: int | None) -> StarApplication | None:
    """Return an application of a community (None = all)."""
    mine = () if community_id is None else (StarApplication.community_id == community_id,)
    return db.session.scalar(_applications().where(StarApplication.id == application_id, *mine))


def applications_of(volunteer: Volunteer) -> Sequence[StarApplication]:
    """Return a volunteer's applications, the newest first."""
    mine = _applications().where(StarApplication.volunteer_id == volunteer.id)
    return db.session.scalars(mine.order_by(StarApplication.id.desc())).all()


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a star: the one granted last, and the highest one their hours reach."""

    application: StarApplication
    carried: int


def holders(community_id: int) -> list[Holder]:
    """Return who of a community holds a star, with the highest one of each, the newest first."""
    highest = {each.volunteer_id: each for each in sorted(applications(community_id, StarState.GRANTED), key=lambda each: each.level)}
    held, minutes = stars_of(highest), queries.minutes_by(highest)
    rows = [Holder(each, held[number].carried_by(minutes[number])) for number, each in highest.items()]
    return sorted(rows, key=lambda row: row.application.id, reverse=True)


def near(community_id: int) -> list[tuple[Volunteer, Standing]]:
    """Return who has the hours of the next star and has not asked yet, so that the office can tell them."""
    rule = rule_of(community_id)
    minutes = queries.minutes_between(community_id, queries.FIRST_DAY, clock.today())
    reached = [each for each, recorded in minutes.items() if recorded >= rule.hours[0] * MINUTES_AN_HOUR]
    rows = select(Volunteer).where(Volunteer.id.in_(reached), Volunteer.active)
    found = [(each, standing(each)) for each in db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id))]
    return [(each, now) for each, now in found if now.next_hours is not None and not now.missing and now.asked is None]


def set_honour(volunteer: Volunteer, *, shown: bool) -> None:
    """Agree to stand on the honour list with a masked name, or take that back; both at any time."""
    row = db.session.get(HonourConsent, volunteer.id)
    if shown and row is None:
        db.session.add(HonourConsent(volunteer_id=volunteer.id, agreed_at=clock.now()))
    elif not shown and row is not None:
        db.session.delete(row)
    db.session.flush()
    audit.record("agree" if shown else "withdraw", "honour_consent", volunteer.id)


def on_honour_list(volunteer: Volunteer) -> bool:
    """Say whether a volunteer agreed to stand on the honour list."""
    return db.session.get(HonourConsent, volunteer.id) is not None


@dataclass(frozen=True, slots=True)
class Honoured:
    """One line of the honour list: a masked name, stars, recorded minutes."""

    name: str
    level: int
    minutes: int


def honour_list(community_id: int) -> list[Honoured]:
    """Return who agreed to be named and has service on record, masked, the most stars first; only stars that the hours reach."""
    minutes = queries.minutes_between(community_id, queries.FIRST_DAY, clock.today())
    rows = select(Volunteer).join(HonourConsent).where(Volunteer.community_id == community_id, Volunteer.active)
    people = [each for each in db.session.scalars(rows) if each.id in minutes]
    numbers = [each.id for each in people]
    held, every = stars_of(numbers), queries.minutes_by(numbers)
    listed = [Honoured(mask_name(each.name), held[each.id].carried_by(every[each.id]), minutes[each.id]) for each in people]
    return sorted(listed, key=lambda each: (-each.level, -each.minutes, each.name))


def _applications() -> Select[StarApplication]:
    """Return the select of applications with their volunteers."""
    return select(StarApplication).options(joinedload(StarApplication.volunteer))


def _is(state: StarState) -> ColumnElement[bool]:
    """Say that an application is in a state."""
    return StarApplication.state == state


def _carry_rule(proposal: Proposal, _by: User | None) -> None:
    """Set the hours that two people stand for."""
    set_rule(proposal.community_id, proposal.terms["hours"], proposal.terms["faults"], proposal.terms.get("days", DAYS))


def _show_rule(proposal: Proposal) -> Shown:
    """Return other hours of the stars in words."""
    names = [Sentence("%(number)s 星，小时", number=number) for number in range(1, HIGHEST + 1)]
    names += [Sentence("可有的差评"), Sentence("公示几个工作日")]
    terms = proposal.terms
    before, after = ([*terms["before"], DAYS][: len(names)], [*terms["hours"], terms["faults"], terms.get("days", DAYS)])
    pairs = zip(names, before, after, strict=True)
    changes = (Change(name, (str(was), str(was)), (str(now), str(now))) for name, was, now in pairs if was != now)
    return Shown(Sentence("星级要多少小时"), tuple(changes))


carriers.register(Kind.STAR_RULE, Carrier(_carry_rule, _show_rule))
