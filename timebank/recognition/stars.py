"""星级, the honour list and awards: from recorded hours and quality, asked for in order, granted by a person.

Time credit never counts here. What a volunteer was granted stays; a correction of the record afterwards is for people to
talk about, not for the service to take back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.hours import hours_text
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.recognition import queries
from timebank.recognition.models import Award, HonourConsent, StarApplication, StarRule, StarState
from timebank.records.models import Objection, Origin
from timebank.visits.models import Offer, OfferState, ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer

HOURS = (100, 300, 600, 1000, 1500)
FAULTS = 3
LOOKED_BACK = timedelta(days=365)
HIGHEST = len(HOURS)
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """A community's rule: the hours of each star, and how many faults a year may stand against a volunteer who applies."""

    hours: tuple[int, ...] = HOURS
    faults: int = FAULTS


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

    @property
    def missing(self) -> int:
        """The minutes still missing for the next star."""
        return max(0, (self.next_hours or 0) * MINUTES_AN_HOUR - self.minutes)

    @property
    def may_apply(self) -> bool:
        """Whether the next star may be asked for now."""
        return self.next_hours is not None and not self.missing and self.asked is None and self.quality.faults <= self.borne


def rule_of(community_id: int) -> Rule:
    """Return a community's rule, the ordinary one when it has set none."""
    row = db.session.get(StarRule, community_id)
    return Rule() if row is None else Rule((row.one, row.two, row.three, row.four, row.five), row.faults)


def propose_rule(community_id: int, hours: Sequence[int], faults: int, by: User) -> Proposal:
    """Ask for other hours of each star; a second person decides."""
    _must_rise(hours)
    before = rule_of(community_id)
    terms = {"hours": list(hours), "faults": faults, "before": [*before.hours, before.faults]}
    return proposals.propose(Kind.STAR_RULE, community_id, f"community:{community_id}", terms, by)


def _must_rise(hours: Sequence[int]) -> None:
    """Refuse a star that does not ask for more than the one before."""
    if list(hours) != sorted(set(hours)) or hours[0] < 1:
        sentence = ("每一星的小时数要比前一星多。", "Each star must ask for more hours than the one before.")
        raise Invalid(*sentence, fields={"one": sentence})


def set_rule(community_id: int, hours: Sequence[int], faults: int) -> None:
    """Set how many hours each star asks for, each more than the one before."""
    _must_rise(hours)
    before = rule_of(community_id)
    row = db.session.get(StarRule, community_id) or StarRule(community_id=community_id)
    row.one, row.two, row.three, row.four, row.five = hours
    row.faults = faults
    db.session.add(row)
    db.session.flush()
    now = rule_of(community_id)
    changed: audit.Changes = {"hours": [list(before.hours), list(now.hours)], "faults": [before.faults, now.faults]}
    audit.record("set", "star_rule", community_id, fields={name: pair for name, pair in changed.items() if pair[0] != pair[1]})


def standing(volunteer: Volunteer) -> Standing:
    """Return where a volunteer is with the stars."""
    level, rule = granted(volunteer), rule_of(volunteer.community_id)
    return Standing(
        level=level,
        minutes=queries.minutes_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1)),
        next_hours=rule.hours[level] if level < HIGHEST else None,
        quality=quality_of(volunteer),
        borne=rule.faults,
        asked=db.session.scalar(_applications().where(StarApplication.volunteer_id == volunteer.id, _is(StarState.ASKED))),
    )


def granted(volunteer: Volunteer) -> int:
    """Return the highest star a volunteer was granted, 0 before the first."""
    highest = select(func.max(StarApplication.level)).where(StarApplication.volunteer_id == volunteer.id, _is(StarState.GRANTED))
    return db.session.scalar(highest) or 0


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
        raise NotAllowed("星级请本人申请。", "A star is asked for by the volunteer in person.")
    if volunteer.staff:
        raise Conflict("专职人员在岗的时间不评星级。", "Time on duty is paid work and earns no stars.")
    now = standing(volunteer)
    _may_ask(now)
    made = StarApplication(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        level=now.level + 1,
        minutes=now.minutes,
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
        raise Conflict("你的申请正在审核，有结果会写在这一页。", "Your application is being looked at; the answer will stand on this page.")
    if now.next_hours is None:
        raise Conflict("你已经是五星志愿者了。", "You hold all five stars already.")
    if now.missing:
        raise Conflict(
            f"{now.level + 1} 星要 {now.next_hours} 小时，还差 {hours_text(now.missing)} 小时。星级要依次申请。",
            f"Star {now.level + 1} asks for {now.next_hours} hours; {hours_text(now.missing)} are missing. Stars come in order.",
        )
    if now.quality.faults > now.borne:
        raise Conflict(
            f"最近一年有 {now.quality.faults} 次爽约或家属反映属实，超过 {now.borne} 次，暂不能申请。有疑问请联系服务站。",
            f"{now.quality.faults} no-shows or upheld doubts in the last year are more than {now.borne}. Ask the station if this is wrong.",
        )


def decide(application: StarApplication, by: User, *, grant: bool, reason: str = "") -> None:
    """Grant or decline a star; nobody decides about themselves, and declining says why."""
    volunteer = application.volunteer
    if volunteer.user_id == by.id:
        raise NotAllowed("不能审核自己的申请，请另一位同事来审。", "Nobody decides about their own application; ask a colleague.")
    if application.state is not StarState.ASKED:
        raise Conflict("这份申请已经有结果了。", "This application has been decided already.")
    if not grant and not reason.strip():
        sentence = ("请写明不通过的原因，本人会看到。", "Say why it is declined; the volunteer will read it.")
        raise Invalid(*sentence, fields={"reason": sentence})
    now = standing(volunteer)
    if grant and (now.level + 1 != application.level or now.missing):
        raise Conflict(
            "申请以后记录有过更正，现在不够这一星了。请不通过，并写明原因。",
            "The record was corrected since and no longer reaches this star. Decline it and say why.",
        )
    by_id = by.id  # read before the row changes: loading a user would store the row half changed
    application.state, application.reason = StarState.GRANTED if grant else StarState.DECLINED, reason.strip()
    application.decided_at, application.decided_by = clock.now(), by_id
    db.session.flush()
    audit.record(application.state.value, "star_application", application.id)


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


def near(community_id: int) -> list[tuple[Volunteer, Standing]]:
    """Return who has the hours of the next star and has not asked yet, so that the office can tell them."""
    rule = rule_of(community_id)
    minutes = queries.minutes_between(community_id, queries.FIRST_DAY, clock.today())
    reached = [each for each, recorded in minutes.items() if recorded >= rule.hours[0] * MINUTES_AN_HOUR]
    rows = select(Volunteer).where(Volunteer.id.in_(reached), Volunteer.staff.is_(False), Volunteer.active)
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
    """Return who agreed to be named and has service on record, masked, the most stars first."""
    minutes = queries.minutes_between(community_id, queries.FIRST_DAY, clock.today())
    rows = select(Volunteer).join(HonourConsent).where(Volunteer.community_id == community_id, Volunteer.active, Volunteer.staff.is_(False))
    listed = [Honoured(mask_name(each.name), granted(each), minutes[each.id]) for each in db.session.scalars(rows) if each.id in minutes]
    return sorted(listed, key=lambda each: (-each.level, -each.minutes, each.name))


def note_award(volunteer: Volunteer, name: str, day: date, given_by: str, by: User) -> Award:
    """Note an award: what it is called, its day, who gave it."""
    if day > clock.today():
        sentence = ("表彰日期还没有到。", "The day of the award has not come yet.")
        raise Invalid(*sentence, fields={"day": sentence})
    if any((each.name, each.day) == (name, day) and each.withdrawn_at is None for each in awards_of(volunteer)):
        raise Conflict("这项表彰已经登记过了。", "This award stands in the list already.")
    made = Award(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        name=name,
        day=day,
        given_by=given_by,
        noted_at=clock.now(),
        noted_by=by.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("note", "award", made.id, volunteer=volunteer.id)
    return made


def withdraw_award(award: Award, reason: str) -> None:
    """Withdraw an award that was noted by mistake; it stays to be seen, with the reason."""
    if award.withdrawn_at is not None:
        raise Conflict("这项表彰已经撤下了。", "This award has been withdrawn already.")
    if not reason.strip():
        sentence = ("请写明为什么撤下。", "Say why it is withdrawn.")
        raise Invalid(*sentence, fields={"reason": sentence})
    award.withdrawn_at, award.withdrawn_reason = clock.now(), reason.strip()
    db.session.flush()
    audit.record("withdraw", "award", award.id)


def awards(community_id: int | None) -> Sequence[Award]:
    """Return the awards of a community (None = all), the newest first."""
    mine = () if community_id is None else (Award.community_id == community_id,)
    rows = select(Award).where(*mine).options(joinedload(Award.volunteer))
    return db.session.scalars(rows.order_by(Award.day.desc(), Award.id.desc())).all()


def awards_of(volunteer: Volunteer) -> Sequence[Award]:
    """Return a volunteer's awards, the newest first."""
    mine = select(Award).where(Award.volunteer_id == volunteer.id)
    return db.session.scalars(mine.order_by(Award.day.desc(), Award.id.desc())).all()


def _applications() -> Select[StarApplication]:
    """Return the select of applications with their volunteers."""
    return select(StarApplication).options(joinedload(StarApplication.volunteer))


def _is(state: StarState) -> ColumnElement[bool]:
    """Say that an application is in a state."""
    return StarApplication.state == state


def _carry_rule(proposal: Proposal, _by: User | None) -> None:
    """Set the hours that two people stand for."""
    set_rule(proposal.community_id, proposal.terms["hours"], proposal.terms["faults"])


def _show_rule(proposal: Proposal) -> Shown:
    """Return other hours of the stars in words."""
    names = [(f"{number} 星，小时", f"Star {number}, hours") for number in range(1, HIGHEST + 1)] + [("可有的差评", "Faults borne")]
    pairs = zip(names, proposal.terms["before"], [*proposal.terms["hours"], proposal.terms["faults"]], strict=True)
    changes = (Change(name, (str(was), str(was)), (str(now), str(now))) for name, was, now in pairs if was != now)
    return Shown(("星级要多少小时", "Hours of the stars"), tuple(changes))


carriers.register(Kind.STAR_RULE, Carrier(_carry_rule, _show_rule))
