"""The elder's own telephone number is a key: what opens with it, what one press does, and when the number has to rest first."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser, open_browser
from timebank import clock
from timebank.access.models import Role, SignInCode, User
from timebank.db import db, transaction
from timebank.elders import consents
from timebank.elders.models import Elder, FamilyMember, Purpose, Said
from timebank.family.views.following import spoken_time
from timebank.notices.channels import Terminal, carriers
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.calls import ElderCall
from timebank.visits.models import Offer, OfferState, Visit, VisitState

PHONE = "13688880000"


@dataclass
class Scene:
    """An elder whose own number is known, a daughter, and a haircut on Wednesday at half past two."""

    app: Flask
    office: Browser
    community: int
    elder: int
    daughter: int
    visit: int

    def enter(self, phone: str = PHONE) -> tuple[Browser, str]:
        """Sign a new browser in by number and code; return where it led."""
        browser = open_browser(self.app)
        browser.send("/sign-in", phone=phone)
        with self.app.app_context():
            code = db.session.scalars(select(SignInCode).where(SignInCode.phone == phone).order_by(SignInCode.id.desc())).first()
            assert code is not None
            digits = code.code
        return browser, str(browser.send("/code", code=digits).location)

    def told(self, template: str) -> list[str]:
        with self.app.app_context():
            return [each.phone for each in db.session.scalars(select(Notice).where(Notice.template == template).order_by(Notice.id))]

    def state(self) -> tuple[VisitState, OfferState]:
        with self.app.app_context():
            visit = db.session.get_one(Visit, self.visit)
            return visit.state, visit.offers[-1].state


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    make.set_clock("2026-11-25 09:30")
    with app.app_context(), transaction():
        community = make.make_community()
        community.phone = "0532-00000123"
        household = make.make_household(community)
        elder = make.make_elder(household, "纪淑贞", phone=f"{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}")
        daughter = make.make_user(Role.FAMILY, community, name="臧丽", phone="13700001111")
        make.make_family(elder, daughter)
        volunteer = make.make_volunteer(community, "郭玉洁", user_id=make.make_user(Role.VOLUNTEER, community).id)
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR"), household, elder_id=elder.id), code="4729")
        make.make_offer(visit, volunteer, 870, accepted=True)
        make.make_user(Role.COORDINATOR, community, name="衣晓雯")
        numbers = community.id, elder.id, daughter.id, visit.id
    return Scene(app, sign_in_as(Role.COORDINATOR, numbers[0]), *numbers)


def test_the_elders_own_number_opens_who_comes_next_and_the_code(scene: Scene) -> None:
    browser, where = scene.enter()
    assert where == "/"
    assert browser.get("/family").location == "/own"
    page = browser.get("/own").text
    for words in ("纪淑贞", "今天下午 2 点半", "郭", "4729", "我不舒服", "今天别来", "tel:053200000123", "size-large"):
        assert words in page
    with scene.app.app_context():
        link = db.session.scalars(select(FamilyMember).where(FamilyMember.own)).one()
        assert link.approved_at is not None


def test_a_number_nobody_knows_is_told_so_and_becomes_a_family_only_when_it_wants_to(scene: Scene) -> None:
    browser, where = scene.enter("13612340000")
    assert where == "/unknown-number"
    page = browser.get(where).text
    assert "还没有登记" in page
    assert "0532-00000123" in page
    with scene.app.app_context():
        assert db.session.scalars(select(User).where(User.phone == "13612340000")).first() is None
    assert browser.get("/devices").status_code == 303
    assert browser.send("/register").location == "/"
    with scene.app.app_context():
        assert db.session.scalars(select(User).where(User.phone == "13612340000")).one().role is Role.FAMILY
    assert browser.get("/devices").status_code == 200


def test_nobody_registers_a_number_without_its_code(scene: Scene) -> None:
    browser = open_browser(scene.app)
    browser.send("/sign-in", phone="13612340000")
    assert browser.get("/unknown-number").location == "/sign-in"
    browser.send("/register")
    with scene.app.app_context():
        assert db.session.scalars(select(User).where(User.phone == "13612340000")).first() is None


def test_one_press_calls_the_office_and_the_family_and_stays_until_somebody_closes_it(scene: Scene) -> None:
    browser, _where = scene.enter()
    assert browser.send("/own/unwell").location == "/own/unwell"
    browser.send("/own/unwell")
    page = browser.get("/own/unwell").text
    assert "衣晓雯马上打给您" in page
    assert "tel:120" in page
    assert "臧丽" in page
    assert len(scene.told("elder_call")) == 2
    assert scene.told("elder_call_family") == ["13700001111"]
    browser.send("/own/unwell/fine")
    today = scene.office.get("/today").text
    assert "自己按了“我不舒服”" in today
    assert "老人说没事" in today
    assert scene.office.send("/elder-calls/1/close").status_code == 422
    assert scene.office.send("/elder-calls/1/close", result="打过电话，血压高，女儿去了").status_code == 303
    assert "自己按了“我不舒服”" not in scene.office.get("/today").text


def test_an_open_call_is_one_and_closing_it_wants_a_result_whoever_writes_the_row(both: Flask) -> None:
    make.set_clock("2026-11-25 09:30")
    with both.app_context():
        with transaction():
            elder = make.make_elder(make.make_household(make.make_community()))
            user = make.make_user(Role.FAMILY)
            row = {"community_id": elder.community_id, "elder_id": elder.id, "raised_by": user.id, "raised_at": clock.now()}
            first = make.add(ElderCall(**row)).id
        with pytest.raises(IntegrityError), transaction():
            make.add(ElderCall(**row))
        with pytest.raises(IntegrityError), transaction():
            db.session.get_one(ElderCall, first).closed_at = clock.now()


def test_not_today_tells_whoever_was_to_come_and_the_daughter_and_is_taken_back_by_a_press(scene: Scene) -> None:
    browser, _where = scene.enter()
    assert "理发" in browser.get("/own/not-today").text
    browser.send("/own/not-today", visit=scene.visit)
    assert scene.state() == (VisitState.CANCELLED, OfferState.WITHDRAWN)
    assert len(scene.told("cancelled")) == 1
    assert scene.told("family_not_coming") == ["13700001111"]
    assert "还是来吧" in browser.get("/own").text
    browser.send(f"/own/visits/{scene.visit}/after-all")
    assert scene.state() == (VisitState.ACCEPTED, OfferState.ACCEPTED)
    assert len(scene.told("again")) == 1
    assert scene.told("family_after_all") == ["13700001111"]


def test_what_has_begun_is_not_called_off(scene: Scene) -> None:
    browser, _where = scene.enter()
    with scene.app.app_context(), transaction():
        db.session.scalars(select(Offer)).one().started_at = clock.now()
    assert browser.send("/own/not-today", visit=scene.visit).status_code == 404
    assert "今天没有能取消的了" in browser.get("/own/not-today").text


def test_another_doors_visit_is_not_in_reach(scene: Scene) -> None:
    browser, _where = scene.enter()
    with scene.app.app_context(), transaction():
        community = db.session.get_one(Community, scene.community)
        far = make.make_visit(make.make_request(community, make.make_kind("BATH"), make.make_household(community))).id
    assert browser.send("/own/not-today", visit=far).status_code == 404
    assert browser.send(f"/own/visits/{far}/after-all").status_code == 404


def test_pages_of_an_elders_own_are_nobody_elses(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    family = sign_in_as(Role.FAMILY, scene.community)
    assert family.get("/own").status_code == 404
    assert family.send("/own/unwell").status_code == 404


@pytest.fixture
def sent() -> object:
    """Let messages go out, so that waiting counts."""
    before = carriers.messages
    carriers.messages = Terminal()
    yield None
    carriers.messages = before


def test_a_number_one_person_has_just_written_rests_a_day_and_both_numbers_are_told(
    scene: Scene, sent: None, later: Callable[..., None]
) -> None:
    with scene.app.app_context():
        building = db.session.get_one(Elder, scene.elder).household.building_id
    form = {"name": "纪淑贞", "gender": "F", "building": building, "floor": 3, "level": "unknown", "phone": "13522220000"}
    assert scene.office.send(f"/elders/{scene.elder}/edit", **form).status_code == 303
    assert scene.told("number") == [PHONE, "13522220000"]
    browser, _where = scene.enter("13522220000")
    assert browser.get("/own").status_code == 404
    assert "13522220000" in scene.office.get(f"/elders/{scene.elder}").text
    later(hours=25)
    browser, _where = scene.enter("13522220000")
    assert "纪淑贞" in browser.get("/own").text


def test_the_old_number_opens_nothing_once_it_is_another(scene: Scene) -> None:
    browser, _where = scene.enter()
    assert browser.get("/own").status_code == 200
    with scene.app.app_context():
        building = db.session.get_one(Elder, scene.elder).household.building_id
    form = {"name": "纪淑贞", "gender": "F", "building": building, "floor": 3, "level": "unknown", "phone": "13522220000"}
    scene.office.send(f"/elders/{scene.elder}/edit", **form)
    assert browser.get("/own").status_code == 404
    assert browser.get(f"/family/visits/{scene.visit}").status_code == 404


def test_an_elder_only_one_colleague_has_looked_at_is_no_key(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        home = db.session.get_one(Elder, scene.elder).household
        make.make_elder(home, "假老人", phone="13544440000", registered_by=scene.office.user)
    browser, _where = scene.enter("13544440000")
    assert browser.get("/own").status_code == 404
    assert browser.get(f"/family/visits/{scene.visit}").status_code == 404


def test_the_size_chosen_on_the_first_page_stays_on_sign_in_code_and_refusals(scene: Scene) -> None:
    browser = open_browser(scene.app)
    browser.get("/elder-view/largest?next=/")
    for path in ("/", "/sign-in", "/ask", "/nowhere"):
        assert "size-largest" in browser.get(path).text, path
    browser.send("/sign-in", phone=PHONE)
    assert "size-largest" in browser.get("/code").text
    browser.get("/elder-view/ordinary?next=/")
    assert "size-largest" not in browser.get("/sign-in").text


@pytest.mark.parametrize(
    ("now", "words"),
    [("2026-11-25 09:30", "今天下午 2 点半"), ("2026-11-24 09:30", "明天下午 2 点半"), ("2026-11-22 09:30", "11月25日 周三下午 2 点半")],
)
def test_a_time_is_said_in_the_same_words_on_every_page(scene: Scene, now: str, words: str) -> None:
    make.set_clock(now)
    browser, _where = scene.enter()
    for path in ("/own", "/family?family=1", f"/family/visits/{scene.visit}"):
        page = browser.get(path).text
        assert words in page, path
        assert "14:30" not in page, path


@pytest.mark.parametrize(
    ("minute", "words"),
    [
        (870, "下午 2 点半"),
        (704, "中午 11 点三刻左右"),
        (898, "下午 3 点左右"),
        (572, "上午 9 点半左右"),
        (683, "中午 11 点 25 分左右"),
        (658, "中午 11 点左右"),
        (725, "中午 12 点 5 分"),
    ],
)
def test_a_planned_minute_is_said_as_one_says_it(minute: int, words: str) -> None:
    assert spoken_time(minute) == words


def test_the_pages_of_sign_in_speak_to_an_elder(scene: Scene) -> None:
    browser = open_browser(scene.app)
    browser.get("/elder-view/large?next=/")
    page = browser.get("/sign-in").text
    assert "您的手机号" in page
    assert "任务单" not in page
    assert "0532-00000123" in page
    browser.send("/sign-in", phone=PHONE)
    assert "短信里的 6 位数字" in browser.get("/code").text


def test_a_call_says_its_time_as_the_other_pages_do(scene: Scene) -> None:
    browser, _where = scene.enter()
    browser.send("/own/unwell")
    page = browser.get("/own/unwell").text
    assert "上午 9 点半" in page
    assert "09:30 记下" not in page


def test_each_consent_says_who_gave_it_when_how_and_to_which_words(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        elder = db.session.get_one(Elder, scene.elder)
        colleague = make.make_user(Role.COORDINATOR, db.session.get_one(Community, scene.community), name="于静")
        consents.give(elder, Purpose.SERVICE, Said.CALL, heard_by=colleague.id)
    browser, _where = scene.enter()
    page = browser.get("/my/data").text
    assert "本人同意" in page
    assert "打电话问的，于静听的" in page
    assert consents.TEXTS[Purpose.SERVICE][0] in page
    browser.send(f"/my/data/{scene.elder}/agree", purpose="health")
    assert "自己在手机上点的" in browser.get("/my/data").text
    taken = browser.get("/my/data.json").get_json()["elders"][0]["consents"][0]
    assert (taken["by"], taken["how"], taken["heard_by"]) == ("elder", "call", "于静")


def test_who_one_is_to_oneself_is_said_in_english_too(scene: Scene) -> None:
    browser, _where = scene.enter()
    browser.send("/language", locale="en")
    assert "本人" not in browser.get("/my/data").text
