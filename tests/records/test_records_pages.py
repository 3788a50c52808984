"""The pages of records: one route at a time, as the office and the volunteer use them, and what is refused politely."""

import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import builders as make
from tests.browser import Browser
from tests.records.conftest import TUESDAY, Office, served
from tests.records.insider import alone
from tests.records.test_checks import LAST_WEEK, busy_week, checked
from timebank import clock
from timebank.access.models import Role
from timebank.certificates.actions import issue_certificate
from timebank.db import db, transaction
from timebank.ledger.models import Transfer
from timebank.proposals.models import Proposal
from timebank.records import checklists, queries
from timebank.records.models import Evaluation, Training
from timebank.visits.actions import ceilings, entering
from timebank.visits.entries import EntryState, ManualEntry
from timebank.visits.models import ServiceRecord

FORM = {
    "day": "2026-11-24",
    "started": "10:00",
    "ended": "10:45",
    "place": "松坡路服务站",
    "reason": "临时帮忙",
    "evidence": "签到表第 3 行",
}


def said(answer: TestResponse) -> str:
    """Return a page with single spaces."""
    return " ".join(answer.get_data(as_text=True).split())


def test_one_enters_the_other_posts_and_the_hour_tells_both(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    first, second, owner = sit("first"), sit("second"), sit("owner")
    page = said(first.get(f"/entries/new?volunteer={office.volunteer}"))
    assert "11月24日" in page
    entry = first.send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM).location
    assert re.fullmatch(r"/entries/\d+", entry)
    assert "是你录入的" in said(first.get(entry))
    assert "同意，记入 45 分钟" not in said(first.get(entry))
    assert "手工或补录等你核准" not in said(first.get("/today"))
    assert "1 条手工或补录等你核准" in said(second.get("/today"))
    assert first.send(f"{entry}/post").status_code == 409
    assert second.send(f"{entry}/post").location == entry
    with app.app_context():
        record = db.session.scalars(select(ServiceRecord)).one()
    for browser, path in ((second, f"/books/hours/{record.id}"), (owner, f"/my/hours/{record.id}")):
        page = said(browser.get(path))
        for words in ("手工", "衣晓雯 录入", "曲成海 核准", "临时帮忙 · 签到表第 3 行", "松坡路服务站", "松坡社区居委会", "账链第 1 笔"):
            assert words in page, (path, words)
    assert "手工" in said(owner.get("/my/hours?month=2026-11"))


def test_a_form_that_is_wrong_says_the_rule_beside_its_field_and_keeps_what_was_typed(
    app: Flask, office: Office, sit: Callable[[str], Browser]
) -> None:
    first = sit("first")
    wrong = {
        "零分钟": {"ended": "10:00"},
        "倒过来": {"ended": "9:30"},
        "时间写成": {"ended": "10.5.3"},
        "一天最多记 12 小时": {"started": "0:00", "ended": "13:00"},
        "还没有发生": {"day": "2026-11-26"},
        "只能补录 30 天以内": {"day": "2026-10-01"},
        "日期不对": {"day": "2026-11-31"},
        "请写为什么要补录": {"reason": ""},
        "请写凭什么": {"evidence": ""},
        "请写在哪里做的": {"place": ""},
        "请选做了什么": {"kind": ""},
        "这次上门不能补录": {"visit": "999999"},
    }
    for words, changed in wrong.items():
        answer = first.send("/entries/new", **{"volunteer": office.volunteer, "kind": office.hair, **FORM, **changed})
        assert answer.status_code == 422, words
        assert words in said(answer), words
        if "reason" not in changed:
            assert "临时帮忙" in said(answer)
    with app.app_context():
        assert not list(db.session.scalars(select(ManualEntry)))


def test_a_forgotten_visit_is_entered_from_the_list_of_what_is_not_on_record(
    app: Flask, office: Office, sit: Callable[[str], Browser]
) -> None:
    make.set_clock("2026-12-09 09:00")
    first, second, owner = sit("first"), sit("second"), sit("owner")
    assert "1 次服务过了 10 个工作日还没入账" in said(first.get("/today"))
    page = said(first.get("/overdue"))
    assert "过了 1 个工作日" in page
    assert "2026、2027 年的放假安排还没有导入" in page
    link = re.findall(r'href="(/entries/new[^"]*)"', page)[0].replace("&amp;", "&")
    form = said(first.get(link))
    assert 'value="14:30"' in form
    with app.app_context():
        visit = office.forgotten.visit_id
    entry = first.send("/entries/new", volunteer=office.volunteer, visit=visit, **{**FORM, "started": "14:32", "ended": "15:15"}).location
    assert "补录等核准" in said(first.get("/overdue"))
    second.send(f"{entry}/post")
    assert "做过的都入账了" in said(first.get("/overdue"))
    assert "看记了多少、从哪里来" in said(owner.get(f"/phone/visits/{office.offer}"))
    with app.app_context():
        record = db.session.scalars(select(ServiceRecord)).one()
    assert "没有签到签退" in said(owner.get(f"/my/hours/{record.id}"))


def test_refusing_asks_for_a_reason_and_the_one_who_entered_reads_it(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    first, second = sit("first"), sit("second")
    entry = first.send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM).location
    assert second.send(f"{entry}/refuse", decision="").status_code == 422
    assert second.send(f"{entry}/refuse", decision="签到表上没有她").status_code == 303
    assert "签到表上没有她" in said(first.get(entry))
    assert second.send(f"{entry}/post").status_code == 409
    with app.app_context():
        assert db.session.scalars(select(ManualEntry)).one().state is EntryState.REFUSED
        assert not list(db.session.scalars(select(Transfer)))


def test_kin_are_noted_by_the_office_and_dropped_by_the_administrator_only(
    app: Flask, office: Office, sit: Callable[[str], Browser], sign_in_as: Callable[..., Browser]
) -> None:
    second = sit("second")
    assert second.send("/entries/kin", user=office.second, volunteer=office.volunteer, relation="").status_code == 422
    assert second.send("/entries/kin", user=office.second, volunteer=office.volunteer, relation="表姐").status_code == 303
    assert "你和这位志愿者是亲属" in said(second.get(f"/entries/new?volunteer={office.volunteer}"))
    assert second.send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM).status_code == 409
    with app.app_context():
        kin = queries.kinships(office.community)[0].id
    assert second.send(f"/entries/kin/{kin}/drop").status_code == 403
    assert sign_in_as(Role.ADMIN, office.community).send(f"/entries/kin/{kin}/drop").status_code == 303
    assert second.send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM).status_code == 303


def agreed(browser: Browser) -> TestResponse:
    """Let somebody agree to the only thing that waits."""
    with browser.application.app_context():
        asked = db.session.scalars(select(Proposal.id).where(Proposal.state == "pending")).one()
    return browser.send(f"/proposals/{asked}/agree")


def test_the_ceilings_are_the_administrators(office: Office, sit: Callable[[str], Browser], sign_in_as: Callable[..., Browser]) -> None:
    rules = {"volunteer_month": "30", "coordinator_month": "3000", "back_days": "30", "call_back_percent": "5", "own_word_month": "3000"}
    assert sit("first").send("/entries/rules", **rules).status_code == 403
    admin = sign_in_as(Role.ADMIN, office.community)
    for wrong in ("-1", "1.5", "14401", "many", ""):
        assert admin.send("/entries/rules", **{**rules, "volunteer_month": wrong}).status_code == 422, wrong
    assert admin.send("/entries/rules", **rules).status_code == 303
    assert agreed(sit("second")).status_code == 303
    answer = sit("first").send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM)
    assert answer.status_code == 409
    assert "每月手工和补录合计最多 30 分钟" in said(answer)


def test_trainings_are_noted_withdrawn_and_read_on_the_phone(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    first, page = sit("first"), f"/volunteers/{office.volunteer}/trainings"
    course = {"name": "急救培训", "content": "心肺复苏", "minutes": "180", "held_by": "红十字会", "day": "2026-11-10"}
    for wrong in ({"minutes": "0"}, {"minutes": "-3"}, {"minutes": "1.5"}, {"name": ""}, {"held_by": ""}, {"day": "2026-11-26"}):
        assert first.send(page, **{**course, **wrong}).status_code == 422, wrong
    assert first.send(page, **course).status_code == 303
    assert first.send(page, **course).status_code == 409
    with app.app_context():
        training = db.session.scalars(select(Training)).one().id
    assert "急救培训" in said(sit("owner").get("/my/trainings"))
    assert first.send(f"{page}/{training}/withdraw", reason="").status_code == 422
    assert first.send(f"{page}/{training}/withdraw", reason="登记错人了").status_code == 303
    assert "登记错人了" in said(sit("owner").get("/my/trainings"))


def test_an_objection_is_answered_with_the_right_minutes_on_one_page(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    with app.app_context(), transaction():
        record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40).id
    first, owner = sit("first"), sit("owner")
    assert "2027年1月3日 前都可以提" in said(owner.get(f"/my/hours/{record}"))
    assert owner.send(f"/my/hours/{record}/objection", words="其实做了 50 分钟").status_code == 303
    assert "1 个异议等答复" in said(first.get("/today"))
    page = said(first.get("/objections"))
    assert "12月2日 周三 前答复" in page
    assert 'value="40"' in page
    with app.app_context():
        objection = queries.objections(office.community, still_open=True)[0].id
    assert first.send(f"/objections/{objection}", words="核对了录像", minutes="721").status_code == 422
    assert first.send(f"/objections/{objection}", words="核对了录像", minutes="50").status_code == 303
    assert "1 件等你核准或核对" in said(sit("second").get("/today"))
    assert "1 件等你核准或核对" not in said(first.get("/today"))
    assert agreed(sit("second")).status_code == 303
    with app.app_context():
        newest = db.session.scalars(select(ServiceRecord).where(ServiceRecord.current)).one()
    page = said(owner.get(f"/my/hours/{newest.id}"))
    for words in ("已更正为第 2 版，50 分钟", "40 → 50 分钟", "曲成海", "核对了录像"):
        assert words in page


def test_where_an_hour_comes_from_leads_to_its_certificate_and_back(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    first, second, owner = sit("first"), sit("second"), sit("owner")
    second.send(first.send("/entries/new", volunteer=office.volunteer, kind=office.hair, **FORM).location + "/post")
    with app.app_context(), transaction():
        record = db.session.scalars(select(ServiceRecord)).one().id
        paper = issue_certificate(office.carer, TUESDAY, TUESDAY, office.user("first")).id
    assert f'href="/certificates/{paper}"' in said(first.get(f"/books/hours/{record}"))
    assert f'href="/certificates/{paper}/records"' in said(first.get(f"/certificates/{paper}"))
    assert f'href="/books/hours/{record}"' in said(first.get(f"/certificates/{paper}/records"))
    assert f'href="/my/certificates#c{paper}"' in said(owner.get(f"/my/hours/{record}"))
    assert f'href="/my/hours/{record}"' in said(owner.get(f"/my/certificates/{paper}/records"))
    assert f'href="/books/hours/{record}"' in said(first.get(f"/books/{office.volunteer}?month=2026-11"))


def test_a_service_is_evaluated_on_its_page(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    with app.app_context(), transaction():
        record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40).id
    first, page = sit("first"), f"/books/hours/{record}"
    assert first.send(f"{page}/evaluation", grade="poor", words="").status_code == 422
    assert first.send(f"{page}/evaluation", grade="best", words="").status_code == 422
    assert first.send(f"{page}/evaluation", grade="fair", words="到得晚了些").status_code == 303
    assert "到得晚了些" in said(sit("owner").get(f"/my/hours/{record}"))
    with app.app_context():
        assert len(list(db.session.scalars(select(Evaluation)))) == 1


def test_the_weekly_check_is_made_settled_and_called_on_one_page(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    first = sit("first")
    with app.app_context():
        busy_week(office, 5)
    assert first.send("/checks", week="2026-W49").status_code == 409
    assert first.send("/checks", week="48").status_code == 422
    for week in ("next", "0001-W01", "9999-W52"):
        assert first.get(f"/checks?week={week}").status_code == 422, week
    page = first.send("/checks", week="2026-W47").location
    assert page == "/checks?week=2026-W47"
    assert "计划 40 分钟，实际 120 分钟" in said(first.get("/checks"))
    with app.app_context():
        check = checklists.check_of(office.community, LAST_WEEK)
        assert check is not None
        finding, (call, *others) = checklists.findings_of(check)[0].id, [each.id for each in checklists.calls_of(check)]
    assert f"{2 + len(others)} 件每周核查没有结果" in said(first.get("/today"))
    for path, wrong in (
        (f"/findings/{finding}", {"settled": "in_order", "result": ""}),
        (f"/findings/{finding}", {"settled": "gone", "result": "没事"}),
        (f"/call-backs/{call}", {"heard": "wrong", "words": ""}),
        (f"/call-backs/{call}", {"words": "没事"}),
    ):
        assert first.send(path, **wrong).status_code == 422, wrong
    assert first.send(f"/findings/{finding}", settled="objected", result="忘了签退").status_code == 303
    assert first.send(f"/call-backs/{call}", heard="wrong", words="老人说没有人来").status_code == 303
    assert [first.send(f"/call-backs/{other}", heard="as_recorded", score="5").status_code for other in others] == [303] * len(others)
    page = said(first.get("/objections"))
    assert "核查发现" in page
    assert "每周核查没有结果" not in said(first.get("/today"))


def test_whoever_had_a_hand_sees_to_whom_a_flag_and_a_call_go_and_posts_in_vain(
    app: Flask, office: Office, sit: Callable[[str], Browser]
) -> None:
    with app.app_context():
        by = office.user("first")
        with transaction():
            ceilings.settle_rules(office.community, call_back_percent=100)
        alone(office, by, minutes=62)
    first, second = sit("first"), sit("second")
    page = first.send("/checks", week="2026-W48").location
    shown = said(first.get("/checks"))
    assert page == "/checks?week=2026-W48"
    assert shown.count("不能由你核对：这一条是你确认的。要由另一位同事核对：曲成海。") == 3
    assert "还没过完" in shown
    assert "13733334444" not in shown
    assert 'name="settled"' not in shown
    theirs = said(second.get("/checks"))
    assert "13733334444" in theirs
    assert theirs.count('value="in_order"') == 2
    finding, call = re.findall(r"/findings/(\d+)", theirs)[0], re.findall(r"/call-backs/(\d+)", theirs)[0]
    for browser, status in ((first, 409), (second, 303)):
        assert browser.send(f"/findings/{finding}", settled="objected", result="查无此人").status_code == status
        assert browser.send(f"/call-backs/{call}", heard="wrong", words="空号").status_code == status
    objections = said(first.get("/objections"))
    assert "要由另一位同事核对：曲成海" in objections
    assert 'name="words"' not in objections
    number = re.findall(r'id="o(\d+)"', objections)[0]
    assert first.send(f"/objections/{number}", words="没问题", minutes="41").status_code == 409
    assert second.send(f"/objections/{number}", words="查无此人", minutes="0").status_code == 303


def test_what_of_other_weeks_is_open_is_said(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    with app.app_context():
        busy_week(office, 5)
        checked(office)
    page = said(sit("first").get("/checks?week=2026-W46"))
    assert "别的周还有 2 件没有结果" in page
    assert 'href="/checks?week=2026-W47"' in page


def test_every_page_opens_in_both_languages(app: Flask, office: Office, sit: Callable[[str], Browser]) -> None:
    with app.app_context():
        busy_week(office, 5)
        checked(office)
        with transaction():
            entry = entering.enter(office.back(), office.user("first")).id
            hour = db.session.scalars(select(ServiceRecord.id)).first()
    office_pages = ("/overdue", "/entries", f"/entries/{entry}", "/entries/new", f"/entries/new?volunteer={office.volunteer}",
                    "/checks", "/checks?week=2026-W40", f"/volunteers/{office.volunteer}/trainings", f"/books/hours/{hour}")  # fmt: skip
    for who, pages in (("first", office_pages), ("second", office_pages), ("owner", ("/my/trainings", f"/my/hours/{hour}"))):
        browser = sit(who)
        for language in ("zh", "en"):
            browser.send("/language", locale=language)
            for path in pages:
                answer = browser.get(path)
                assert answer.status_code == 200, path
                assert "style=" not in said(answer), path
