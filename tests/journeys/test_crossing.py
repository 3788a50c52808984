"""The crossing at 11:30 in a real browser: an old hand takes it on the phone, the week is planned around it, and the half hour is credited."""

from playwright.sync_api import expect

from tests import builders as make
from tests.journeys.conftest import DESKTOP, PHONE, Site
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.planning import queries as plans
from timebank.planning import scenes
from timebank.planning.actions.weeks import open_week
from timebank.posts import actions
from timebank.posts.actions import About
from timebank.visits import on_duty
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Availability, Volunteer

THE_MONDAY = make.MONDAY


def build() -> dict[str, int]:
    """Build a community whose hometown folk are looked for at the school's gate, free at noon every weekday."""
    make.set_clock("2026-11-23 09:00")
    community = make.make_community("crossing")
    make.make_canteen(community)
    kind = make.make_kind("GUARD", name="护学值守", name_en="School crossing", minutes=30, skills=[], at_door=False, icon="flower")
    guard = make.make_volunteer(community, "丁守田", make.make_user(Role.VOLUNTEER, community, name="丁守田").id)
    for weekday in range(5):
        make.add(Availability(volunteer_id=guard.id, weekday=weekday, start=600, end=780))
    office = make.make_user(Role.COORDINATOR, community, name="衣晓雯")
    about = About(name="老乡护学岗", kind=kind, place="松坡小学东门", workdays_only=True, earlier_days=812, first_day=THE_MONDAY)
    post = actions.add_post(community.id, about, office)
    actions.add_shifts(post, range(5), (690, 720), 1, 1)
    return {"community": community.id, "guard": guard.id, "office": office.id, "phone": guard.user_id or 0, "post": post.id}


def test_the_crossing_guard_takes_the_post_is_left_alone_at_noon_and_is_credited_the_half_hour(site: Site) -> None:
    with site.app.app_context(), transaction():
        town = build()
    with site.app.app_context(), transaction():
        keys = {name: access.sign_in(db.session.get_one(User, town[name]))[0] for name in ("office", "phone")}
    with site.app.test_request_context():
        cookie = guards.cookie_name()
    phone, desk = site.window(PHONE), site.window(DESKTOP)
    for page, name in ((phone, "phone"), (desk, "office")):
        page.context.add_cookies([{"name": cookie, "value": keys[name], "url": site.base}])
    phone.goto("/phone/me")
    phone.get_by_role("link", name="我的岗位").click()
    phone.get_by_role("link", name="看哪里缺人").click()
    phone.get_by_role("link", name="老乡护学岗").click()
    expect(phone.get_by_text("连续 812 天有人")).to_be_visible()
    for _weekday in range(5):
        phone.goto(f"/phone/posts/{town['post']}")
        phone.get_by_role("button", name="认领", exact=True).first.click()
    expect(phone.get_by_text("周五 11:30–12:00", exact=True)).to_be_visible()
    with site.app.app_context():
        with transaction():
            open_week(town["community"], THE_MONDAY)
        plan = plans.plan_of(town["community"], THE_MONDAY)
        assert plan is not None
        scene = scenes.scene(plan)
        mine = [each for each in scene.windows[str(town["guard"])] if each[1] < each[2]]
        assert mine == [[day, *span] for day in range(5) for span in ((600, 675), (735, 780))]
        code = on_duty.duties_of(db.session.get_one(Volunteer, town["guard"]), THE_MONDAY, THE_MONDAY)[0].code
    make.set_clock("2026-11-23 11:25")
    phone.goto("/phone")
    phone.get_by_role("link", name="老乡护学岗").click()
    phone.get_by_label("4 位到岗码").fill(code)
    phone.get_by_role("button", name="到岗", exact=True).click()
    expect(phone.get_by_text("到岗码对上了")).to_be_visible()
    make.set_clock("2026-11-23 12:00")
    phone.get_by_role("button", name="离岗").click()
    expect(phone.get_by_text("11:25 到岗，12:00 离岗")).to_be_visible()
    desk.goto("/confirm")
    desk.get_by_role("button", name="服务台确认").click()
    expect(desk.get_by_text("已确认，记入 35 分钟")).to_be_visible()
    desk.goto(f"/posts/{town['post']}")
    expect(desk.get_by_text("连续 813 天有人")).to_be_visible()
    with site.app.app_context():
        record = db.session.query(ServiceRecord).one()
        assert (record.minutes, record.word_of, record.transfer_seq is not None) == (35, record.confirmed_by, True), "she was alone there"
    assert site.complaints == []
