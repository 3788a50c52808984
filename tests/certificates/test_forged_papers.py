"""Forged papers: twenty forgeries of a certificate that was really issued, each with its digest worked out anew, as anybody can."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.served import TODAY, World, record, served_world
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, checking
from timebank.certificates.actions import Wishes
from timebank.certificates.models import Certificate
from timebank.cli import main
from timebank.db import db, transaction
from timebank.papers import seal

Paper = dict[str, Any]
FITS, DIFFERS, UNKNOWN = "和登记簿一致", "和登记簿不一致", "没有查到"


def said(page: str) -> str:
    """Return a page with single spaces."""
    return " ".join(page.split())


@pytest.fixture
def papers(app: Flask, world: World) -> tuple[Paper, Paper]:
    """Give a certificate as its holder has it in hand, and that of somebody who did more."""
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        busy = make.make_volunteer(community, "王丽娟")
        record(busy, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 20), 600)
        wishes = Wishes("用于升学", id_type="居民身份证", id_last4="123X")
        mine = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator, wishes)
        hers = actions.issue_certificate(busy, date(2026, 1, 1), TODAY, coordinator)
        found = [{**deepcopy(each.content), "code": each.check_code, "digest": each.content_sha256} for each in (mine, hers)]
    return found[0], found[1]


def items(**changed: object) -> Callable[[Paper, Paper], None]:
    """Return the forgery that prints other words or figures in some places."""
    return lambda paper, _other: paper.update(changed)


def more_hours(paper: Paper, _other: Paper) -> None:
    paper["by_kind"][0]["minutes"] += 600
    paper["total_minutes"] += 600


def more_visits(paper: Paper, _other: Paper) -> None:
    paper["by_kind"][0]["visits"] += 5
    paper["visit_count"] += 5


def kind_renamed(paper: Paper, _other: Paper) -> None:
    paper["by_kind"][0]["content"] = "心理疏导"


def kind_added(paper: Paper, _other: Paper) -> None:
    paper["by_kind"].append({"content": "心理疏导", "content_en": "Counselling", "visits": 4, "minutes": 240})
    paper["visit_count"] += 4
    paper["total_minutes"] += 240


def kind_left_out(paper: Paper, _other: Paper) -> None:
    gone = paper["by_kind"].pop()
    paper["visit_count"] -= gone["visits"]
    paper["total_minutes"] -= gone["minutes"]


def minutes_moved(paper: Paper, _other: Paper) -> None:
    paper["by_kind"][0]["minutes"] -= 20
    paper["by_kind"][1]["minutes"] += 20


def number_and_code_of_another(paper: Paper, other: Paper) -> None:
    paper.update({name: other[name] for name in ("number", "code")})


def name_and_kinds(paper: Paper, _other: Paper) -> None:
    paper["volunteer_name"] = "王建国"
    kind_renamed(paper, paper)


def own_name_on_another(paper: Paper, other: Paper) -> None:
    name, number = paper["volunteer_name"], paper["volunteer_no"]
    paper.update(deepcopy(other) | {"volunteer_name": name, "volunteer_no": number})


def nearly_everything(paper: Paper, _other: Paper) -> None:
    more_hours(paper, paper)
    more_visits(paper, paper)
    paper.update(volunteer_name="李梅", period_from="2025-01-01", unit="市志愿者协会", issued_on="2026-11-01")


FORGERIES: dict[str, Callable[[Paper, Paper], None]] = {
    "a name that is masked alike": items(volunteer_name="王建国"),
    "another volunteer number": items(volunteer_no="V999"),
    "another identity document": items(id_last4="9999"),
    "an earlier beginning": items(period_from="2025-01-01"),
    "an earlier end": items(period_to="2026-11-24"),
    "more hours": more_hours,
    "another total only": items(total_minutes=1270),
    "more visits": more_visits,
    "a kind under another name": kind_renamed,
    "one kind more": kind_added,
    "one kind less": kind_left_out,
    "minutes of one kind under another": minutes_moved,
    "another unit": items(unit="市志愿者协会"),
    "another day of issue": items(issued_on="2026-11-01"),
    "a number nobody was given": items(number="ZM-PINE-STREET-2026-000099"),
    "an invented check code": items(code="000000000000"),
    "number and code of another certificate": number_and_code_of_another,
    "name and kinds together": name_and_kinds,
    "one's own name on another's certificate": own_name_on_another,
    "nearly everything": nearly_everything,
}


def lines(paper: Paper) -> str:
    """Return what somebody copies from a paper."""
    return "\n".join(seal.lines(paper))


def by_number(client: Browser, paper: Paper) -> str:
    """Return what the check page says to number, code and digest of a paper."""
    return said(client.get("/check", query_string={name: paper[name] for name in ("number", "code", "digest")}).text)


def by_copy(client: Browser, paper: Paper) -> str:
    """Return what the page for a copied paper says."""
    return said(client.send("/check/paper", lines=lines(paper), code=paper["code"], digest=paper["digest"]).text)


def refused(page: str) -> bool:
    """Say whether a page tells a visitor that a paper is not what the register holds."""
    return FITS not in page and (DIFFERS in page or UNKNOWN in page)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_with_a_digest_of_its_own_is_found_by_both_checks(client: Browser, papers: tuple[Paper, Paper], forgery: str) -> None:
    paper, other = papers
    FORGERIES[forgery](paper, other)
    paper["digest"] = seal.digest(seal.lines(paper))
    assert refused(by_number(client, paper))
    assert refused(by_copy(client, paper))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_under_the_true_digest_is_found_by_whoever_copies_the_paper(
    client: Browser, papers: tuple[Paper, Paper], forgery: str
) -> None:
    paper, other = papers
    FORGERIES[forgery](paper, other)
    assert refused(by_copy(client, paper))


def test_the_true_paper_is_said_to_be_what_the_register_holds(client: Browser, papers: tuple[Paper, Paper]) -> None:
    for page in (by_number(client, papers[0]), by_copy(client, papers[0])):
        assert FITS in page
        assert DIFFERS not in page
        assert "这份证明有效" in page


def test_the_digest_is_taken_as_people_type_it(client: Browser, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    typed = " ".join(paper["digest"][start : start + 8] for start in range(0, 64, 8)).upper().replace("0", "O").replace("1", "l")
    assert FITS in by_number(client, paper | {"digest": typed})


@pytest.mark.parametrize("typed", ["b", "0123 4567", "z" * 64])
def test_what_is_no_whole_digest_gets_neither_yes_nor_no(client: Browser, papers: tuple[Paper, Paper], typed: str) -> None:
    page = by_number(client, papers[0] | {"digest": typed})
    assert "64" in page
    assert FITS not in page
    assert DIFFERS not in page


def test_a_copied_paper_without_its_code_is_never_said_to_be_genuine(client: Browser, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    name_and_kinds(paper, paper)
    paper["digest"] = seal.digest(seal.lines(paper))
    page = by_copy(client, paper | {"code": ""})
    assert paper["digest"] in page
    assert FITS not in page
    assert "谁都能算" in page


def test_a_copied_paper_without_a_number_is_asked_for_it(client: Browser, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    answer = client.send("/check/paper", lines="\n".join(seal.lines(paper)[1:]), code=paper["code"])
    assert answer.status_code == 422
    assert "编号" in answer.text


def test_the_command_asks_the_register_when_it_is_given_the_code(
    app: Flask, world: World, papers: tuple[Paper, Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["timebank"]
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TIMEBANK_INSTANCE", settings.instance)
    paper, file = papers[0], tmp_path / "paper.txt"

    def sealed() -> tuple[int, str]:
        file.write_text(lines(paper), encoding="utf-8")
        done = CliRunner().invoke(main, ["seal", str(file), "--digest", seal.digest(seal.lines(paper)), "--code", paper["code"]])
        return done.exit_code, done.output

    status, words = sealed()
    assert status == 0
    assert f"{FITS} / what the register holds: valid" in words
    with app.app_context(), transaction():
        row = db.session.scalars(select(Certificate).where(Certificate.number == paper["number"])).one()
        actions.revoke(row, world.get()[2], "开错了")
    status, words = sealed()
    assert status == 1
    assert "revoked" in words
    name_and_kinds(paper, paper)
    status, words = sealed()
    assert status == 1
    assert DIFFERS in words
    paper["code"] = "000000000000"
    status, words = sealed()
    assert status == 1
    assert UNKNOWN in words


def overlapping(app: Flask, world: World, start: date, end: date) -> tuple[str, str, str]:
    """Issue a year's certificate and another; return the first one's number and code, and the other's number."""
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        year = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        other = actions.issue_certificate(volunteer, start, end, coordinator)
        return year.number, year.check_code, other.number


def test_another_certificate_for_some_of_the_same_days_is_named_with_the_days(both: Flask) -> None:
    world = served_world(both)
    number, code, other = overlapping(both, world, date(2025, 12, 1), date(2026, 10, 31))
    page = said(open_browser(both).get(f"/check/{number}/{code}").text)
    assert "日期和这份重叠" in page
    assert f"2026年1月1日 – 2026年10月31日 同时算在 {other} 里" in page
    assert "不能相加" in page
    with both.app_context(), transaction():
        actions.revoke(db.session.scalars(select(Certificate).where(Certificate.number == other)).one(), world.get()[2], "开错了")
    assert "重叠" not in open_browser(both).get(f"/check/{number}/{code}").text


def test_a_certificate_for_other_days_or_of_somebody_else_is_no_overlap(app: Flask, client: Browser, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        october = actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator)
        actions.issue_certificate(volunteer, date(2026, 11, 1), TODAY, coordinator)
        other = make.make_volunteer(community, "王丽娟")
        record(other, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 20), 60)
        actions.issue_certificate(other, date(2026, 10, 1), date(2026, 10, 31), coordinator)
        path = f"/check/{october.number}/{october.check_code}"
    assert "重叠" not in client.get(path).text


def test_the_office_sees_the_overlap_on_the_certificate_too(app: Flask, desk: Browser, world: World) -> None:
    number, _code, other = overlapping(app, world, date(2026, 10, 1), date(2026, 10, 31))
    with app.app_context():
        shown = db.session.scalars(select(Certificate.id).where(Certificate.number == number)).one()
    page = desk.get(f"/certificates/{shown}").text
    assert "日期和这份重叠" in page
    assert other in page


def test_a_certificate_that_was_withdrawn_says_since_when(app: Flask, client: Browser, world: World, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    make.set_clock("2026-11-27 15:00")
    with app.app_context(), transaction():
        row = db.session.scalars(select(Certificate).where(Certificate.number == paper["number"])).one()
        actions.revoke(row, world.get()[2], "内部原因")
    for page in (by_number(client, paper), by_copy(client, paper)):
        assert "已撤销，无效" in page
        assert "2026年11月27日 起无效" in page
        assert "这份证明有效" not in page
        assert "内部原因" not in page


def by_hidden_places(client: Browser, paper: Paper) -> str:
    """Return what the check says to what a paper states in the places it does not show."""
    return said(client.send("/check", number=paper["number"], code=paper["code"], **{name: paper[name] for name in checking.MASKED}).text)


def test_the_full_name_and_what_is_not_shown_get_yes(client: Browser, papers: tuple[Paper, Paper]) -> None:
    for paper in papers:
        page = by_hidden_places(client, paper)
        assert FITS in page
        assert DIFFERS not in page


@pytest.mark.parametrize(
    ("place", "forged"),
    [
        ("volunteer_name", "王建国"),
        ("volunteer_no", "V999"),
        ("id_type", "护照"),
        ("id_last4", "9999"),
        ("responsible", "别人"),
        ("handler", "本人自助开具"),
        ("remarks", ""),
    ],
)
def test_each_of_the_places_that_are_not_shown_gets_no_when_it_is_forged(
    client: Browser, papers: tuple[Paper, Paper], place: str, forged: str
) -> None:
    page = by_hidden_places(client, papers[0] | {place: forged})
    assert DIFFERS in page
    assert FITS not in page


def test_a_name_that_is_left_out_is_asked_for_and_a_wrong_code_finds_nothing(client: Browser, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    missing = client.send("/check", number=paper["number"], code=paper["code"], volunteer_name="")
    assert missing.status_code == 422
    assert "这一项要填" in missing.text
    assert client.send("/check", number=paper["number"], code="000000000000", volunteer_name="王秀芬").status_code == 404


def test_an_entry_that_was_edited_says_yes_to_nothing(app: Flask, client: Browser, papers: tuple[Paper, Paper]) -> None:
    paper = papers[0]
    with app.app_context(), transaction():
        row = db.session.scalars(select(Certificate).where(Certificate.number == paper["number"])).one()
        row.content = row.content | {"total_minutes": 99999}
    for page in (by_number(client, paper), by_copy(client, paper), by_hidden_places(client, paper)):
        assert "有异常" in page
        assert FITS not in page
        assert "99999" not in page
