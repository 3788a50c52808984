"""分类式办理、多渠道回访: a ticket is sorted to somebody with a day, worked on, ended with an outcome, and closed by a return call."""

from dataclasses import dataclass
from datetime import date

from timebank import audit, clock
from timebank.access.models import User
from timebank.cases.actions.steps import due_day, may_work_on, move, step, worded
from timebank.cases.models import Deed, Heard, Level, Outcome, Sort, State, Ticket, Topic, Way
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.records.workdays import workdays_from
from timebank.volunteers.models import Unit

DAYS = {Sort.PROBLEM: 5, Sort.SUGGESTION: 10, Sort.MEDIATION: 15, Sort.CONSULTATION: 3, Sort.ERRAND: 5}
"""So many working days an office has for each sort, until it says another day."""
CALL_DAYS = 2
AGAIN_DAYS = 1
MOST_TRIES = 3
"""So many calls in vain, and the next one may close a ticket as not reached."""
LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """In whose hands something is: one of the office or a lead, a unit, or somebody outside by name."""

    user: User | None = None
    unit: Unit | None = None
    name: str = ""


def usual_due(sort: Sort) -> date:
    """Return the day by which something of a sort is done, where nobody says another."""
    return workdays_from(clock.today()).after(clock.today(), DAYS[sort])


def sort_out(ticket: Ticket, by: User, *, sort: Sort, topic: Topic, charge: Charge, due: date | None = None, note: str = "") -> None:
    """Say what a ticket is, in whose hands and by when; once it is sorted this gives it to somebody else."""
    may_work_on(ticket, by)
    if charge.user is None and charge.unit is None and not charge.name.strip():
        raise wrong("charge", "请选由谁来办，或写下单位和联系人。")
    day = due_day(due or usual_due(sort))
    if sort is not Sort.MEDIATION and ticket.level not in {None, Level.BUILDING}:
        raise wrong("sort", "这件已经往上一级调解了，不能再改成别的。办完请记结果。")
    move(ticket, State.SORTED)
    ticket.level = (ticket.level or Level.BUILDING) if sort is Sort.MEDIATION else None
    ticket.sort, ticket.topic, ticket.due = sort, topic, day
    ticket.charge, ticket.unit, ticket.charge_name = charge.user, charge.unit, charge.name.strip()
    to = {
        "user": charge.user.id if charge.user else None,
        "unit": charge.unit.id if charge.unit else None,
        "name": bool(ticket.charge_name),
    }
    step(ticket, Deed.SORT, by, note, topic=topic.value, due=day.isoformat(), to=to)
    audit.record("sort", "ticket", ticket.id, sort=sort.value, topic=topic.value, due=day.isoformat())


def begin(ticket: Ticket, by: User, note: str = "") -> None:
    """Take a ticket in hand."""
    may_work_on(ticket, by)
    move(ticket, State.IN_HAND)
    step(ticket, Deed.BEGIN, by, note)
    audit.record("begin", "ticket", ticket.id)


def note(ticket: Ticket, by: User, words: str, due: date | None = None) -> None:
    """Write down what happened meanwhile, with another day where it needs more time."""
    may_work_on(ticket, by)
    said = worded(words, "note", "请写一句，今天做了什么、说了什么。")
    if ticket.state is State.CLOSED:
        raise Conflict("这件已经办结了。有新情况请先点“重新办”，再记。")
    detail: dict[str, object] = {}
    if due is not None and due != ticket.due:
        ticket.due = due_day(due)
        detail["due"] = ticket.due.isoformat()
    step(ticket, Deed.NOTE, by, said, **detail)
    audit.record("note", "ticket", ticket.id, **detail)


def take_over(ticket: Ticket, by: User, reason: str) -> None:
    """Take a ticket into one's own hands, with a reason that stays beside it: from then on its words can be read."""
    why = worded(reason, "reason", "请写一句为什么由你接手，会留在经过里。")
    if ticket.state not in {State.SORTED, State.IN_HAND}:
        raise Conflict("只有正在办的才能接手。新来的请直接分类，办结的请先点“重新办”。")
    ticket.charge, ticket.unit, ticket.charge_name = by, None, ""
    step(ticket, Deed.TAKE_OVER, by, why)
    audit.record("take_over", "ticket", ticket.id)


def raise_level(ticket: Ticket, by: User, reason: str, *, charge: Charge, due: date | None = None) -> None:
    """三级调解: give a mediation to the next level, which has a person and a day of its own."""
    may_work_on(ticket, by)
    if ticket.level is None:
        raise Conflict("只有调解才分三级。请先把它改成调解，再往上转。")
    if ticket.level is Level.STREET:
        raise Conflict("已经在街道一级了。调不成请记“转出”，写明转给哪里（如司法所、法院）。")
    why = worded(reason, "reason", "请写一句这一级为什么没有调成。")
    level = LEVELS[LEVELS.index(ticket.level) + 1]
    sort_out(ticket, by, sort=Sort.MEDIATION, topic=ticket.topic or Topic.DISPUTE, charge=charge, due=due)
    ticket.level = level
    step(ticket, Deed.RAISE, by, why, level=level.value)
    audit.record("raise_level", "ticket", ticket.id, level=level.value)


def end(ticket: Ticket, by: User, outcome: Outcome, answer: str) -> None:
    """Say how the work on a ticket ended; whoever brought it reads the answer, and is called back."""
    may_work_on(ticket, by)
    said = worded(answer, "answer", "请写一句结果，来人会看到；转出的写明转给了谁。")
    move(ticket, State.ENDED)
    ticket.outcome, ticket.tries = outcome, 0
    ticket.due = workdays_from(clock.today()).after(clock.today(), CALL_DAYS)
    step(ticket, Deed.END, by, said, outcome=outcome.value)
    audit.record("end", "ticket", ticket.id, outcome=outcome.value)


def call_back(ticket: Ticket, by: User, heard: Heard, way: Way, words: str = "") -> None:
    """回访: note what whoever brought it says, which closes the ticket; one not reached is called again, three times at least."""
    if way is not Way.ONLINE:
        may_work_on(ticket, by)
    if ticket.state is not State.ENDED:
        raise Conflict("还没有办出结果，先记结果，再回访。")
    if heard is Heard.UNREACHED and ticket.tries < MOST_TRIES:
        _try(ticket, by, way, words)
        return
    if heard in {Heard.PARTLY, Heard.NOT}:
        worded(words, "words", "不满意的，请写下哪里不满意。")
    if ticket.papers_out:
        names = "、".join(each.name for each in ticket.papers_out)
        raise Conflict("还有材料没有还：%(names)s。先在“材料”里记下还给了谁，再办结。", names=names)
    move(ticket, State.CLOSED)
    ticket.heard, ticket.due = heard, None
    step(ticket, Deed.CALL, by, words, heard=heard.value, way=way.value)
    audit.record("call_back", "ticket", ticket.id, heard=heard.value)


def _try(ticket: Ticket, by: User, way: Way, words: str) -> None:
    """Note a call in vain; the next one is due on the next working day."""
    ticket.tries += 1
    ticket.due = workdays_from(clock.today()).after(clock.today(), AGAIN_DAYS)
    step(ticket, Deed.TRY, by, words, way=way.value)
    audit.record("try", "ticket", ticket.id, tries=ticket.tries)


def reopen(ticket: Ticket, by: User, reason: str, due: date | None = None) -> None:
    """Take a ticket up again that was not settled after all; its earlier outcome stays among its steps."""
    may_work_on(ticket, by)
    why = worded(reason, "reason", "请写一句为什么重新办。")
    day = due_day(due or usual_due(ticket.sort))
    move(ticket, State.IN_HAND)
    ticket.outcome, ticket.heard, ticket.due, ticket.tries = None, None, day, 0
    step(ticket, Deed.REOPEN, by, why, due=day.isoformat())
    audit.record("reopen", "ticket", ticket.id, due=day.isoformat())


def answer_oneself(ticket: Ticket, by: User, heard: Heard, words: str) -> None:
    """Let whoever brought it say on their own phone whether they are content: that is the return call."""
    if ticket.brought_by != by.id:
        raise NotAllowed("这件由提的人自己来说满意不满意。")
    if ticket.papers_out:
        names = "、".join(each.name for each in ticket.papers_out)
        raise Conflict("您的材料还没有都还：%(names)s。拿到以后再来说满意不满意。", names=names)
    call_back(ticket, by, heard, Way.ONLINE, words)
