"""What a case takes along the way: meetings with what was agreed, papers that go out and come back, requests for help."""

from dataclasses import dataclass
from datetime import date

from timebank import audit, clock
from timebank.access.models import User
from timebank.cases.actions.steps import may_work_on, step, worded
from timebank.cases.models import CaseMeeting, CasePaper, Consent, Deed, PaperFate, State, Ticket, TicketRequest
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.visits.actions import asking
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.models import HelpRequest, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """A meeting or visit: on which day, at which minute, where and with whom."""

    day: date
    who: str
    start: int | None = None
    place: str = ""


def meet(ticket: Ticket, by: User, planned: Gathering) -> CaseMeeting:
    """Note a meeting of a case, to come or just held."""
    _must_be_worked_on(ticket, by)
    who = worded(planned.who, "who", "请写下有谁参加。")
    meeting = CaseMeeting(day=planned.day, start=planned.start, place=planned.place.strip(), who=who, noted_by=by.id)
    ticket.meetings.append(meeting)
    db.session.flush()
    step(ticket, Deed.MEET, by, day=planned.day.isoformat(), meeting=meeting.id)
    audit.record("plan", "case_meeting", meeting.id, day=planned.day.isoformat())
    return meeting


def hold(ticket: Ticket, meeting: CaseMeeting, by: User, agreed: str) -> None:
    """Note what was agreed at a meeting; it stays as it is written."""
    _must_be_worked_on(ticket, by)
    if meeting.held_at is not None:
        raise Conflict("这次的结果已经记下了，不能改。有补充请另记一笔。")
    if meeting.day > clock.today():
        raise Conflict("这次还没有到日子，到了那天再记结果。日子变了，请另约一次。")
    said = worded(agreed, "agreed", "请写下说定了什么；没说定就写卡在哪里。")
    meeting.agreed, meeting.held_at = said, clock.now()
    step(ticket, Deed.MET, by, day=meeting.day.isoformat(), meeting=meeting.id)
    audit.record("hold", "case_meeting", meeting.id)


def take_paper(ticket: Ticket, by: User, name: str, *, original: bool = True) -> CasePaper:
    """Note a paper that was taken from somebody."""
    _must_be_worked_on(ticket, by)
    named = worded(name, "paper", "请写下是什么材料。")
    paper = CasePaper(name=named, original=original, taken_at=clock.now(), taken_by=by.id)
    ticket.papers.append(paper)
    db.session.flush()
    step(ticket, Deed.TAKE_PAPER, by, paper=paper.id)
    audit.record("take", "case_paper", paper.id)
    return paper


def end_paper(ticket: Ticket, paper: CasePaper, by: User, fate: PaperFate, whom: str) -> None:
    """Note where a paper went: given back, handed in, or lost, and with whom."""
    may_work_on(ticket, by)
    if paper.fate is not None:
        raise Conflict("这份材料已经记过去处了。")
    paper.whom = worded(whom, "whom", "请写下交给了谁；丢了的写明怎么补。")
    paper.fate, paper.ended_at, paper.ended_by = fate, clock.now(), by.id
    step(ticket, Deed.END_PAPER, by, paper=paper.id, fate=fate.value)
    audit.record("end", "case_paper", paper.id, fate=fate.value)


def ask_help(ticket: Ticket, by: User, wish: Wish) -> HelpRequest:
    """Make a request for help of a ticket; of an elder who is registered it is for them, otherwise by the name that was given."""
    _must_be_worked_on(ticket, by)
    _must_be_willing(ticket)
    home = ticket.building
    place = f"{home.compound.name} {home.name}" if home else ticket.compound.name if ticket.compound else ""
    known = ticket.elder is not None
    asker = Asker(
        source=Source.DESK,
        user=by,
        elder=ticket.elder,
        for_name=None if known else ticket.about or ticket.name,
        for_address=None if known else place or None,
    )
    request = asking.ask_for_help(ticket.community_id, wish, asker)
    db.session.add(TicketRequest(ticket_id=ticket.id, request_id=request.id))
    step(ticket, Deed.ASK_HELP, by, request=request.id)
    audit.record("ask_help", "ticket", ticket.id, request=request.id)
    return request


def kind_named(kinds: list[ServiceKind], code: str) -> ServiceKind:
    """Return the kind of help that was chosen; Invalid when it is not offered any more."""
    chosen = next((each for each in kinds if each.code == code), None)
    if chosen is None:
        raise wrong("kind", "请选一项服务。")
    return chosen


def _must_be_willing(ticket: Ticket) -> None:
    """Refuse to send anybody to a person who does not want it, or was not asked yet."""
    if ticket.consent is Consent.REFUSED:
        raise Conflict("本人说不要人来，不能派人上门。可以再去问一次；还是不要，就记结果。")
    if ticket.consent is Consent.ASKED:
        raise Conflict("是邻居替说的，还没有问过本人。先打电话或上门问一声，记下愿不愿意，再请人来。")


def _must_be_worked_on(ticket: Ticket, by: User) -> None:
    """Refuse what only makes sense while somebody works on a ticket."""
    may_work_on(ticket, by)
    if ticket.state in {State.ENDED, State.CLOSED}:
        raise Conflict("这件已经有结果了。还要办，请先点“重新办”。")
    if ticket.state is State.RECEIVED:
        raise Conflict("这件还没有分类。先定由谁办、哪天办好。")
