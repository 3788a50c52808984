"""谁今天来不了: the person is found, what is left is shown with ways to hand it over, and one press does it."""

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.planning.street import Street
from timebank.access.models import Role
from timebank.access.sorting import sort_key
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.planning import cover
from timebank.visits.models import Offer, OfferState, Visit
from timebank.volunteers.models import Availability, TimeOff

PAGE = "/today/cannot-come"


def week_of_wang(street: Street, doors: int = 3) -> list[int]:
    """Let Wang carry a round and cut hair on Wednesday, both accepted; it is Wednesday morning. Return the visits."""
    street.meals(doors)
    street.open()
    visits = street.visits()
    for number in visits:
        day = db.session.get_one(Visit, number).days[0]
        assert street.assign(number, street.wang, day=day, start="").status_code == 303
    street.publish()
    street.answer(street.wang, accept=True)
    with transaction():
        for who in (street.wang, street.zhao):
            person = street.volunteer(who)
            person.sort_key = sort_key(person.name)
    street.at("2026-11-25 09:00")
    return visits


def chosen_on(page: str) -> dict[str, str]:
    """Return the ways that are already chosen, by their radio group."""
    return dict(re.findall(r'<input type="radio" name="(way-[^"]+)" value="([^"]*)"[^>]*checked', page))


def offers_of(street: Street, who: int, *states: OfferState) -> list[Offer]:
    """Return what somebody was asked for, in these states or in any."""
    forget_reads()
    rows = db.session.scalars(select(Offer).where(Offer.volunteer_id == who).order_by(Offer.id))
    return [made for made in rows if not states or made.state in states]


def texts(template: str) -> list[str]:
    """Return the messages of a kind as they were written."""
    forget_reads()
    return [row.text for row in db.session.scalars(select(Notice).where(Notice.template == template).order_by(Notice.id))]


@pytest.mark.parametrize("words", ["王", "王秀芬", "wang", "wangxiu", "wxf", "PHONE"])
def test_somebody_is_found_by_name_pinyin_or_the_last_four_digits(street: Street, words: str) -> None:
    week_of_wang(street)
    said = street.volunteer(street.wang).phone[-4:] if words == "PHONE" else words
    page = street.page(f"{PAGE}?q={said}")
    assert "王秀芬今天来不了" in page


def test_only_people_with_something_left_are_listed(street: Street) -> None:
    week_of_wang(street)
    page = street.page(PAGE)
    assert "王秀芬" in page
    assert "赵志强" not in page
    assert "没有这样的人" in street.page(f"{PAGE}?q=zhao")


def test_who_has_not_begun_what_is_over_is_listed_and_its_time_is_said_as_it_is(street: Street) -> None:
    week_of_wang(street, doors=1)
    street.at("2026-11-25 18:20")
    assert "王秀芬" in street.page(PAGE)
    page = street.page(f"{PAGE}?who={street.wang}")
    assert "0 分钟后" not in page
    assert re.search(r"先到的已过了 \d+ 小时", page)
    assert "现在没有人接得了" in page
    assert "已复核" not in page


def test_each_thing_left_has_its_ways_with_the_best_already_chosen(street: Street) -> None:
    week_of_wang(street)
    page = street.page(f"{PAGE}?who={street.wang}")
    assert "她剩下的 2 件" in page
    assert page.count("先不请人") == 2
    assert page.count("整轮给赵志强") == 1
    chosen = chosen_on(page)
    assert len(chosen) == 2
    assert all(way.startswith(f"{street.zhao}|") for way in chosen.values())


def test_each_door_is_shown_with_its_old_and_its_new_time(street: Street) -> None:
    week_of_wang(street)
    page = street.page(f"{PAGE}?who={street.wang}")
    rows = page.split('<th class="number-cell">新的</th>', 1)[1].split("</table>", 1)[0]
    assert rows.count("<tr>") == 3
    assert len(re.findall(r"\d\d:\d\d", rows)) == 6


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_is_sent_is_word_for_word_what_was_shown(street: Street, locale: str) -> None:
    week_of_wang(street)
    with transaction():
        for person in street.volunteer(street.wang), street.volunteer(street.zhao):
            assert person.user is not None
            person.user.locale = locale
    page = street.page(f"{PAGE}?who={street.wang}")
    shown = re.findall(r'<div class="message"(?![^>]* hidden)[^>]*>.*?<p class="sunk"[^>]*>([^<]*)</p>', page)
    street.browser.send(PAGE, who=street.wang, until="today", **chosen_on(page))
    assert [unescape(text) for text in shown] == [*texts("now"), *texts("handed_over")]


def test_one_press_notes_it_asks_the_others_and_leaves_nothing_unseen(street: Street) -> None:
    week_of_wang(street)
    page = street.page(f"{PAGE}?who={street.wang}")
    answer = street.browser.send(PAGE, who=street.wang, until="today", why="ill", **chosen_on(page))
    assert answer.status_code == 303
    assert "已请赵志强，等回话" in street.page(answer.location)
    assert {made.state for made in offers_of(street, street.wang)} == {OfferState.WITHDRAWN}
    assert len(offers_of(street, street.zhao, OfferState.SENT)) == 4
    assert [off.reason for off in db.session.scalars(select(TimeOff).where(TimeOff.volunteer_id == street.wang))] == ["病了"]
    assert {line.state for line in cover.lines(street.community)} == {cover.ASKED}


def test_the_reason_is_told_to_nobody_else(street: Street) -> None:
    week_of_wang(street)
    page = street.page(f"{PAGE}?who={street.wang}")
    street.browser.send(PAGE, who=street.wang, until="today", why="ill", **chosen_on(page))
    forget_reads()
    assert not any("病" in row.text for row in db.session.scalars(select(Notice)))


def test_the_same_press_twice_notes_it_once(street: Street) -> None:
    week_of_wang(street)
    fields = {"who": street.wang, "until": "today", **chosen_on(street.page(f"{PAGE}?who={street.wang}"))}
    first = street.browser.send(PAGE, key="ill-this-morning", **fields)
    again = street.browser.send(PAGE, key="ill-this-morning", **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert len(db.session.scalars(select(TimeOff).where(TimeOff.volunteer_id == street.wang)).all()) == 1
    assert len(offers_of(street, street.zhao)) == 4


def test_a_second_coordinator_gets_a_sentence_and_sends_nothing(street: Street) -> None:
    week_of_wang(street)
    fields = {"who": street.wang, "until": "today", **chosen_on(street.page(f"{PAGE}?who={street.wang}"))}
    other = street.sign_in(Role.COORDINATOR)
    street.browser.send(PAGE, **fields)
    answer = other.send(PAGE, **fields)
    assert answer.status_code == 303
    assert "可能同事刚才记过" in other.get(answer.location).text
    assert len(texts("handed_over")) == 1
    assert len(offers_of(street, street.zhao)) == 4


def test_only_noting_it_asks_nobody_and_puts_the_things_on_today(street: Street) -> None:
    week_of_wang(street)
    page = street.page(f"{PAGE}?who={street.wang}")
    answer = street.browser.send(PAGE, who=street.wang, until="today", then="note", **chosen_on(page))
    shown = street.page(answer.location)
    assert "还有 4 户没人，在“要有人去”里" in shown
    assert offers_of(street, street.zhao) == []
    assert [line.state for line in cover.lines(street.community)] == [cover.NOBODY, cover.NOBODY]


def test_one_choice_missing_asks_for_the_rest_and_says_so(street: Street) -> None:
    week_of_wang(street)
    chosen = chosen_on(street.page(f"{PAGE}?who={street.wang}"))
    hair = next(name for name in chosen if name.startswith("way-x"))
    answer = street.browser.send(PAGE, who=street.wang, until="today", **{**chosen, hair: ""})
    assert "还有 1 户没人" in street.page(answer.location)
    assert len(offers_of(street, street.zhao, OfferState.SENT)) == 3


def test_whoever_took_something_meanwhile_is_not_asked_over_their_day(street: Street) -> None:
    week_of_wang(street)
    chosen = chosen_on(street.page(f"{PAGE}?who={street.wang}"))
    street.away(street.zhao)
    answer = street.browser.send(PAGE, who=street.wang, until="today", **chosen)
    assert answer.status_code == 303
    assert "还有 4 户没人" in street.page(answer.location)
    assert offers_of(street, street.zhao) == []


def test_until_friday_shows_and_hands_over_the_days_between(street: Street) -> None:
    request = street.one_more(dates=["2026-11-27"], first_day=date(2026, 11, 27))
    week_of_wang(street)
    friday = street.visit_of(request)
    assert "她剩下的 2 件" in street.page(f"{PAGE}?who={street.wang}")
    page = street.page(f"{PAGE}?who={street.wang}&until=friday")
    assert "她剩下的 3 件" in page
    street.browser.send(PAGE, who=street.wang, until="friday", **chosen_on(page))
    assert [made.visit_id for made in offers_of(street, street.zhao, OfferState.SENT)].count(friday) == 1
    days = db.session.scalars(select(TimeOff.day).where(TimeOff.volunteer_id == street.wang).order_by(TimeOff.day))
    assert list(days) == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]


def test_somebody_without_a_phone_is_shown_as_a_call_with_its_number(street: Street) -> None:
    week_of_wang(street)
    with transaction():
        person = street.volunteer(street.zhao)
        person.user_id, person.has_phone = None, False
    page = street.page(f"{PAGE}?who={street.wang}")
    assert f"没有手机，打 {street.volunteer(street.zhao).phone}" in page
    answer = street.browser.send(PAGE, who=street.wang, until="today", **chosen_on(page))
    assert f"请现在打：赵志强 {street.volunteer(street.zhao).phone}" in street.page(answer.location)
    assert texts("now") == []


def test_two_halves_of_a_round_are_asked_of_two_people(street: Street) -> None:
    with transaction():
        third = make.make_volunteer(db.session.get_one(Community, street.community), "孙立", make.make_user().id)
        make.add(Availability(volunteer_id=third.id, weekday=2, start=480, end=1080))
        number = third.id
    week_of_wang(street, 4)
    page = street.page(f"{PAGE}?who={street.wang}")
    halves = next(value for value in re.findall(r'name="way-r[^"]+" value="([^"]*)"', page) if ";" in value)
    name = next(name for name in chosen_on(page) if name.startswith("way-r"))
    street.browser.send(PAGE, who=street.wang, until="today", **{name: halves})
    assert {len(offers_of(street, who, OfferState.SENT)) for who in (street.zhao, number)} == {2}


def test_the_person_who_cannot_come_is_never_asked_for_their_own(street: Street) -> None:
    week_of_wang(street)
    chosen = chosen_on(street.page(f"{PAGE}?who={street.wang}"))
    own = {name: value.replace(f"{street.zhao}|", f"{street.wang}|") for name, value in chosen.items()}
    street.browser.send(PAGE, who=street.wang, until="today", **own)
    assert offers_of(street, street.wang, OfferState.SENT, OfferState.ACCEPTED) == []


def test_nobody_of_another_community_can_be_named_or_reached(street: Street) -> None:
    week_of_wang(street)
    with transaction():
        other = make.make_community("other", name="别处社区")
        stranger = make.make_volunteer(other, "外人").id
        number = other.id
    chosen = chosen_on(street.page(f"{PAGE}?who={street.wang}"))
    street.browser.send(
        PAGE, who=street.wang, until="today", **{name: value.replace(f"{street.zhao}|", f"{stranger}|") for name, value in chosen.items()}
    )
    assert offers_of(street, stranger) == []
    assert street.sign_in(Role.COORDINATOR, number).send(PAGE, who=street.wang, until="today").status_code == 404


def test_only_coordinators_open_the_page(street: Street) -> None:
    for role in (Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN, Role.INSPECTOR):
        browser = street.sign_in(role)
        assert browser.get(PAGE).status_code == 403
        assert browser.send(PAGE, who=street.wang).status_code == 403
