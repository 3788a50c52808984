"""The week's page: what is asked for, the button that plans it, the board, what is sent to whom and to nobody else."""

import pytest
from sqlalchemy import func, select

from tests.builders import WEDNESDAY, make_community
from tests.planning.street import Street
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.planning.actions import runs
from timebank.planning.models import PlanRun, PlanState, RunKind, RunState
from timebank.visits.models import HelpRequest, Offer, OfferState

WEEK = "2026-W48"
THAT_DAY = f"/plan?week={WEEK}&day={WEDNESDAY.isoformat()}"


def test_before_planning_the_page_says_what_is_asked_for(street: Street) -> None:
    street.one_more()
    page = street.page(f"/plan?week={WEEK}")
    assert "这一周有 2 件需求，还没有排" in page
    assert "2 位志愿者报了空闲时段" in page
    assert "上门理发" in page
    assert "排这一周" in page
    assert "/plan?week=2026-W47" in page
    assert "/plan?week=2026-W49" in page


def test_a_week_without_needs_says_so(street: Street) -> None:
    assert "这一周还没有需求" in street.page("/plan?week=2026-W50")
    assert "这一周已经过去了" in street.page("/plan?week=2026-W40")


def test_one_button_plans_the_week_and_nothing_is_sent(street: Street) -> None:
    street.meals(3)
    answer = street.browser.send("/plan/solve", week=WEEK)
    assert answer.status_code == 303
    run = street.page(answer.headers["Location"])
    assert "第 48 周排好了" in run
    assert "4 件" in run
    assert street.offers() == []
    assert street.plan().week.isoformat() == "2026-11-23"
    page = street.page(THAT_DAY)
    assert "还没有发布" in page
    assert "本周 <b>4</b>" in " ".join(page.split())
    assert "3 户 3 份" in page
    assert "理发" in page
    assert "已复核，没有违反任何一条硬规则" in page


def test_publishing_asks_those_it_touches_and_nobody_else(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    before = db.session.scalar(select(func.count(Notice.id)))
    answer = street.publish()
    assert answer.status_code == 303
    assert "已发布，1 人会收到消息。" in street.page(answer.headers["Location"])
    assert street.offers(OfferState.SENT) == [(visit, street.wang)]
    assert street.plan().state is PlanState.PUBLISHED
    told = db.session.scalars(select(Notice.user_id).order_by(Notice.id)).all()[before or 0 :]
    assert told == [street.volunteer(street.wang).user_id]
    assert "发布这" not in street.page(THAT_DAY)


def test_publishing_twice_asks_once(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    version = street.plan().version
    first = street.publish(key="the-same-form", version=version)
    second = street.publish(key="the-same-form", version=version)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert street.offers() == [(visit, street.wang)]
    assert db.session.scalar(select(func.count(AuditRow.id)).where(AuditRow.verb == "publish")) == 1


def test_a_stale_plan_is_not_published_and_the_page_has_a_way_out(street: Street) -> None:
    street.open()
    seen = street.plan().version
    street.assign(street.visits()[0], street.wang)
    answer = street.publish(version=seen)
    assert answer.status_code == 409
    assert "周计划又改过" in answer.text
    assert f'href="/plan?week={WEEK}"' in answer.text
    assert street.offers() == []


def test_a_later_change_touches_only_its_own_people(street: Street) -> None:
    other = street.one_more()
    street.open()
    first, second = street.visits()[0], street.visit_of(other)
    street.assign(first, street.wang, start="14:00")
    street.assign(second, street.zhao, start="14:00")
    street.publish()
    street.answer(street.wang, accept=True)
    street.assign(second, street.zhao, start="16:00")
    page = street.page(f"/plan/diff?week={WEEK}")
    assert "1 人会收到消息，其余 1 人不受打扰" in page
    assert "14:00" in page
    assert "16:00" in page
    assert "已接受和锁定的都没有动" in page
    street.publish()
    assert (first, street.wang) in street.offers(OfferState.ACCEPTED)
    assert street.offers(OfferState.WITHDRAWN) == [(second, street.zhao)]
    assert street.offers(OfferState.SENT) == [(second, street.zhao)]


def test_a_shift_of_a_few_minutes_disturbs_nobody(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang, start="14:00")
    street.publish()
    street.answer(street.wang, accept=True)
    street.assign(visit, street.wang, start="14:10")
    assert "没有人会收到消息" in street.page(THAT_DAY)
    street.publish()
    assert street.offers() == [(visit, street.wang)]
    forget_reads()
    assert db.session.scalars(select(Offer.start)).one() == 14 * 60 + 10


@pytest.mark.parametrize(("shifted", "heard"), [("14:15", False), ("14:16", True)])
def test_a_quarter_of_an_hour_disturbs_nobody_and_a_minute_more_is_asked_anew(street: Street, shifted: str, heard: bool) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang, start="14:00")
    street.publish()
    street.answer(street.wang, accept=True)
    street.assign(visit, street.wang, start=shifted)
    street.publish()
    assert street.offers(OfferState.WITHDRAWN) == ([(visit, street.wang)] if heard else [])
    assert street.offers(OfferState.SENT) == ([(visit, street.wang)] if heard else [])


def test_taking_a_visit_off_takes_the_offer_back(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    street.publish()
    street.send(f"/plan/visits/{visit}/unassign")
    assert "不用去了" in street.page(f"/plan/diff?week={WEEK}")
    street.publish()
    assert street.offers(OfferState.WITHDRAWN) == [(visit, street.wang)]


def test_after_a_decline_one_button_asks_others_and_leaves_the_rest_in_peace(street: Street) -> None:
    other = street.one_more()
    street.open()
    first, second = street.visits()[0], street.visit_of(other)
    street.assign(first, street.wang, start="14:00")
    street.assign(second, street.zhao, start="15:00")
    street.publish()
    street.answer(street.zhao, accept=True)
    street.answer(street.wang, accept=False)
    page = street.page(THAT_DAY)
    assert "1 人婉拒了，1 件要另请人。" in page
    assert "那天要去医院" in page
    assert "重新安排" in page
    answer = street.browser.send("/plan/replan", week=WEEK)
    forget_reads()
    run = db.session.scalars(select(PlanRun)).one()
    assert answer.headers["Location"] == f"/plan/runs/{run.id}"
    assert (run.kind, run.state, run.kept) == (RunKind.REPLAN, RunState.DONE, True)
    assert street.assigned() == [(first, street.zhao), (second, street.zhao)]
    assert "1 人婉拒了" not in street.page(THAT_DAY)
    street.publish()
    assert (first, street.zhao) in street.offers(OfferState.SENT)
    assert (second, street.zhao) in street.offers(OfferState.ACCEPTED)


def test_somebody_who_fell_away_after_planning_is_not_asked_and_holds_up_nobody(street: Street) -> None:
    other = street.one_more()
    street.open()
    street.assign(street.visits()[0], street.wang)
    street.assign(street.visit_of(other), street.zhao)
    street.away(street.wang)
    assert street.publish().status_code == 303
    assert street.offers() == [(street.visit_of(other), street.zhao)]
    assert street.assigned() == [(street.visit_of(other), street.zhao)]


def test_the_list_by_volunteer_shows_the_whole_week(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang, start="14:00")
    page = street.page(f"/plan?week={WEEK}&view=volunteers")
    assert "14:00–14:40" in page
    assert "王秀芬" in page


def test_time_off_is_shown_on_the_board(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    street.away(street.zhao)
    page = street.page(THAT_DAY)
    assert "赵志强" in page
    assert "请假" in page


def test_the_board_can_be_narrowed(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    assert "王秀芬" in street.page(f"{THAT_DAY}&show=home")
    assert "这一天没有安排" in street.page(f"{THAT_DAY}&show=waiting")


@pytest.mark.parametrize(
    "query", ["week=2026-W99", "week=next", "day=tomorrow", "volunteer=x", "show=all%00", "view=map", f"volunteer={2**63}"]
)
def test_an_address_that_cannot_be_read_is_refused_in_words(street: Street, query: str) -> None:
    answer = street.browser.get(f"/plan?{query}")
    assert answer.status_code == 422
    assert "地址里的内容不对" in answer.text


@pytest.mark.parametrize("said", [{}, {"week": "x"}, {"week": WEEK}, {"week": WEEK, "version": 2**63}, {"week": WEEK, "version": "NaN"}])
def test_a_form_that_is_not_whole_is_refused_in_words(street: Street, said: dict[str, str]) -> None:
    street.open()
    answer = street.browser.send("/plan/publish", **said)
    assert answer.status_code == 422
    assert "这一页不完整" in answer.text or "没有这一周" in answer.text


def test_another_communitys_plan_is_not_found(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    with transaction():
        runs.queue_run(street.plan(), RunKind.SOLVE, 15, send=False)
    version = street.plan().version
    with transaction():
        other = make_community("other-street", name="别处社区").id
    browser = street.sign_in(Role.COORDINATOR, other)
    assert browser.get(f"/plan/visits/{visit}").status_code == 404
    assert browser.get("/plan/runs/1").status_code == 404
    assert browser.get("/plan/runs/1/events").status_code == 404
    assert browser.get(f"/plan/diff?week={WEEK}").status_code == 404
    assert browser.send("/plan/runs/1/take").status_code == 404
    assert browser.send("/plan/publish", week=WEEK, version=version).status_code == 404
    assert browser.send(f"/plan/visits/{visit}/assign", version=version, volunteers=[street.wang]).status_code == 404
    assert "王秀芬" not in browser.get(THAT_DAY).text


def test_an_inspector_sees_the_plan_and_no_forms(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    reader = street.sign_in(Role.INSPECTOR)
    page = reader.get(THAT_DAY).text
    assert "周计划" in page
    assert "/plan/publish" not in page
    assert "/plan/solve" not in page
    assert "/assign" not in reader.get(f"/plan/visits/{street.visits()[0]}").text
    assert reader.send("/plan/solve", week=WEEK).status_code == 403


def test_what_came_in_since_the_week_was_planned_stands_on_the_board_with_the_way_on(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    street.publish()
    assert "件新的还没排" not in street.page(f"/plan?week={WEEK}")
    street.one_more()
    street.open()
    page = street.page(f"/plan?week={WEEK}")
    banner = page.split("1 件新的还没排", 1)[1].split("</form>", 1)[0]
    assert "理发" in banner
    assert "/plan/replan" in banner
    assert "重新安排" in banner
    assert page.count("重新安排</span>") == 1


def test_an_emergency_is_not_counted_among_what_is_still_to_be_planned(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    request = street.one_more()
    street.open()
    with transaction():
        db.session.get_one(HelpRequest, request).urgent = True
    assert "件新的还没排" not in street.page(f"/plan?week={WEEK}")


def test_what_is_too_late_is_said_and_the_rest_can_still_be_published(street: Street) -> None:
    street.open()
    first = street.visits()[0]
    street.assign(first, street.wang, day="2026-11-25", start="14:00")
    request = street.one_more()
    street.open()
    second = street.visit_of(request)
    street.assign(second, street.zhao, day="2026-11-25", start="16:00")
    street.at("2026-11-25 14:10")
    board = street.page(f"/plan?week={WEEK}&day=2026-11-25")
    assert "时间已过，没发" in board
    assert "发布这 1 处改动" in board
    assert "在“今天 · 要有人去”里" in board
    diff = street.page(f"/plan/diff?week={WEEK}")
    assert "这次发不出去的 1 处" in diff
    assert "去“今天”另请人" in diff
    assert "能发的 1 处照发" in diff
    assert street.publish().status_code == 303
    assert street.offers() == [(second, street.zhao)]


def test_with_nothing_that_can_be_sent_there_is_no_button_and_a_way_on(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang, day="2026-11-25", start="14:00")
    street.at("2026-11-25 14:10")
    diff = street.page(f"/plan/diff?week={WEEK}")
    assert "现在没有能发出去的" in diff
    assert "发布这" not in diff
    assert "去“今天”另请人" in diff
