"""The machine of a visit: the table that is drawn is the one that holds, one door walks it, and no verb leaves a half-state."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from timebank import clock
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.elders.models import ElderState
from timebank.errors import Refusal
from timebank.rehearsal import invariants
from timebank.visits import states
from timebank.visits.actions import calling_off, confirming, homes, leaving, moving, needs, offering, serving
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, Tie, Trust, Visit, VisitState
from timebank.visits.states import Why
from timebank.volunteers.models import Volunteer

STATES = list(VisitState)
CODE = Path(states.__file__).parents[1]


def drawn() -> Iterator[tuple[VisitState, VisitState, bool]]:
    """Yield what the table in the docstring says: from, to, and whether there is a step."""
    lines = [line.split() for line in (states.__doc__ or "").splitlines() if line.startswith("    ")]
    columns = [VisitState(name) for name in lines[0][3:]]
    for words in lines[1:]:
        cells = [cell for cell in " ".join(words[1:]).replace("called off", "called_off").split(" ") if cell]
        for to, cell in zip(columns, cells, strict=True):
            yield VisitState(words[0]), to, cell != "-"


def test_the_table_that_is_drawn_is_the_machine_that_holds() -> None:
    assert len(list(drawn())) == len(STATES) ** 2
    wrong = [(one.value, other.value) for one, other, step in drawn() if step is not states.may_follow(one, other)]
    assert wrong == []


def test_nobody_but_the_one_door_sets_a_visits_state() -> None:
    writers = set()
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            targets = (
                node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
            )
            for target in ast.walk(ast.Tuple(targets)) if targets else ():
                if isinstance(target, ast.Attribute) and target.attr == "state" and "visit" in ast.unparse(target.value):
                    writers.add(file.relative_to(CODE).as_posix())
    assert writers == {"visits/actions/moving.py"}


@dataclass
class Door:
    """One visit with everybody who has to do with it, by number."""

    visit: int
    offer: int
    volunteer: int
    elder: int
    coordinator: int


def at(state: VisitState) -> Door:
    """Build a haircut at 14:00 that somebody was asked for, and let it come to a state by the product's own verbs."""
    make.set_clock("2026-11-25 13:30")
    community = make.make_community(f"street-{next(make.NUMBERS)}")
    home = make.make_household(community)
    elder = make.make_elder(home)
    kind = db.session.scalars(select(make.ServiceKind)).first() or make.make_kind("HAIR", skills=[])
    request = make.make_request(community, kind, home, elder=elder)
    visit = make.make_visit(request)
    volunteer = make.make_volunteer(community)
    coordinator = make.make_user(Role.COORDINATOR, community)
    made = make.make_offer(visit, volunteer, 14 * 60)
    if state is VisitState.OPEN:
        offering.withdraw(made, Why.REPLANNED.value)
    elif state is VisitState.CANCELLED:
        calling_off.call_off([visit], Why.DESK)
    elif state is not VisitState.OFFERED:
        offering.accept(made)
    if state in {VisitState.UNDER_WAY, VisitState.DONE, VisitState.CONFIRMED}:
        serving.check_in(made, visit.code)
    if state in {VisitState.DONE, VisitState.CONFIRMED}:
        clock.clock.shift += timedelta(minutes=40)
        serving.check_out(made)
    if state is VisitState.CONFIRMED:
        confirming.confirm(visit, Trust.CALL, coordinator)
    if state is VisitState.FAILED:
        serving.report(made, Outcome.REFUSED)
    db.session.flush()
    return Door(visit.id, made.id, volunteer.id, elder.id, coordinator.id)


def offer_of(door: Door) -> Offer:
    return db.session.get_one(Offer, door.offer)


def visit_of(door: Door) -> Visit:
    return db.session.get_one(Visit, door.visit)


def person(door: Door) -> Volunteer:
    return db.session.get_one(Volunteer, door.volunteer)


def elder_of(door: Door) -> make.Elder:
    return db.session.get_one(make.Elder, door.elder)


def office(door: Door) -> User:
    return db.session.get_one(User, door.coordinator)


def changed(door: Door) -> None:
    request: HelpRequest = visit_of(door).request
    request.window_from, request.window_to = 9 * 60, 11 * 60
    needs.follow_need(request)


def back_again(door: Door) -> None:
    homes.pause(elder_of(door), make.WEDNESDAY, make.WEDNESDAY)
    homes.come_back(elder_of(door), elder_of(door).pauses[0], make.WEDNESDAY)


def undone(door: Door) -> None:
    homes.set_state(elder_of(door), ElderState.MOVED)
    homes.set_state(elder_of(door), ElderState.ACTIVE)


def stops(door: Door) -> None:
    person(door).active = False
    leaving.leave(person(door))


VERBS: dict[str, Callable[[Door], object]] = {
    "accepts": lambda door: offering.accept(offer_of(door)),
    "declines": lambda door: offering.decline(offer_of(door), "时间不方便"),
    "is taken back": lambda door: offering.take_back([offer_of(door)], Why.TAKEN_BACK),
    "falls ill": lambda door: leaving.cannot_come(person(door), make.WEDNESDAY, "病了"),
    "takes the day off": lambda door: leaving.take_time_off(person(door), make.WEDNESDAY),
    "stops": stops,
    "must not come": lambda door: homes.tie(visit_of(door).household, person(door), Tie.EXCLUDED),
    "elder is away": lambda door: homes.pause(elder_of(door), make.WEDNESDAY, make.WEDNESDAY),
    "elder is back": back_again,
    "elder dies": lambda door: homes.set_state(elder_of(door), ElderState.DECEASED),
    "elder moved by mistake": undone,
    "need changes": changed,
    "need ends": lambda door: calling_off.cancel_request(visit_of(door).request, make.WEDNESDAY - timedelta(days=1), office(door)),
    "nobody goes": lambda door: calling_off.give_up([visit_of(door)], office(door), "请不到人"),
    "checks in": lambda door: serving.check_in(offer_of(door), visit_of(door).code),
    "checks out": lambda door: serving.check_out(offer_of(door)),
    "finds nobody": lambda door: serving.report(offer_of(door), Outcome.NO_ANSWER),
    "is confirmed": lambda door: confirming.confirm(visit_of(door), Trust.CALL, office(door)),
}


def tried(verb: str, door: Door) -> Refusal | None:
    """Let a verb happen in a write unit of its own; return its refusal."""
    try:
        with transaction():
            VERBS[verb](door)
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize("verb", VERBS)
def test_whatever_happens_in_whatever_state_ends_in_a_whole_state_or_a_sentence(app: Flask, verb: str) -> None:
    with app.app_context():
        for state in STATES:
            with transaction():
                door = at(state)
            assert visit_of(door).state is state
            before = db.session.scalar(select(AuditRow.id).order_by(AuditRow.id.desc()).limit(1)) or 0
            said = tried(verb, door)
            assert said is None or (said.zh.endswith("。") and said.en)
            rows = db.session.scalars(select(AuditRow).where(AuditRow.id > before, AuditRow.verb == "move"))
            steps = [(VisitState(row.detail["before"]), VisitState(row.detail["after"])) for row in rows]
            assert [step for step in steps if not states.may_follow(*step)] == []
            community = visit_of(door).community_id
            checks = (*invariants.QUICK, invariants.holds_are_agreed_visits)
            assert invariants.broken(checks, invariants.view(checks, community)) == [], f"{verb} in {state.value}"


@pytest.mark.parametrize("verb", VERBS)
def test_the_same_again_changes_nothing_more(app: Flask, verb: str) -> None:
    with app.app_context():
        with transaction():
            door = at(VisitState.ACCEPTED)
        seen = []
        for _time in range(2):
            tried(verb, door)
            seen.append((visit_of(door).state, offer_of(door).state, len(visit_of(door).offers)))
        assert seen[0] == seen[1]


def test_a_step_the_machine_does_not_have_is_refused_in_words(app: Flask) -> None:
    with app.app_context(), transaction():
        door = at(VisitState.CONFIRMED)
        with pytest.raises(Refusal, match="moved on meanwhile"):
            moving.move(visit_of(door), VisitState.OPEN)
        assert visit_of(door).state is VisitState.CONFIRMED


def test_who_declines_leaves_the_visit_open_and_is_not_on_it_any_more(app: Flask) -> None:
    with app.app_context(), transaction():
        door = at(VisitState.ACCEPTED)
        offering.decline(offer_of(door), "时间不方便")
        assert visit_of(door).state is VisitState.OPEN
        assert offer_of(door).state is OfferState.DECLINED
        assert offer_of(door).over_at is not None
