"""A coordinator's week at the board, two of them, in a real browser: by keyboard, by drag, by single presses, and back again."""

import re

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests import builders as make
from tests.journeys.conftest import DESKTOP, Site
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role
from timebank.access.sorting import sort_key
from timebank.db import db, transaction
from timebank.planning.actions import editing, weeks
from timebank.planning.models import Assignment
from timebank.visits.models import Visit
from timebank.volunteers.models import Availability

WEEK = "2026-W48"
NAMES = ("王秀芬", "赵志强", "孙立")
ELDERS = ("鞠淑贞", "吕桂英", "郭文秀")
STARTS = (840, 870, 900)


def town(site: Site) -> tuple[list[int], list[int]]:
    """Build a town on the Friday before: three people, three haircuts of Wednesday, one each; return two coordinators and the visits."""
    make.set_clock("2026-11-20 10:00")
    with site.app.app_context(), transaction():
        community = make.make_community(name="松坡社区")
        kind = make.make_kind("HAIR", skills=[])
        people = []
        for name in NAMES:
            person = make.make_volunteer(community, name, make.make_user(community=community).id, sort_key=sort_key(name))
            for weekday in range(7):
                make.add(Availability(volunteer_id=person.id, weekday=weekday, start=480, end=1080))
            people.append(person)
        for name in ELDERS:
            home = make.make_household(community)
            make.make_elder(home, name)
            make.make_request(community, kind, home)
        offices = [make.make_user(Role.COORDINATOR, community, name=name).id for name in ("衣晓雯", "蔺海")]
        plan = weeks.open_week(community.id, make.MONDAY)
        visits = list(db.session.scalars(select(Visit).order_by(Visit.request_id)))
        for visit, person, start in zip(visits, people, STARTS, strict=True):
            editing.assign(plan, plan.version, visit, [person], make.WEDNESDAY, start)
        return offices, [each.id for each in visits]


def desk(site: Site, user: int) -> Page:
    """Open the board of Wednesday for a coordinator."""
    with site.app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(access.User, user))
    page = site.window(DESKTOP)
    with site.app.test_request_context():
        page.context.add_cookies([{"name": guards.cookie_name(), "value": token, "url": site.base}])
    page.goto(f"/plan?week={WEEK}&day={make.WEDNESDAY.isoformat()}")
    return page


def stands(site: Site, visit: int) -> tuple[str, int]:
    """Return who goes to a visit, and when."""
    with site.app.app_context():
        line = db.session.scalars(select(Assignment).where(Assignment.visit_id == visit)).one()
        return line.volunteer.name, line.start


def block(page: Page, name: str) -> Locator:
    """Return the first block of somebody's row."""
    return page.locator(f'.board-row[data-name="{name}"] a.block[data-visits]').first


def put(page: Page) -> None:
    """Wait until the page says that a block was put somewhere."""
    expect(page.get_by_text("放好了，还没有发出去")).to_be_visible()


def by_keyboard(site: Site, mine: Page, visit: int) -> None:
    """Lift a block, be refused in words with the nearest time, put it back, and put it down ten minutes later."""
    lifted, words = block(mine, "王秀芬"), mine.locator(".board-judged .words")
    lifted.focus()
    mine.keyboard.press("Space")
    mine.keyboard.press("ArrowDown")
    expect(words).to_contain_text("赵志强 14:00：这样排不行")
    expect(mine.get_by_role("button", name=re.compile("放到 "))).to_be_visible()
    mine.keyboard.press("Escape")
    expect(mine.locator(".board-judged")).to_have_count(0)
    assert stands(site, visit) == ("王秀芬", 840)
    lifted.focus()
    mine.keyboard.press("Space")
    for _press in range(2):
        mine.keyboard.press("ArrowRight")
    expect(words).to_contain_text("王秀芬 14:10：可以放在这里")
    mine.keyboard.press("Enter")
    put(mine)
    assert stands(site, visit) == ("王秀芬", 850)


def by_drag(theirs: Page) -> None:
    """Drag Sun's block to the end of Wang's day."""
    at, to = block(theirs, "孙立").bounding_box(), theirs.locator('.board-row[data-name="王秀芬"] svg.track').bounding_box()
    assert at
    assert to
    theirs.mouse.move(at["x"] + 8, at["y"] + 8)
    theirs.mouse.down()
    theirs.mouse.move(at["x"] + 60, at["y"] - 30, steps=5)
    theirs.mouse.move(to["x"] + 0.94 * to["width"] - 40, to["y"] + 10, steps=5)
    expect(theirs.locator(".board-judged .words")).to_contain_text("可以放在这里")
    theirs.mouse.up()
    put(theirs)


def from_an_older_page(mine: Page, theirs: Page) -> None:
    """Type a time for Zhao's visit, let the other desk move it meanwhile, be told, and have it one's own way all the same."""
    mine.locator('.board-row[data-name="赵志强"] a.name').click()
    form = mine.locator(".move-form").first
    form.get_by_label("几点").fill("16:10")
    block(theirs, "赵志强").focus()
    theirs.keyboard.press("Space")
    theirs.keyboard.press("ArrowRight")
    expect(theirs.locator(".board-judged .words")).to_contain_text("可以放在这里")
    theirs.keyboard.press("Enter")
    put(theirs)
    form.get_by_role("button", name="放下").click()
    expect(mine.locator(".refused-move")).to_contain_text("蔺海")
    expect(mine.locator(".move-form").first.get_by_label("几点")).to_have_value("16:10")
    mine.locator(".move-form").first.get_by_role("button", name="放下").click()
    put(mine)


def test_two_coordinators_work_at_the_board_and_nothing_is_lost(site: Site) -> None:
    (first, second), visits = town(site)
    mine, theirs = desk(site, first), desk(site, second)
    by_keyboard(site, mine, visits[0])
    by_drag(theirs)
    assert stands(site, visits[2])[0] == "王秀芬"
    assert stands(site, visits[0]) == ("王秀芬", 850), "the other desk's page was older, and both count"
    from_an_older_page(mine, theirs)
    assert stands(site, visits[1]) == ("赵志强", 970)

    mine.get_by_role("button", name=re.compile("撤销：你")).click()
    expect(mine.get_by_text("已撤销")).to_be_visible()
    assert stands(site, visits[1]) == ("赵志强", 875)
    mine.get_by_role("button", name=re.compile("重做：")).click()
    expect(mine.get_by_text("已重做")).to_be_visible()
    assert stands(site, visits[1]) == ("赵志强", 970)
    theirs.reload()
    theirs.locator(".steps-row summary").first.click()
    theirs.get_by_role("button", name="确实撤销").click()
    expect(theirs.get_by_text("已撤销")).to_be_visible()
    assert stands(site, visits[1]) == ("赵志强", 875)

    theirs.get_by_role("searchbox").first.fill("zhao")
    theirs.get_by_role("button", name="找", exact=True).first.click()
    expect(theirs.locator(".board-row[data-name]")).to_have_count(1)
    theirs.goto(f"/plan?week={WEEK}&day={make.WEDNESDAY.isoformat()}")
    theirs.get_by_role("button", name=re.compile("发布这")).click()
    expect(theirs.get_by_text("已发布，2 人会收到消息")).to_be_visible()
    assert [each for each in site.complaints if "409" not in each] == []
