"""The first day in a real browser: from the link of ``timebank init`` on an empty machine to a published week, without Excel."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from tests.journeys.conftest import DESKTOP, Site
from tests.journeys.hand import Hand
from timebank import clock
from timebank.db import db, transaction
from timebank.office.actions import first_administrator
from timebank.planning.models import Plan
from timebank.seeding import seed_catalogue
from timebank.visits.models import Offer, OfferState

HALF_AN_HOUR = 30 * 60
VOLUNTEERS = ("林晓梅", "王秀芬", "于淑珍", "姜文博", "傅泽民")
ELDERS = ("臧玉梅", "鞠淑贞", "宁德胜", "衣桂兰", "盖春花")


def come_in(site: Site) -> Hand:
    """Open the link that the command prints."""
    clock.clock.start_at(datetime(2026, 11, 27, 9, 0, tzinfo=clock.ZONE))
    with site.app.app_context(), transaction():
        seed_catalogue()
        token = first_administrator("13812340001", "林岚")
    hand = Hand(site.window(DESKTOP))
    hand.page.goto(f"/link/{token}")
    hand.arrive()
    if "/link/" in hand.page.url:  # a demo opens its own links by themselves
        hand.button("进来")
    return hand


def write_places(hand: Hand) -> None:
    """The community, three buildings pressed on the paper and two pasted, and a canteen."""
    hand.button("写社区") if hand.page.get_by_role("button", name="写社区").count() else hand.link("写社区")
    for label, text in (
        ("街道", "海滨街道"),
        ("社区", "海棠社区"),
        ("电话", "0532-88880311"),
        ("负责人", "林岚"),
        ("记录单位", "海棠社区居民委员会"),
    ):
        hand.write(label, text)
    hand.button("建好")
    hand.link("放楼")
    hand.point(200, 150)
    hand.write("院子", "海棠路9号院")
    hand.write("这栋叫什么", "1号楼")
    hand.write("几层", "6")
    hand.button("放下，再放下一栋")
    hand.sees("放好了")
    hand.point(420, 220)
    hand.write("这栋叫什么", "2号楼")
    hand.button("放下，再放下一栋")
    hand.write("楼的列表", "槐安街2号院 1号楼 18 有电梯\n槐安街2号院 2号楼 6")
    hand.button("都放下")
    hand.sees("槐安街2号院 2号楼")
    hand.link("下一步：食堂或取餐点")
    hand.write("叫什么", "海棠食堂")
    hand.choose("在哪栋楼旁边", "海棠路9号院 1号楼")
    hand.button("写下")
    hand.sees("海棠食堂写好了")


def ask_a_colleague(hand: Hand) -> None:
    """A coordinator gets a link; station, units and channels are left out for now."""
    hand.link("开张")
    for _step in range(3):
        hand.button("先跳过")
    hand.link("请同事")
    hand.write("姓名", "姜文博")
    hand.write("手机", "13812340002")
    hand.choose("角色", "协调员")
    hand.button("记下，给我链接")
    expect(hand.page.get_by_label("链接")).to_have_value(re.compile("/link/"))


def write_volunteer(hand: Hand, name: str, number: int) -> None:
    """A volunteer with a telephone, a place to start from and three free mornings."""
    hand.link("开张")
    hand.link("登记一位志愿者")
    hand.write("姓名", name)
    hand.write("手机", f"1381235{number:04d}")
    hand.choose("从哪里出发", "号楼")
    hand.button("登记")
    hand.sees("接着写哪天有空")
    for day in ("周一", "周三", "周五"):
        hand.write(day, "9:00-11:30")
    hand.button("存好")


def write_elder(hand: Hand, name: str, number: int) -> None:
    """An elder with a door, and what they need: a parcel fetched on Monday or Wednesday."""
    hand.link("开张")
    hand.link("登记一位老人")
    hand.write("姓名", name)
    hand.write("电话", f"0532-8888{number:04d}")
    hand.choose("楼栋", "号楼")
    hand.write("楼层", str(number + 1))
    hand.write("门", f"{number + 1}01")
    hand.button("登记")
    hand.press(hand.page.get_by_role("link", name=re.compile("替他记一件求助")).first)
    hand.choose("要什么", "快递代取")
    hand.arrive()
    hand.tick("每周一次")
    for day in ("周一", "周三"):
        hand.tick(day)
    hand.button("记下并接下")


def publish(hand: Hand) -> None:
    """Next week is planned and published."""
    hand.link("开张")
    hand.link("第一周")
    if not hand.page.get_by_role("button", name="排这一周").count():
        hand.press(hand.page.get_by_role("link", name=re.compile("下一周|下周")).first)
    hand.button("排这一周")
    expect(hand.page.get_by_role("heading", name=re.compile("排好了"))).to_be_visible(timeout=180_000)
    hand.link("去看周计划")
    hand.press(hand.page.get_by_role("button", name=re.compile("^发布这")).first)
    hand.sees("已发布")


def first_day(site: Site, people: int) -> Hand:
    """Live the first day with so many volunteers and elders."""
    hand = come_in(site)
    hand.sees("从头开张")
    write_places(hand)
    ask_a_colleague(hand)
    for number, name in enumerate(VOLUNTEERS[:people]):
        write_volunteer(hand, name, number)
    for number, name in enumerate(ELDERS[:people]):
        write_elder(hand, name, number)
    publish(hand)
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Plan).where(Plan.published_at.is_not(None))) == 1
        sent = select(func.count()).select_from(Offer).where(Offer.state == OfferState.SENT)
        assert db.session.scalar(sent) == people
    hand.page.goto("/office/first-day")
    hand.sees("设置")
    hand.page.keyboard.press("Control+k")
    expect(hand.page.get_by_label("姓名、电话或地址")).to_be_focused()
    assert site.complaints == []
    return hand


def test_from_an_empty_machine_to_a_published_week_without_excel(site: Site) -> None:
    first_day(site, 1)


@pytest.mark.long
def test_five_volunteers_and_five_elders_take_less_than_half_an_hour(site: Site) -> None:
    """Five of each are written down one by one, which takes a minute of the machine's time."""
    hand = first_day(site, 5)
    print(f"\n{hand.seconds / 60:.1f} minutes, {hand.presses} presses, {len(hand.read)} pages read once")  # noqa: T201 - the figure
    assert hand.seconds <= HALF_AN_HOUR
