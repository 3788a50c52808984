"""现在要人: an emergency is a visit of today at once, the near are asked one by one, and it stays in sight until it is closed."""

import re

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.planning.street import Street
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.notices.models import Notice
from timebank.planning import cover
from timebank.visits.actions import offering, serving
from timebank.visits.models import HelpRequest, Offer, OfferState, RequestState, VisitState


def need(street: Street, **more: object) -> int:
    """Write down that the first elder needs somebody now, on Wednesday at 10:45; return the request's number."""
    with transaction():
        if not db.session.scalar(select(ServiceKind.id).where(ServiceKind.code == "VISIT")):
            make.make_kind("VISIT", name="探访关爱", name_en="Friendly visit", minutes=30, skills=[], icon="heart")
    street.at("2026-11-25 10:45")
    fields = {"elder": elder(street), "kind": "VISIT", "words": "坐在地上起不来，能说话", "people": "1"}
    answer = street.browser.send("/today/now", **{**fields, **more})
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1])


def elder(street: Street) -> int:
    """Return the first elder of the street."""
    return db.session.scalars(select(Elder.id).where(Elder.community_id == street.community).order_by(Elder.id)).first() or 0


def case(street: Street, number: int) -> str:
    """Return the page of an emergency."""
    return street.page(f"/today/now/{number}")


def press(street: Street, number: int, place: int = 0) -> dict[str, str]:
    """Return what the button of somebody on the list would send."""
    form = case(street, number).split('action="/today/ask"')[place + 1].split("</form>", 1)[0]
    return dict(re.findall(r'name="(ask|last|day|case)" value="([^"]*)"', form))


def offers(number: int) -> list[Offer]:
    """Return whom an emergency was asked of."""
    forget_reads()
    return list(db.session.get_one(HelpRequest, number).visits[0].offers)


def test_the_form_begins_with_120_and_then_asks_who(street: Street) -> None:
    page = street.page("/today/now")
    assert page.index('href="tel:120"') < page.index('id="q"')
    assert "先打 120" in page


def test_looking_in_stands_first_and_is_chosen(street: Street) -> None:
    need(street)
    page = street.page(f"/today/now?elder={elder(street)}")
    assert page.index("去看一眼、陪着") < page.index("上门理发")
    assert re.search(r'value="VISIT" checked', page)


def test_it_is_a_visit_of_today_before_any_plan_and_nothing_is_sent_yet(street: Street) -> None:
    number = need(street, rang="1")
    made = db.session.get_one(HelpRequest, number)
    assert (made.urgent, made.state, len(made.visits)) == (True, RequestState.ACCEPTED, 1)
    assert made.visits[0].window_from == 645
    assert offers(number) == []
    page = case(street, number)
    assert "王秀芬" in page
    assert "赵志强" in page
    assert "120 已打" in page
    assert "还缺 1 位" in page


def test_it_stands_on_top_of_today_with_its_own_mark(street: Street) -> None:
    number = need(street)
    page = street.page("/today")
    first = page.split('<li class="open-row', 2)[1]
    assert "case-mark" in first
    assert f"/today/now/{number}" in first
    assert f"<title>({cover.count(street.community)}) 今天" in page


def test_one_press_asks_one_person_and_the_page_says_so(street: Street) -> None:
    number = need(street)
    answer = street.browser.send("/today/ask", **press(street, number))
    assert answer.location == f"/today/now/{number}"
    page = case(street, number)
    assert "刚问" in page
    assert re.search(r"请了(王秀芬|赵志强)", page)
    assert len(offers(number)) == 1


def test_the_next_button_is_filled_only_after_three_minutes_without_an_answer(street: Street) -> None:
    number = need(street)
    assert 'class="button primary little"' in case(street, number)
    street.browser.send("/today/ask", **press(street, number))
    assert 'class="button primary little"' not in case(street, number)
    street.at("2026-11-25 10:49")
    assert 'class="button primary little"' in case(street, number)
    assert len(offers(number)) == 1


def test_of_two_who_were_asked_the_first_yes_counts_and_the_other_is_thanked(street: Street) -> None:
    number = need(street)
    street.browser.send("/today/ask", **press(street, number))
    street.browser.send("/today/ask", **press(street, number))
    first, second = offers(number)
    with transaction():
        offering.accept(db.session.get_one(Offer, first.id))
    assert [made.state for made in offers(number)] == [OfferState.ACCEPTED, OfferState.WITHDRAWN]
    assert any("已经有人去了，谢谢你" in row.text for row in db.session.scalars(select(Notice)))
    page = case(street, number)
    assert f"已告诉{second.volunteer.name}不用去" in page
    assert 'action="/today/ask"' not in page


def test_an_answer_on_the_telephone_comes_back_to_the_case(street: Street) -> None:
    number = need(street)
    street.browser.send("/today/ask", **press(street, number))
    made = offers(number)[0]
    answer = street.browser.send("/today/answer", offer=made.id, said="no", case=number)
    assert answer.location == f"/today/now/{number}"
    assert f"{made.volunteer.name}去不了" in case(street, number)


def test_it_stays_on_top_while_somebody_is_there_until_it_is_closed(street: Street) -> None:
    number = need(street)
    street.browser.send("/today/ask", **press(street, number))
    with transaction():
        made = db.session.get_one(Offer, offers(number)[0].id)
        offering.accept(made)
        serving.check_in(made, None)
    street.at("2026-11-25 11:10")
    first = street.page("/today").split('<li class="open-row', 2)[1]
    assert "case-mark" in first
    assert "到了" in first
    assert f"{made.volunteer.name}到了" in case(street, number)


def test_closing_it_needs_a_result_and_keeps_what_was_typed_elsewhere(street: Street) -> None:
    number = need(street)
    answer = street.browser.send(f"/today/now/{number}/close", result=" ")
    assert answer.status_code == 422
    assert "请写结果" in answer.text
    assert db.session.get_one(HelpRequest, number).closed_at is None


def test_closed_with_a_result_it_leaves_today_and_whoever_had_not_set_out_is_told(street: Street) -> None:
    number = need(street)
    street.browser.send("/today/ask", **press(street, number))
    answer = street.browser.send(f"/today/now/{number}/close", result="女儿到了，平安")
    assert "收起来了" in street.page(answer.location)
    assert f"/today/now/{number}" not in street.page("/today")
    made = db.session.get_one(HelpRequest, number)
    assert (made.reason, made.visits[0].state) == ("女儿到了，平安", VisitState.CANCELLED)
    assert "女儿到了，平安" in case(street, number)
    again = street.browser.send(f"/today/now/{number}/close", result="别的话")
    assert "同事已经收起来了：女儿到了，平安" in street.page(again.location)


def test_it_can_become_an_ordinary_need(street: Street) -> None:
    number = need(street)
    street.browser.send(f"/today/now/{number}/close", ordinary="1")
    forget_reads()
    made = db.session.get_one(HelpRequest, number)
    assert (made.urgent, made.closed_at) == (False, None)
    assert street.browser.get(f"/today/now/{number}").location == f"/requests/{number}"
    assert "case-mark" not in street.page("/today")


def test_120_is_noted_once_with_its_time(street: Street) -> None:
    number = need(street)
    for _ in range(2):
        assert street.browser.send(f"/today/now/{number}/rang").status_code == 303
    page = case(street, number)
    assert page.count("<b>120 已打</b>") == 1
    assert "10:45" in page


def test_in_half_an_hour_it_begins_later(street: Street) -> None:
    number = need(street, start="soon")
    assert db.session.get_one(HelpRequest, number).visits[0].window_from == 675


def test_two_people_are_asked_together_by_one_press(street: Street) -> None:
    number = need(street, people="2")
    assert "还缺 2 位" in case(street, number)
    street.browser.send("/today/ask", **press(street, number))
    assert {made.volunteer_id for made in offers(number)} == {street.wang, street.zhao}


def test_the_same_press_twice_makes_one_emergency(street: Street) -> None:
    need(street)
    fields = {"elder": elder(street), "kind": "VISIT", "words": "又摔了"}
    first = street.browser.send("/today/now", key="ring-ring-ring", **fields)
    again = street.browser.send("/today/now", key="ring-ring-ring", **fields)
    assert first.location == again.location
    assert len(db.session.scalars(select(HelpRequest).where(HelpRequest.urgent)).all()) == 2


@pytest.mark.parametrize("wrong", [{"people": "3"}, {"minutes": "0"}, {"words": "长" * 201}])
def test_what_cannot_be_is_said_under_its_field_and_nothing_typed_is_lost(street: Street, wrong: dict[str, str]) -> None:
    need(street)
    fields = {"elder": elder(street), "kind": "VISIT", "words": "门没锁", **wrong}
    answer = street.browser.send("/today/now", **fields)
    assert answer.status_code == 422
    assert fields["words"] in answer.text


def test_another_communitys_emergency_and_elder_are_not_found(street: Street) -> None:
    number = need(street)
    with transaction():
        other = make.make_community("other", name="别处社区").id
    stranger = street.sign_in(Role.COORDINATOR, other)
    assert stranger.get(f"/today/now/{number}").status_code == 404
    assert stranger.send(f"/today/now/{number}/close", result="好了").status_code == 404
    assert stranger.send("/today/now", elder=elder(street), kind="VISIT").status_code == 404


def test_an_ordinary_request_is_no_emergency(street: Street) -> None:
    street.open()
    street.at("2026-11-25 10:45")
    assert street.browser.get("/today/now/1").status_code == 404


def test_today_leads_here_and_the_ordinary_intake_is_one_link_away(street: Street) -> None:
    street.at("2026-11-25 10:45")
    page = street.page("/today")
    assert 'href="/today/now"' in page
    assert "临时求助" not in page
    assert 'href="/requests/new"' in street.page("/today/now")
