"""公示: an application for a star is looked at by one person, public for some working days, and granted by a second one.

While it is public anybody may object; what was objected is answered by somebody else than whoever wrote it down or had a hand in the
hours, and nothing is granted before, nor by such a hand afterwards. Names stand on the public list only of who agreed to stand on the honour list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.records import totals as queries
from timebank.records.hands import Hands
from timebank.records.workdays import workdays_from
from timebank.sentences import Sentence, the_day
from timebank.stars import standing as stars
from timebank.stars.models import DeskAct, HonourConsent, How, StarApplication, StarObjection, StarState
from timebank.stars.telling import tell_decided, tell_published, tell_star
from timebank.visits.actions.kin import is_kin
from timebank.volunteers.models import Volunteer


def must_judge(volunteer: Volunteer, by: User) -> None:
    """Refuse whoever would judge about themselves or their family."""
    if volunteer.user_id == by.id or volunteer.phone == by.phone:
        raise NotAllowed("不能审核自己的星级，请另一位同事来办。")
    if is_kin(by, volunteer):
        raise NotAllowed("不能审核亲属的星级，请另一位同事来办。")


def why_had_hand(volunteer: Volunteer, by: User) -> tuple[str, str] | None:
    """Return that somebody had a hand in the hours behind a volunteer's star and who had none, in both languages; None when they had none."""
    records = queries.records_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1))
    way = Hands(volunteer.community_id, records).way(by, *records)
    return Sentence("这一星的记录里有你经手的。%(way)s", way=way) if way is not None else None


def publish(application: StarApplication, by: User) -> None:
    """Make an application public for the community's days; somebody else grants it afterwards."""
    must_judge(application.volunteer, by)
    _must_be(application, StarState.ASKED)
    _must_reach(application)
    by_id, days = one_hand.maker(by), stars.rule_of(application.community_id).days
    until = workdays_from(clock.today()).after(clock.today(), days)
    application.published_at, application.published_by, application.public_until = clock.now(), by_id, until
    application.state = StarState.PUBLISHED
    db.session.flush()
    audit.record("publish", "star_application", application.id, until=until.isoformat())
    tell_published(application, until)


def grant(application: StarApplication, by: User) -> None:
    """Grant a star whose publicity is over without an objection that stands; never by whoever made it public or wrote it down."""
    must_judge(application.volunteer, by)
    _must_be(application, StarState.PUBLISHED)
    if (why := why_not_grant(application, by)) is not None:
        raise Conflict(why)
    _must_reach(application)
    _decide(application, StarState.GRANTED, by)
    tell_decided(application, granted=True)


def why_not_grant(application: StarApplication, by: User) -> tuple[str, str] | None:
    """Return why somebody may not grant a public application now, in both languages; None when they may."""
    until = application.public_until
    if one_hand.is_one(application.published_by, by):
        return one_hand.why_one(application.published_by, by) or Sentence("是你公示的，要由另一位同事来通过。")
    if one_hand.is_one(written_by(application), by):
        return one_hand.why_one(written_by(application), by) or Sentence("是你代本人写的申请，要由另一位同事来通过。")
    if until is not None and clock.today() <= until:
        return Sentence("公示到 %(day)s，第二天起才能通过。", day=the_day(until))
    if any(each.answered_at is None for each in application.objections):
        return Sentence("公示期间的异议还没有答复，先答复再通过。")
    return why_had_hand(application.volunteer, by) if application.objections else None


def written_by(application: StarApplication) -> int | None:
    """Return who of the desk wrote an application down in the volunteer's name."""
    return db.session.scalar(select(DeskAct.written_by).where(DeskAct.application_id == application.id))


def decline(application: StarApplication, by: User, reason: str) -> None:
    """Decline an application, also while it is public; the volunteer reads why."""
    must_judge(application.volunteer, by)
    _must_be(application, *stars.WAITING)
    if not reason.strip():
        sentence = Sentence("请写明不通过的原因，本人会看到。")
        raise wrong("reason", sentence)
    application.reason = reason.strip()
    _decide(application, StarState.DECLINED, by)
    tell_decided(application, granted=False)


def _decide(application: StarApplication, ended: StarState, by: User) -> None:
    """Write down how an application ended."""
    by_id = by.id  # read before the row changes: loading a user would store the row half changed
    application.decided_by, application.decided_at, application.state = by_id, clock.now(), ended
    db.session.flush()
    audit.record(ended.value, "star_application", application.id)


def _must_be(application: StarApplication, *states: StarState) -> None:
    """Refuse what has moved on, also when a colleague moved it a moment ago."""
    db.session.execute(select(StarApplication.id).where(StarApplication.id == application.id).with_for_update())
    db.session.refresh(application)
    if application.state not in stars.WAITING:
        raise Conflict("这份申请已经有结果了。")
    if application.state not in states:
        if application.state is StarState.ASKED:
            raise Conflict("还没有公示，先公示再通过。")
        raise Conflict("已经在公示了。")


def _must_reach(application: StarApplication) -> None:
    """Refuse a star whose hours have fallen since it was asked for, or whose volunteer lost the one before."""
    now = stars.standing(application.volunteer)
    if now.carried + 1 < application.level or now.minutes < application.needed:
        raise Conflict("申请以后记录有过更正，现在不够这一星了。请不通过，并写明原因。")


def object_to(application: StarApplication, words: str, how: How, by: User) -> StarObjection:
    """Write down what somebody says against a star that is public; it is answered before anything is granted."""
    _must_be(application, StarState.PUBLISHED)
    if not words.strip():
        sentence = Sentence("请写对方说哪里不对。")
        raise wrong("words", sentence)
    said = StarObjection(application=application, words=words.strip(), how=how, raised_at=clock.now(), noted_by=one_hand.maker(by))
    db.session.add(said)
    db.session.flush()
    audit.record("object", "star_application", application.id, objection=said.id, how=how.value)
    tell_star(application.volunteer, Sentence("%(level)s 星公示时有人提了意见，办公室在核对", level=application.level))
    return said


def answer(objection: StarObjection, answer_words: str, by: User, *, upheld: bool) -> None:
    """Answer an objection; one that is right declines the star with it."""
    application = objection.application
    must_judge(application.volunteer, by)
    if objection.answered_at is not None:
        raise Conflict("这条意见已经答复过了。")
    if one_hand.is_one(objection.noted_by, by):
        raise Conflict("是你记下的意见，要由另一位同事核对、答复。")
    if (why := why_had_hand(application.volunteer, by)) is not None:
        raise Conflict(why)
    if not answer_words.strip():
        sentence = Sentence("请写核对的结果。")
        raise wrong("answer", sentence)
    by_id = by.id
    objection.answer, objection.upheld = answer_words.strip(), upheld
    objection.answered_at, objection.answered_by = clock.now(), by_id
    db.session.flush()
    audit.record("answer", "star_objection", objection.id, upheld=upheld)
    if upheld and application.state is StarState.PUBLISHED:
        decline(application, by, answer_words)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the public list of applications: a masked name, nothing where nobody agreed to it; the star, until when."""

    name: str
    level: int
    until: date


def public(community_id: int) -> list[Shown]:
    """Return what is public in a community now: no star that the hours do not reach, no name of somebody who did not agree."""
    rows = stars.applications(community_id, StarState.PUBLISHED)
    minutes = queries.minutes_by(each.volunteer_id for each in rows)
    agreed = set(db.session.scalars(select(HonourConsent.volunteer_id).where(HonourConsent.volunteer_id.in_(minutes))))
    return [
        Shown(mask_name(each.volunteer.name) if each.volunteer_id in agreed else "", each.level, each.public_until)
        for each in rows
        if each.public_until is not None and clock.today() <= each.public_until and minutes[each.volunteer_id] >= each.needed
    ]


def objection_in(objection_id: int, community_id: int | None) -> StarObjection | None:
    """Return an objection to a star of a community (None = all)."""
    mine = () if community_id is None else (StarApplication.community_id == community_id,)
    rows = select(StarObjection).join(StarObjection.application).where(StarObjection.id == objection_id, *mine)
    return db.session.scalar(rows.options(joinedload(StarObjection.application)))


def open_objections(community_id: int) -> Sequence[StarObjection]:
    """Return what was said against public stars of a community and waits for an answer."""
    rows = select(StarObjection).join(StarObjection.application).where(StarApplication.community_id == community_id)
    return db.session.scalars(rows.where(StarObjection.answered_at.is_(None)).order_by(StarObjection.id)).all()
