"""小时不够了: recorded hours that no longer reach a star somebody holds; the office decides, with a reason.

It may keep the star until another look, take it back, or, where hours were false, take it back and bar the volunteer from applying
for one to three years, which a second person agrees to; who holds no star yet is barred alike. Whatever lowers a record raises the
question, and so does the house-keeper.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.records import totals as queries
from timebank.sentences import Dated, Pair, Sentence
from timebank.stars import publicity
from timebank.stars import standing as stars
from timebank.stars.models import StarApplication, StarReview, StarState, Verdict
from timebank.stars.telling import tell_star
from timebank.visits.actions import correcting
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

FAR_DAY = Sentence.of("in a sentence", "y年M月d日")

LONGEST_KEPT = timedelta(days=183)
LEAST_YEARS, MOST_YEARS = 1, 3


def look() -> int:
    """Look at everybody who holds a star, as the house-keeper does; say how many questions were raised or have settled themselves."""
    holders = select(StarApplication.volunteer_id).where(StarApplication.state == StarState.GRANTED).distinct()
    return _look_at(db.session.scalars(holders.order_by(StarApplication.volunteer_id)).all())


def follow(record: ServiceRecord) -> None:
    """Look at whose record was corrected."""
    _look_at([record.volunteer_id])


correcting.corrected.append(follow)


def _look_at(volunteers: Sequence[int]) -> int:
    """Raise what is not raised yet about some volunteers, and close what their hours have settled; say how many."""
    held, minutes = stars.stars_of(volunteers), queries.minutes_by(volunteers)
    standing = {each.volunteer_id: each for each in _open_of(volunteers)}
    changed = 0
    for number in volunteers:
        level, carried = held[number].level, held[number].carried_by(minutes[number])
        review = standing.get(number)
        if carried < level and review is None and not _is_kept(number, carried):
            changed += _raise(number, level, carried, minutes[number])
        elif carried == level and review is not None:
            _close(review)
            changed += 1
    return changed


def _open_of(volunteers: Iterable[int]) -> Sequence[StarReview]:
    """Return the open questions about some volunteers."""
    rows = select(StarReview).where(StarReview.volunteer_id.in_(list(volunteers)), StarReview.verdict.is_(None))
    return db.session.scalars(rows).all()


def _is_kept(volunteer_id: int, carried: int) -> bool:
    """Say whether the office keeps somebody's star still, knowing that the hours were as low as this."""
    kept = (StarReview.verdict == Verdict.KEEP, StarReview.until >= clock.today(), StarReview.carried <= carried)
    return db.session.scalar(select(StarReview.id).where(StarReview.volunteer_id == volunteer_id, *kept).limit(1)) is not None


def _raise(volunteer_id: int, level: int, carried: int, minutes: int) -> int:
    """Ask the office what becomes of a star, once, also when two find it at the same moment; say how many questions that made."""
    volunteer = db.session.get_one(Volunteer, volunteer_id)
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer_id).with_for_update())
    if _open_of([volunteer_id]):
        return 0
    made = StarReview(
        community_id=volunteer.community_id,
        volunteer_id=volunteer_id,
        level=level,
        carried=carried,
        minutes=minutes,
        raised_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("raise", "star_review", made.id, level=level, carried=carried)
    tell_star(volunteer, Sentence("记录更正后小时不够 %(level)s 星，办公室在核对", level=level))
    return 1


def _close(review: StarReview) -> None:
    """Close a question that the hours have settled."""
    review.verdict, review.decided_at = Verdict.RECOVERED, clock.now()
    db.session.flush()
    audit.record("recovered", "star_review", review.id)


def decide(
    review: StarReview, verdict: Verdict, reason: str, by: User, *, until: date | None = None, years: int | None = None
) -> Proposal | None:
    """Decide what becomes of a star whose hours have fallen; to bar somebody is asked of a second person.

    Whoever had a hand in the hours does not decide that the star is kept; to take it back is open to them.
    """
    _may_decide(review, by, reason)
    if verdict is Verdict.BAR:
        return _propose_bar(review.community_id, _subject(review), reason, years, by)
    if verdict is Verdict.KEEP:
        _must_be_soon(until)
        if (why := publicity.why_had_hand(review.volunteer, by)) is not None:
            raise Conflict(why)
    _settle(review, verdict, reason, by, until=until if verdict is Verdict.KEEP else None)
    return None


def _may_decide(review: StarReview, by: User, reason: str) -> None:
    """Refuse who may not judge, what is settled or waits already, and a decision without a reason."""
    publicity.must_judge(review.volunteer, by)
    _must_be_open(review)
    if waiting_on(Kind.STAR_BAR, _subject(review)) is not None:
        raise Conflict("已经提请因记录不实禁止申请，正在等另一位同事核准。要改，先在“等第二人核准”里撤回或不同意。")
    _must_say_why(reason)


def _must_say_why(reason: str) -> None:
    """Refuse a decision without a reason."""
    if not reason.strip():
        sentence = Sentence("请写明为什么这样定，本人会看到。")
        raise wrong("reason", sentence)


def _must_be_open(review: StarReview) -> None:
    """Refuse to decide twice, or about hours that reach the star again."""
    db.session.execute(select(StarReview.id).where(StarReview.id == review.id).with_for_update())
    db.session.refresh(review)
    if review.verdict is not None:
        raise Conflict("这一条已经定过了。")
    now = stars.standing(review.volunteer)
    if now.carried == now.level:
        raise Conflict("小时又够了，星级照旧，不用再定。")


def _must_be_soon(until: date | None) -> None:
    """Refuse to keep a star without a day for the next look, or for longer than half a year."""
    if until is None or not clock.today() < until <= clock.today() + LONGEST_KEPT:
        last = clock.today() + LONGEST_KEPT
        sentence = Sentence("请写到哪一天再看，从明天起，最晚 %(isoformat)s。", isoformat=last.isoformat())
        raise wrong("until", sentence)


def _settle(review: StarReview, verdict: Verdict, reason: str, by: User, *, until: date | None = None, second: User | None = None) -> None:
    """Write a decision down, take back what is to be taken back, and tell the volunteer."""
    by_id, second_id = by.id, second.id if second else None
    volunteer, level = review.volunteer, review.level
    review.reason, review.until, review.decided_by, review.second_by = reason.strip(), until, by_id, second_id
    review.verdict, review.decided_at = verdict, clock.now()
    taken = _take_back(volunteer, reason) if verdict is not Verdict.KEEP else 0
    db.session.flush()
    audit.record(verdict.value, "star_review", review.id, until=until.isoformat() if until else None)
    day = Dated(until, FAR_DAY) if until else ("", "")
    said = {
        Verdict.KEEP: Sentence("%(level)s 星先保留到 %(day)s再看", level=level, day=day),
        Verdict.WITHDRAW: Sentence("小时不够，%(level)s 星撤下了，原因在网页上", level=level),
        Verdict.BAR: Sentence("记录不实，星级撤下，%(day)s以前不能申请", day=day)
        if taken
        else Sentence("记录不实，%(day)s以前不能申请星级", day=day),
    }
    tell_star(volunteer, said[verdict])


def _take_back(volunteer: Volunteer, reason: str) -> int:
    """Take back the stars that the hours of a volunteer do not reach; say how many."""
    carried = stars.standing(volunteer).carried
    rows = select(StarApplication).where(StarApplication.volunteer_id == volunteer.id, StarApplication.state == StarState.GRANTED)
    found = db.session.scalars(rows.where(StarApplication.level > carried)).all()
    for each in found:
        each.state, each.reason = StarState.WITHDRAWN, reason.strip()
        audit.record("withdraw", "star_application", each.id)
    return len(found)


def _subject(review: StarReview) -> str:
    """Return how a proposal names a question about a star."""
    return f"review:{review.id}"


def bar(volunteer: Volunteer, reason: str, years: int, by: User) -> Proposal:
    """Ask a second person to bar somebody for false hours whose star, if they hold one, is not in question.

    There has to be a record that was corrected downwards: hours nobody has put right yet are not called false.
    """
    publicity.must_judge(volunteer, by)
    _must_say_why(reason)
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    now, subject = stars.standing(volunteer), f"volunteer:{volunteer.id}"
    if _open_of([volunteer.id]):
        raise Conflict("这个人的小时正好不够现在的星级，等你定：请在“小时不够星级了”那里一起定。")
    if now.barred_until is not None:
        raise Conflict("%(day)s 以前已经不能申请了。", day=now.barred_until.isoformat())
    if now.next_hours is None:
        raise Conflict("五颗星都有了，没有再申请的。小时不够了再定。")
    if volunteer.id not in {each.id for each in lowered(volunteer.community_id)}:
        raise Conflict("没有一条记录更正减少过。请先把不实的记录更正，再禁止申请。")
    if waiting_on(Kind.STAR_BAR, subject) is not None:
        raise Conflict("已经提请禁止这个人申请了，正在等另一位同事核准。")
    return _propose_bar(volunteer.community_id, subject, reason, years, by)


def lowered(community_id: int) -> Sequence[Volunteer]:
    """Return whose record of a community was corrected downwards at some time, by name."""
    older, newer = aliased(ServiceRecord), aliased(ServiceRecord)
    same = [getattr(older, name).is_not_distinct_from(getattr(newer, name)) for name in ("visit_id", "round_id", "entry_id", "duty_id")]
    pair = (newer.volunteer_id == Volunteer.id, older.volunteer_id == Volunteer.id, newer.version == older.version + 1, *same)
    rows = select(Volunteer).where(Volunteer.community_id == community_id, exists().where(*pair, newer.minutes < older.minutes))
    return db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id)).all()


def _propose_bar(community_id: int, subject: str, reason: str, years: int | None, by: User) -> Proposal:
    """Ask a second person to bar somebody for false hours."""
    if years is None or not LEAST_YEARS <= years <= MOST_YEARS:
        sentence = Sentence("请写禁止申请几年，%(least_years)s 到 %(most_years)s 年。", least_years=LEAST_YEARS, most_years=MOST_YEARS)
        raise wrong("years", sentence)
    return proposals.propose(Kind.STAR_BAR, community_id, subject, {"years": years}, by, reason=reason)


def _whom(proposal: Proposal) -> Volunteer:
    """Return who is to be barred."""
    if proposal.subject.startswith("volunteer:"):
        return db.session.get_one(Volunteer, proposal.about)
    return db.session.get_one(StarReview, proposal.about).volunteer


def _behind(proposal: Proposal) -> StarReview:
    """Return the question a bar answers; where none was raised about this volunteer, it is raised with it."""
    if not proposal.subject.startswith("volunteer:"):
        review = db.session.get_one(StarReview, proposal.about)
        _must_be_open(review)
        return review
    volunteer = _whom(proposal)
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    if standing := _open_of([volunteer.id]):
        return standing[0]
    now = stars.standing(volunteer)
    if now.next_hours is None:
        raise Conflict("五颗星都有了，没有再申请的。小时不够了再定。")
    made = StarReview(community_id=volunteer.community_id, volunteer=volunteer, level=now.level + 1, carried=now.level, minutes=now.minutes)
    made.raised_at = clock.now()
    db.session.add(made)
    db.session.flush()
    return made


def _carry_bar(proposal: Proposal, by: User | None) -> None:
    """Bar whom two people stand for barring; what they had asked for meanwhile is declined with it."""
    review = _behind(proposal)
    today, years = clock.today(), proposal.terms["years"]
    leap = (today.month, today.day) == (2, 29)
    until = today.replace(year=today.year + years, day=28 if leap else today.day)
    asked = stars.standing(review.volunteer).asked
    if asked is not None and by is not None:
        publicity.decline(asked, by, proposal.reason)
    _settle(review, Verdict.BAR, proposal.reason, proposal.proposer, until=until, second=by)


def _show_bar(proposal: Proposal) -> Shown:
    """Return a bar in words."""
    volunteer, years = _whom(proposal), proposal.terms["years"]
    now = stars.standing(volunteer)
    level, carried = (Sentence("%(level)s 星", level=each) if each else Sentence("没有") for each in (now.level, now.carried))
    return Shown(
        Sentence("%(name)s：记录不实，%(years)s 年不能申请星级", name=volunteer.name, years=years),
        (Change(Sentence("星级"), level, carried),),
    )


def _why_not_bar(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide on a bar: it is about themselves or their family."""
    try:
        publicity.must_judge(_whom(proposal), by)
    except NotAllowed as refused:
        return refused.words
    return None


carriers.register(Kind.STAR_BAR, Carrier(_carry_bar, _show_bar, _why_not_bar))


def reviews(community_id: int) -> Sequence[StarReview]:
    """Return the open questions of a community, oldest first."""
    rows = select(StarReview).where(StarReview.community_id == community_id, StarReview.verdict.is_(None))
    return db.session.scalars(rows.options(joinedload(StarReview.volunteer)).order_by(StarReview.id)).all()


def settled(community_id: int, limit: int = 20) -> Sequence[StarReview]:
    """Return what was decided last in a community."""
    rows = select(StarReview).where(StarReview.community_id == community_id, StarReview.verdict.is_not(None))
    return db.session.scalars(rows.options(joinedload(StarReview.volunteer)).order_by(StarReview.decided_at.desc()).limit(limit)).all()


def review_in(review_id: int, community_id: int | None) -> StarReview | None:
    """Return a question about a star of a community (None = all)."""
    mine = () if community_id is None else (StarReview.community_id == community_id,)
    return db.session.scalar(select(StarReview).where(StarReview.id == review_id, *mine))


def review_of(volunteer: Volunteer) -> StarReview | None:
    """Return the open question about a volunteer's star, else what was decided about it last and still holds."""
    rows = select(StarReview).where(StarReview.volunteer_id == volunteer.id).order_by(StarReview.id.desc()).limit(1)
    last = db.session.scalar(rows)
    holds = last is not None and (last.verdict is None or (last.until is not None and last.until >= clock.today()))
    return last if holds else None
