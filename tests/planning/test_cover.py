"""要有人去 on Today: what nobody is going to do, who could go, and one press to ask, to enter an answer, or to decide otherwise."""

import re
from typing import Any

import pytest

from tests import builders as make
from tests.planning.street import Street
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.places.models import Canteen, Community
from timebank.planning import cover, taking
from timebank.today import sheets
from timebank.visits.actions import offering
from timebank.visits.models import BoxFate, LateMeal, Offer, OfferState, Trust, Visit, VisitState
from timebank.volunteers.models import Availability


def lost_round(street: Street, doors: int = 3) -> list[int]:
    """Let a round of Wednesday be planned, accepted by Wang, and declined by her at 10:10; return its visits."""
    street.meals(doors)
    street.open()
    meals = [number for number in street.visits() if db.session.get_one(Visit, number).canteen_id]
    for number in meals:
        assert street.assign(number, street.wang, day="2026-11-25", start="").status_code == 303
    assert street.publish().status_code == 303
    street.answer(street.wang, accept=True)
    street.at("2026-11-25 10:10")
    street.answer(street.wang, accept=False)
    street.at("2026-11-25 10:15")
    return meals


def keys(street: Street) -> list[tuple[str, str, int]]:
    """Return the lines of today and tomorrow: key, state and how many doors."""
    forget_reads()
    return [(line.key, line.state, len(line.visits)) for line in cover.lines(street.community)]


def row(page: str, key: str) -> str:
    """Return the piece of the page that is one line."""
    return page.split(f'id="line-{key}"', 1)[1].split('<li class="open-row', 1)[0]


def asking(page: str, key: str) -> dict[str, Any]:
    """Return what the first button of an unfolded line would send."""
    form = row(page, key).split('action="/today/ask"', 1)[1].split("</form>", 1)[0]
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', form) for name in ("ask", "last", "day")}


def messages(street: Street, template: str) -> list[str]:
    """Return the messages that were written of a kind."""
    forget_reads()
    return [row.text for row in db.session.query(Notice).filter_by(template=template)]


def offers_of(visits: list[int], who: int) -> list[Offer]:
    """Return what somebody was asked for among some visits."""
    forget_reads()
    return [made for number in visits for made in db.session.get_one(Visit, number).offers if made.volunteer_id == who]


def test_a_declined_round_stands_above_all_with_its_minutes_and_why(street: Street) -> None:
    lost_round(street)
    page = street.page("/today")
    key = keys(street)[0][0]
    first = row(page, key)
    assert "没人" in first
    assert "王秀芬 10:10 说去不了：那天要去医院" in first
    assert "送餐 3 户 3 份" in first
    assert re.search(r'<b class="figure">\d+</b> <span class="unit">分钟</span>', first)
    assert page.index('id="open"') < page.index("今天没有送餐")


def test_the_count_stands_in_the_title_the_navigation_and_the_head(street: Street) -> None:
    lost_round(street)
    page = street.page("/today")
    said = len([state for _key, state, _doors in keys(street) if state == cover.NOBODY])
    assert f"<title>({said}) 今天" in page
    assert f'<span class="count urgent">{said}<' in page
    assert f"{said} 处没人去" in page.split('role="alert"', 1)[1][:300]


def test_a_day_on_which_all_goes_as_agreed_has_no_such_card(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    street.publish()
    street.answer(street.wang, accept=True)
    street.at("2026-11-25 09:00")
    page = street.page("/today")
    assert 'id="open"' not in page
    assert "<title>今天" in page
    assert "count urgent" not in page.split("</nav>", 1)[0]


def test_the_first_line_is_unfolded_with_people_and_the_others_are_not_worked_out(street: Street) -> None:
    lost_round(street)
    page = street.page("/today")
    first, second = (key for key, state, _doors in keys(street) if state == cover.NOBODY)
    assert "赵志强" in row(page, first)
    assert "请她接整轮 3 户" in row(page, first)
    assert "去不了" not in asking(page, first)["ask"]
    assert 'class="takers' not in row(page, second)
    unfolded = street.page(f"/today?open={second}")
    assert 'class="takers' in row(unfolded, second)
    assert 'class="takers' not in row(unfolded, first)


def test_whoever_declined_is_not_named_again(street: Street) -> None:
    lost_round(street)
    key = keys(street)[0][0]
    takers = row(street.page("/today"), key).split('class="takers', 1)[1]
    assert "王秀芬" not in takers


def test_one_press_asks_for_the_whole_round_and_writes_one_message(street: Street) -> None:
    meals = lost_round(street)
    page = street.page("/today")
    key = keys(street)[0][0]
    answer = street.browser.send("/today/ask", **asking(page, key))
    assert answer.status_code == 303
    assert len(messages(street, "now")) == 1
    assert [made.state for made in offers_of(meals, street.zhao)] == [OfferState.SENT] * 3
    shown = street.page(answer.location)
    mine = next(key for key, state, _doors in keys(street) if state == cover.ASKED)
    assert "刚问，等回话" in row(shown, mine)
    assert "她答应了" in row(shown, mine)
    assert "已请赵志强" in shown
    assert f"line-{mine}" in answer.location


def test_the_same_press_twice_asks_once(street: Street) -> None:
    meals = lost_round(street)
    fields = asking(street.page("/today"), keys(street)[0][0])
    first = street.browser.send("/today/ask", key="one-press-only", **fields)
    again = street.browser.send("/today/ask", key="one-press-only", **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert len(messages(street, "now")) == 1
    assert len(offers_of(meals, street.zhao)) == 3


def test_a_second_coordinator_who_saw_the_page_before_gets_a_sentence(street: Street) -> None:
    meals = lost_round(street)
    fields = asking(street.page("/today"), keys(street)[0][0])
    other = street.sign_in(Role.COORDINATOR)
    street.browser.send("/today/ask", **fields)
    answer = other.send("/today/ask", **fields)
    assert answer.status_code == 303
    assert "已经请了赵志强，这次没有再发" in other.get(answer.location).text
    assert len(messages(street, "now")) == 1
    assert len(offers_of(meals, street.zhao)) == 3


def test_what_somebody_accepted_meanwhile_is_not_asked_again(street: Street) -> None:
    meals = lost_round(street)
    fields = asking(street.page("/today"), keys(street)[0][0])
    street.browser.send("/today/ask", **fields)
    street.answer(street.zhao, accept=True)
    late = {**fields, "last": [str(max(made.id for made in offers_of(meals, street.zhao)))]}
    answer = street.browser.send("/today/ask", **late)
    assert "已经有人去了" in street.page(answer.location)


def test_a_yes_on_the_telephone_settles_the_line_for_ten_minutes(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    offers = [made.id for made in offers_of(meals, street.zhao)]
    answer = street.browser.send("/today/answer", offer=offers, said="yes")
    shown = street.page(answer.location)
    assert "记下了，赵志强去" in shown
    assert "有人了" in shown
    assert {made.answered_by for made in offers_of(meals, street.zhao)} == {Trust.DESK}
    street.at("2026-11-25 10:26")
    assert cover.SETTLED not in {state for _key, state, _doors in keys(street)}


def test_a_no_on_the_telephone_unfolds_the_line_for_the_next(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    offers = [made.id for made in offers_of(meals, street.zhao)]
    answer = street.browser.send("/today/answer", offer=offers, said="no")
    shown = street.page(answer.location)
    assert "赵志强去不了。下一位在下面" in shown
    assert keys(street)[0][1] == cover.NOBODY
    assert "现在没有人能去" in row(shown, keys(street)[0][0])


def test_an_answer_given_by_themselves_meanwhile_stands(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    offers = [made.id for made in offers_of(meals, street.zhao)]
    street.answer(street.zhao, accept=True)
    answer = street.browser.send("/today/answer", offer=offers, said="no")
    assert "赵志强刚才自己答应了，没有再改" in street.page(answer.location)
    assert {made.state for made in offers_of(meals, street.zhao)} == {OfferState.ACCEPTED}


def test_what_was_asked_is_taken_back_and_said(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    offers = [made.id for made in offers_of(meals, street.zhao)]
    answer = street.browser.send("/today/answer", offer=offers, said="back")
    assert "收回了" in street.page(answer.location)
    assert {made.state for made in offers_of(meals, street.zhao)} == {OfferState.WITHDRAWN}
    assert messages(street, "cancelled") or messages(street, "settled") or messages(street, "handed_over")


def test_a_round_is_shown_door_by_door_and_one_door_is_asked_for(street: Street) -> None:
    meals = lost_round(street)
    key = keys(street)[0][0]
    page = street.page(f"/today?open={key}&by=door")
    assert row(page, key).count("请赵志强") == 3
    answer = street.browser.send("/today/ask", **asking(page, key), stay=key)
    assert row(street.page(answer.location), key).count("请赵志强") == 2
    assert len(offers_of(meals, street.zhao)) == 1
    assert (cover.NOBODY, 2) in {(state, doors) for _key, state, doors in keys(street)}


def test_a_round_in_two_halves_asks_both_people_by_one_press(street: Street) -> None:
    with transaction():
        third = make.make_volunteer(db.session.get_one(Community, street.community), "孙立", make.make_user().id)
        make.add(Availability(volunteer_id=third.id, weekday=2, start=480, end=1080))
        number = third.id
    meals = lost_round(street, 4)
    key = keys(street)[0][0]
    page = street.page(f"/today?open={key}&by=half")
    form = row(page, key).split('class="under"', 1)[1]
    chosen = re.findall(r'name="ask" value="([^"]*)"', form)
    last = re.findall(r'name="last" value="([^"]*)"', form)
    assert len(chosen) == 2
    street.browser.send("/today/ask", ask=chosen, last=last, day="2026-11-25")
    assert {len(offers_of(meals, who)) for who in (street.zhao, number)} == {2}
    assert len(messages(street, "now")) == 2


def test_nobody_goes_needs_a_reason_and_keeps_the_line_open(street: Street) -> None:
    meals = lost_round(street)
    answer = street.browser.send("/today/give-up", visit=meals, reason=" ")
    assert answer.status_code == 422
    assert "请写一句" in answer.text
    assert db.session.get_one(Visit, meals[0]).state is VisitState.OPEN


def test_nobody_goes_with_a_reason_names_whom_to_telephone(street: Street) -> None:
    meals = lost_round(street)
    answer = street.browser.send("/today/give-up", visit=meals, reason="下大雪，路封了")
    shown = street.page(answer.location)
    assert "请打电话告诉" in shown
    forget_reads()
    assert {db.session.get_one(Visit, number).state for number in meals} == {VisitState.CANCELLED}


def test_the_doors_of_nobody_stay_in_the_kitchens_count_until_somebody_decides(street: Street) -> None:
    meals = lost_round(street)
    page = street.page("/today").split('id="kitchen"', 1)[1]
    assert "没人的 3 份仍算在内" in page
    street.browser.send("/today/give-up", visit=meals[:1], reason="去女儿家了")
    forget_reads()
    counted = cover.kitchen(street.community, make.WEDNESDAY)
    assert (counted.wanted, counted.nobody) == (2, 2)
    assert [late.boxes for late in counted.late] == [-1]


def test_the_kitchens_sheet_counts_every_box_once_whoever_was_asked(street: Street) -> None:
    def packed() -> int:
        forget_reads()
        sheet = sheets.kitchen_sheet(db.session.query(Canteen).one(), make.WEDNESDAY, "zh")
        boxes = sum(each.count for each in sheet.totals)
        assert len(sheet.labels) == boxes
        return boxes

    meals = lost_round(street)
    assert packed() == cover.kitchen(street.community, make.WEDNESDAY).wanted == 3
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    assert packed() == cover.kitchen(street.community, make.WEDNESDAY).wanted == 3
    with transaction():
        other = make.make_volunteer(db.session.get_one(Community, street.community), "孙立")
        make.make_offer(db.session.get_one(Visit, meals[0]), other, 670, pickup=655)
    assert packed() == cover.kitchen(street.community, make.WEDNESDAY).wanted == 3
    street.browser.send("/today/give-up", visit=meals[2:], reason="去女儿家了")
    assert packed() == cover.kitchen(street.community, make.WEDNESDAY).wanted == 2


def test_a_box_nobody_eats_is_settled_with_what_became_of_it(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/give-up", visit=meals[:1], reason="去女儿家了")
    number = db.session.query(LateMeal).one().id
    assert "请选这几份怎么处理" in street.browser.send(f"/today/kitchen/{number}").text
    kept = street.browser.send(f"/today/kitchen/{number}", fate="kept")
    assert kept.status_code == 422
    assert street.browser.send(f"/today/kitchen/{number}", fate="kept", kept_for="郭淑贞").status_code == 303
    forget_reads()
    assert db.session.get_one(LateMeal, number).fate is BoxFate.KEPT


def test_the_canteen_sees_its_kitchen_and_nothing_of_who_goes(street: Street) -> None:
    lost_round(street)
    canteen = street.lead(Role.CANTEEN)
    page = canteen.get("/today").text
    assert "还没有人来取" in page
    assert 'id="open"' not in page
    assert "count urgent" not in page
    assert canteen.get("/today/tomorrow").status_code == 403


def test_who_may_not_read_names_reads_the_line_without_them_and_has_no_buttons(street: Street) -> None:
    lost_round(street)
    lead = street.lead(Role.TEAM_LEAD)
    page = lead.get("/today").text
    assert "要有人去" in page
    assert "王秀芬 10:10" not in page
    assert "/today/ask" not in page
    assert "鞠淑贞" not in page
    assert lead.send("/today/ask", ask="1|1", day="2026-11-25").status_code == 403


def test_another_communitys_visit_cannot_be_asked_for(street: Street) -> None:
    meals = lost_round(street)
    with transaction():
        other = make.make_community("other", name="别处社区").id
    stranger = street.sign_in(Role.COORDINATOR, other)
    fields = {"ask": f"{street.zhao}|{meals[0]}", "last": "0", "day": "2026-11-25"}
    assert stranger.send("/today/ask", **fields).status_code == 404
    assert stranger.send("/today/give-up", visit=meals, reason="不去").status_code == 404


def test_tomorrow_is_one_line_and_a_page(street: Street) -> None:
    lost_round(street)
    street.at("2026-11-24 10:15")
    page = street.page("/today")
    assert "去看明天" in page
    assert "<title>今天" in page
    tomorrow = street.page("/today/tomorrow")
    assert "送餐 3 户 3 份" in tomorrow


def test_somebody_who_accepted_and_has_not_fetched_is_late_and_can_be_replaced(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    with transaction():
        for made in db.session.query(Offer).filter_by(volunteer_id=street.zhao, state=OfferState.SENT):
            offering.accept(made)
    begins = offers_of(meals, street.zhao)[0].round.pickup
    street.at(f"2026-11-25 {clock.hhmm(begins + 7)}")
    late = next(key for key, state, _doors in keys(street) if state == cover.LATE)
    page = street.page("/today")
    assert "还没取餐，晚 7 分钟" in row(page, late)
    assert f"/today/cannot-come?who={street.zhao}" in row(page, late)


def test_a_yes_of_a_moment_ago_does_not_hide_that_the_boxes_are_not_fetched(street: Street) -> None:
    meals = lost_round(street)
    street.browser.send("/today/ask", **asking(street.page("/today"), keys(street)[0][0]))
    begins = offers_of(meals, street.zhao)[0].round.pickup
    street.at(f"2026-11-25 {clock.hhmm(begins)}")
    with transaction():
        offering.accept_all(offers_of(meals, street.zhao), Trust.DESK)
    seen = []
    for minutes in (4, 6):
        street.at(f"2026-11-25 {clock.hhmm(begins + minutes)}")
        seen += [state for _key, state, _doors in keys(street) if state != cover.NOBODY]
    assert seen == [cover.SETTLED, cover.LATE]


@pytest.mark.parametrize(("proposed", "sentence"), [(True, "计划里是王秀芬，还没发给本人"), (False, "没排上，还没有请过谁")])
def test_why_nobody_was_asked_is_said(street: Street, *, proposed: bool, sentence: str) -> None:
    street.open()
    if proposed:
        street.assign(street.visits()[0], street.wang)
    street.at("2026-11-25 09:00")
    assert sentence in street.page("/today")


def test_what_the_plan_proposed_and_never_sent_says_that_its_time_is_past(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang, start="14:00", day="2026-11-25")
    street.at("2026-11-25 14:05")
    assert "计划里是王秀芬，时间已过，没发出去" in street.page("/today")


def test_a_no_answer_is_said_and_somebody_else_can_be_asked(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang, start="14:00", day="2026-11-25")
    street.publish()
    street.at("2026-11-25 14:05")
    page = street.page("/today")
    assert "请了王秀芬，到时间也没等到回话" in page
    assert "赵志强" in page.split('class="takers', 1)[1]


def test_the_page_opens_for_a_hundred_lines_in_one_working_out(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        street.one_more()
    street.open()
    street.at("2026-11-25 09:00")
    worked: list[str] = []
    ways = taking.ways
    monkeypatch.setattr(taking, "ways", lambda plan, line, **more: worked.append(line.key) or ways(plan, line, **more))
    street.page("/today")
    assert len(worked) == 1
