"""Verbs of the queue at a session: sign up, come, be called in, be served; full sessions have a waiting list that moves up by itself."""

from collections.abc import Mapping

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.elders.models import Elder
from timebank.errors import Conflict, Invalid
from timebank.sentences import Sentence
from timebank.stations import figures, queries
from timebank.stations.actions import telling
from timebank.stations.actions.people import Person
from timebank.stations.actions.sessions import refuse_over, refuse_timeless
from timebank.stations.models import SEATED, Attendance, ServiceSession, Source, Turn
from timebank.stations.words import TURNS

CALLED_IN: Mapping[Turn, frozenset[Turn]] = {
    Turn.WAITING: frozenset({Turn.CANCELLED}),
    Turn.SIGNED_UP: frozenset({Turn.ARRIVED, Turn.NO_SHOW, Turn.CANCELLED}),
    Turn.ARRIVED: frozenset({Turn.CALLED, Turn.CANCELLED, Turn.SIGNED_UP}),
    Turn.CALLED: frozenset({Turn.SERVED, Turn.ARRIVED, Turn.NO_SHOW}),
    Turn.SERVED: frozenset({Turn.CALLED}),
    Turn.NO_SHOW: frozenset({Turn.ARRIVED, Turn.SIGNED_UP}),
    Turn.CANCELLED: frozenset(),
}
"""The steps of a queue in which people are called in one after the other, those back included."""
JUST_COME: Mapping[Turn, frozenset[Turn]] = {
    Turn.WAITING: frozenset({Turn.CANCELLED}),
    Turn.SIGNED_UP: frozenset({Turn.SERVED, Turn.NO_SHOW, Turn.CANCELLED}),
    Turn.ARRIVED: frozenset(),
    Turn.CALLED: frozenset(),
    Turn.SERVED: frozenset({Turn.SIGNED_UP}),
    Turn.NO_SHOW: frozenset({Turn.SERVED, Turn.SIGNED_UP}),
    Turn.CANCELLED: frozenset(),
}
"""The steps where people simply come."""
ON_THE_DAY = frozenset({Turn.ARRIVED, Turn.CALLED, Turn.SERVED, Turn.NO_SHOW})


def steps(session: ServiceSession) -> Mapping[Turn, frozenset[Turn]]:
    """Return where somebody may go from each turn of a session."""
    return CALLED_IN if session.calls_in else JUST_COME


def sign_up(
    session: ServiceSession, person: Person, source: Source, *, boxes: int = 0, asked_by: int | None = None, here: bool = False
) -> Attendance:
    """Give somebody a number; who is ``here`` has come already. Where every seat is taken they stand on the waiting list."""
    lock(session)
    refuse_over(session)
    if session.day < clock.today():
        raise Conflict("这一场的日子已经过了，不能再报名。请看后面的场次。")
    if here and session.day != clock.today():
        raise Conflict("人到了要在当天记。今天只能先报名。")
    refuse_too_young(session, person)
    _refuse_fed_at_home(session, person)
    number = max((each.number for each in session.attendances), default=0) + 1
    taken = queries.seats_taken(session)
    turn = Turn.WAITING if taken >= session.seats else _come(session) if here else Turn.SIGNED_UP
    row = _again(session, person) or Attendance(session_id=session.id, **person.columns())
    row.number, row.source, row.boxes, row.asked_by, row.signed_at = number, source, boxes, asked_by, clock.now()
    row.moved_up, row.told_at = False, None
    _move(row, turn)
    db.session.add(row)
    db.session.flush()
    db.session.expire(session, ["attendances"])
    audit.record("sign_up", "attendance", row.id, session=session.id, turn=row.turn.value)
    return row


def lock(session: ServiceSession) -> None:
    """Let nobody else change a session's queue meanwhile, and see it as it is now."""
    db.session.flush()
    db.session.execute(select(ServiceSession.id).where(ServiceSession.id == session.id).with_for_update())
    db.session.expire(session)


def refuse_too_young(session: ServiceSession, person: Person) -> None:
    """Refuse whoever is not old enough for a session, or whose age nobody knows."""
    if session.min_age is None:
        return
    elder: Elder | None = person.elder
    if elder is None or elder.birth_year is None:
        raise Invalid(
            "这一场给 %(min_age)s 岁以上的老人，%(person)s的出生年份没有登记。请先在老人名册里登记，再来报名。",
            fields={"name": Sentence("没有登记出生年份。")},
            min_age=session.min_age,
            person=person.name,
        )
    age = session.day.year - elder.birth_year
    if age < session.min_age:
        raise Invalid(
            "这一场给 %(min_age)s 岁以上的老人，%(person)s那天 %(age)s 岁。可以请他看别的场次，或者送餐、打包。",
            fields={"name": Sentence("%(age)s 岁，不到 %(min_age)s 岁。", age=age, min_age=session.min_age)},
            min_age=session.min_age,
            person=person.name,
            age=age,
        )


def _refuse_fed_at_home(session: ServiceSession, person: Person) -> None:
    """Refuse a seat at the canteen to whoever has a meal carried home that day: one meal a day, counted once."""
    if session.canteen_id is not None and person.elder is not None and figures.meal_at_home(person.elder, session.day):
        raise Conflict("%(person)s这一天已经有送餐上门，同一餐只记一份。要来食堂吃，请先在老人页上把那天的送餐停掉。", person=person.name)


def _again(session: ServiceSession, person: Person) -> Attendance | None:
    """Return the cancelled row of somebody who signs up again; refuse whoever stands in the queue already."""
    row = next((each for each in session.attendances if each.who == person.who), None)
    if row is None:
        _refuse_namesake(session, person)
        return None
    if row.turn is not Turn.CANCELLED:
        raise Conflict(
            "%(who)s已经报过名了，%(number)s 号，%(stands)s。不用再报。", who=person.name, number=row.number, stands=TURNS[row.turn]
        )
    return row


def _refuse_namesake(session: ServiceSession, person: Person) -> None:
    """Refuse a bare name that stands in the queue already: nobody could tell the two apart."""
    if person.elder is not None or person.phone:
        return
    same = next((each for each in session.attendances if each.name == person.name and each.turn is not Turn.CANCELLED), None)
    if same is not None:
        raise Conflict(
            "已经有一位%(person)s（%(same_number)s 号）。是同一位就不用再报；不是的话，请写上电话。",
            person=person.name,
            same_number=same.number,
        )


def _come(session: ServiceSession) -> Turn:
    """Return what somebody who comes is: waiting to be called in, or simply there."""
    return Turn.ARRIVED if session.calls_in else Turn.SERVED


def _move(row: Attendance, turn: Turn) -> None:
    """Put somebody's turn."""
    row.turn, row.moved_at = turn, clock.now()


def move(row: Attendance, turn: Turn) -> list[Attendance]:
    """Move somebody on in the queue, or back where a click was wrong; return whoever moved up from the waiting list."""
    session = row.session
    lock(session)
    refuse_over(session)
    before = row.turn
    if turn is before:
        return []
    if turn not in steps(session)[before]:
        raise Conflict("%(number)s 号现在是“%(stands)s”，这一步不能点。请看最新的队。", number=row.number, stands=TURNS[before])
    if turn in ON_THE_DAY and session.day != clock.today():
        raise Conflict("到场、叫号只在当天记。")
    if turn is Turn.CALLED:
        _refuse_no_chair(session)
    if turn in SEATED and before not in SEATED and queries.seats_taken(session) >= session.seats:
        raise Conflict("%(seats)s 个名额满了。先加名额，或者等有人取消。", seats=session.seats)
    _move(row, turn)
    db.session.flush()
    audit.record("move", "attendance", row.id, session=session.id, before=before.value, after=turn.value)
    return move_up(session) if before in SEATED and turn not in SEATED else []


def _refuse_no_chair(session: ServiceSession) -> None:
    """Refuse to call in more people than can be served at once."""
    serving = [each for each in session.attendances if each.turn is Turn.CALLED]
    if len(serving) >= session.chairs:
        numbers = [(f"{each.number} 号", str(each.number)) for each in serving]
        raise Conflict("%(numbers)s还没做完，位子都占着。先点做完，再叫下一位。", numbers=numbers)


def move_up(session: ServiceSession) -> list[Attendance]:
    """Give free seats to the first on the waiting list, and tell them; who cannot be told stands on the page to be called."""
    free = session.seats - queries.seats_taken(session)
    moved = [each for each in session.attendances if each.turn is Turn.WAITING][: max(0, free)]
    for each in moved:
        _move(each, Turn.SIGNED_UP)
        each.moved_up = True
        db.session.flush()
        telling.tell_seat(each)
        audit.record("move_up", "attendance", each.id, session=session.id)
    return moved


def change(session: ServiceSession, *, seats: int, chairs: int, start: int, end: int) -> list[Attendance]:
    """Change seats and times of a session; return whoever moves up from the waiting list to more seats."""
    lock(session)
    refuse_over(session)
    refuse_timeless(start, end)
    taken = queries.seats_taken(session)
    if seats < taken:
        raise Invalid(
            "已经有 %(taken)s 位占了名额，不能少于 %(taken)s。要减的话先请几位改场次。",
            fields={"seats": Sentence("不能少于 %(taken)s。", taken=taken)},
            taken=taken,
        )
    if (start, end) != (session.start, session.end) and queries.hosts(session):
        raise Conflict("来服务的人答应的是原来的时间。请先把他们去掉，改好时间再请一遍。")
    session.seats, session.chairs, session.start, session.end = seats, chairs, start, end
    db.session.flush()
    audit.record("change", "service_session", session.id, seats=seats)
    return move_up(session)


def told(row: Attendance) -> None:
    """Note that somebody who moved up was told on the telephone."""
    if not row.moved_up or row.told_at is not None:
        raise Conflict("这一位不用再打电话了。")
    row.told_at = clock.now()
    audit.record("tell", "attendance", row.id)
