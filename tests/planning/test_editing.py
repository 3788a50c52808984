"""Hand edits by the forms: judged at once, refused with a sentence and a way on, never over another's change."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from matching.advice.assign import Insertion, apply
from matching.model import Plan
from tests.builders import WEDNESDAY, add
from tests.planning.street import Street
from timebank.audit import AuditRow
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import db, transaction
from timebank.elders.models import Household
from timebank.planning.actions import editing
from timebank.visits.models import OfferState, Pairing, Tie, Visit
from timebank.volunteers.models import Volunteer


def test_a_visit_is_given_to_somebody_and_nothing_is_sent(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    answer = street.assign(visit, street.wang, day=WEDNESDAY.isoformat(), start="14:30")
    assert answer.status_code == 303
    assert street.assigned() == [(visit, street.wang)]
    assert street.plan().assignments[0].start == 14 * 60 + 30
    assert street.offers() == []
    assert "王秀芬" in street.page(answer.headers["Location"])
    assert db.session.scalars(select(AuditRow.subject_id).where(AuditRow.verb == "assign")).all() == [str(visit)]


def test_somebody_who_is_away_is_refused_with_the_reason_and_the_choice_is_kept(street: Street) -> None:
    street.away(street.wang)
    street.open()
    visit = street.visits()[0]
    answer = street.assign(visit, street.wang)
    assert answer.status_code == 409
    assert "这样排不行：能上门的王秀芬这些日子没有合适的空闲时段。" in answer.text
    assert f'<option value="{street.wang}" selected>' in answer.text
    assert street.assigned() == []


def test_a_time_outside_what_was_agreed_is_refused(street: Street) -> None:
    street.open()
    answer = street.assign(street.visits()[0], street.wang, start="11:00")
    assert answer.status_code == 409
    assert "和老人约的是 14:00–17:00" in answer.text


def test_a_plan_the_referee_refuses_is_never_stored(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(plan: Plan, found: Insertion) -> Plan:
        made = apply(plan, found)
        late = [replace(route, stops=tuple(replace(stop, start=stop.start + 300) for stop in route.stops)) for route in made.routes]
        return replace(made, routes=tuple(late))

    monkeypatch.setattr(editing, "apply", too_late)
    street.open()
    answer = street.assign(street.visits()[0], street.wang)
    assert answer.status_code == 409
    assert "这样排不行" in answer.text
    assert street.assigned() == []


def test_a_clock_time_that_cannot_be_read_is_named_at_its_field(street: Street) -> None:
    street.open()
    answer = street.assign(street.visits()[0], street.wang, start="下午三点")
    assert answer.status_code == 422
    assert "时间请写成 14:30 这样。" in answer.text
    assert 'value="下午三点"' in answer.text


def test_nobody_chosen_is_refused_at_the_field(street: Street) -> None:
    street.open()
    answer = street.assign(street.visits()[0])
    assert answer.status_code == 422
    assert "请选 1 位" in answer.text


def test_a_ceiling_is_raised_with_a_reason_and_then_the_visit_fits(street: Street) -> None:
    with transaction():
        street.volunteer(street.wang).max_week = street.volunteer(street.wang).max_day = 45
    street.open()
    visit = street.visits()[0]
    refused = street.assign(visit, street.wang)
    assert refused.status_code == 409
    assert "王秀芬本周上限加 45 分钟" in refused.text
    path = f"/plan/visits/{visit}/ceiling"
    assert street.send(path, volunteer=street.wang, minutes=45).status_code == 422
    assert street.send(path, volunteer=street.wang, minutes=45, reason="她自己愿意").status_code == 303
    assert street.plan().ceilings[str(street.wang)]["max_week"] == 90
    assert street.assign(visit, street.wang).status_code == 303
    assert street.assigned() == [(visit, street.wang)]


def test_a_legal_gate_never_yields(street: Street) -> None:
    with transaction():
        home = db.session.scalars(select(Household.id)).one()
        add(Pairing(household_id=home, volunteer_id=street.wang, tie=Tie.EXCLUDED))
    street.open()
    answer = street.assign(street.visits()[0], street.wang)
    assert answer.status_code == 409
    assert "因老人谢绝、性别要求或路程太远不能上门" in answer.text
    assert "这一条不能放宽" in answer.text
    assert "上限加" not in answer.text


def test_a_lacking_skill_is_said_of_the_person(street: Street) -> None:
    with transaction():
        add(Skill(code="hair", name="理发", name_en="Hairdressing"))
        db.session.get_one(ServiceKind, street.kind).skills = ["hair"]
    street.open()
    answer = street.assign(street.visits()[0], street.wang)
    assert answer.status_code == 409
    assert "这样排不行：王秀芬不具备鞠淑贞的上门理发所需的技能（理发）。" in answer.text


def test_a_plan_that_changed_meanwhile_is_not_written_over(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    seen = street.plan().version
    assert street.assign(visit, street.wang).status_code == 303
    late = street.assign(visit, street.zhao, version=seen)
    assert late.status_code == 409
    assert "看现在的计划" in late.text
    assert street.assigned() == [(visit, street.wang)]


def test_a_visit_moves_is_pinned_freed_and_taken_off(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang, start="14:00")
    assert street.assign(visit, street.wang, start="16:00").status_code == 303
    assert street.plan().assignments[0].start == 16 * 60
    assert street.send(f"/plan/visits/{visit}/pin", pinned="true").status_code == 303
    assert street.plan().assignments[0].pinned
    street.send(f"/plan/visits/{visit}/pin", pinned="false")
    assert not street.plan().assignments[0].pinned
    assert street.send(f"/plan/visits/{visit}/unassign").status_code == 303
    assert street.assigned() == []
    assert [each.visit_id for each in street.plan().unserved] == [visit]


def test_a_crew_of_two_needs_both_and_the_second_is_found(street: Street) -> None:
    request = street.one_more("尹德厚")
    street.open()
    visit = street.visit_of(request)
    with transaction():
        db.session.get_one(Visit, visit).crew = 2
    assert street.assign(visit, street.wang).status_code == 303
    assert street.assigned() == [(visit, street.wang), (visit, street.zhao)]


def test_who_else_could_go_is_ranked_with_the_cost(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    page = street.page(f"/plan/visits/{visit}")
    assert "还有谁能去" in page
    assert "现在就是这位" in page
    assert "赵志强" in page
    assert "第一次上门" in page


def test_taking_up_a_fix_serves_the_visit(street: Street) -> None:
    for number in (street.wang, street.zhao):
        street.away(number, 0, 16 * 60 + 15)
    street.open()
    visit = street.visits()[0]
    assert street.assign(visit, street.wang).status_code == 409
    street.send(f"/plan/visits/{visit}/unassign")
    page = street.page(f"/plan?week=2026-W48&day={WEDNESDAY.isoformat()}")
    assert "时间放宽到" in page or " 去</span>" in page
    assert street.send(f"/plan/visits/{visit}/take-up").status_code == 303
    assert [each for each, _who in street.assigned()] == [visit]
    again = street.send(f"/plan/visits/{visit}/take-up")
    assert again.status_code == 409
    assert "已经排上了" in again.text


def test_what_is_past_is_left_alone(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.at("2026-11-26 09:00")
    answer = street.assign(visit, street.wang)
    assert answer.status_code == 409
    assert "已经过去" in answer.text
    assert "自己选人和时间" not in street.page(f"/plan/visits/{visit}")


def test_a_decline_does_not_block_other_edits(street: Street) -> None:
    other = street.one_more()
    street.open()
    first, second = street.visits()[0], street.visit_of(other)
    street.assign(first, street.wang, start="14:00")
    street.publish()
    street.answer(street.wang, accept=False)
    assert street.assign(second, street.wang, start="14:00").status_code == 303
    assert (second, street.wang) in street.assigned()
    refused = street.assign(first, street.wang)
    assert refused.status_code == 409
    assert "这样排不行：王秀芬已经婉拒了这一件。" in refused.text
    assert street.assign(first, street.zhao).status_code == 303
    street.publish()
    assert (first, street.zhao) in street.offers(OfferState.SENT)
    assert street.offers(OfferState.DECLINED) == [(first, street.wang)]


def test_a_stranger_to_the_community_cannot_be_chosen(street: Street) -> None:
    street.open()
    assert street.assign(street.visits()[0], 9999).status_code == 404
    assert db.session.get(Volunteer, 9999) is None
