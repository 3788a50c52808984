"""Papers of many people as one file: a batch's certificates and a month's statements, each with pages of its own."""

import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.certificates.test_batches import more_volunteers, ordered
from tests.papers.test_papers import words
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role
from timebank.books import printing as statements
from timebank.books import queries
from timebank.books import queries as books
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, batches, printing, runner
from timebank.certificates.models import Certificate, CertificateBatch
from timebank.db import db, transaction
from timebank.errors import Conflict, NotFound
from timebank.papers import bundles
from timebank.volunteers.models import Volunteer

MOST_SECONDS = 10
NOVEMBER = date(2026, 11, 1)
PERIOD = {"start": "2026-01-01", "end": "2026-11-25"}
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the papers back")


@needs_poppler
def test_a_batch_is_one_file_with_every_certificate_that_holds_each_page_of_its_own(
    app: Flask, desk: Browser, world: World, tmp_path: Path
) -> None:
    with app.app_context(), transaction():
        ids = [world.volunteer, *more_volunteers(world, 3)]
    path = desk.send("/certificates/batch", volunteer=[str(each) for each in ids], **PERIOD).location
    with app.app_context(), transaction():
        actions.revoke(db.session.get_one(Certificate, 2), world.get()[2], "开错了")
    assert "打印成一个 PDF" in desk.get(path).text
    answer = desk.get(f"{path}/1.pdf")
    assert answer.mimetype == "application/pdf"
    found = words(answer.data, tmp_path)
    for number in (1, 3, 4):
        assert found.count(f"编号ZM-PINE-STREET-2026-00000{number}") == 1
    assert "ZM-PINE-STREET-2026-000002" not in found
    assert found.count("第1页，共1页") == 3


@needs_poppler
@pytest.mark.parametrize(("language", "pages"), [("zh", "第1页，共1页"), ("en", "Page1of1")])
def test_a_month_is_one_file_with_the_statement_of_everybody_who_served(
    app: Flask, desk: Browser, world: World, tmp_path: Path, language: str, pages: str
) -> None:
    with app.app_context(), transaction():
        more_volunteers(world, 2)
        make.make_volunteer(world.get()[0], "单建国")
    assert "打印全部对账单" in desk.get("/books?month=2026-11").text
    found = words(desk.get(f"/books/statements/2026-11/1.pdf?lang={language}").data, tmp_path)
    assert all(name in found for name in ("王秀芬", "丛0", "丛1"))
    assert "单建国" not in found
    assert found.count(pages) == 3


def test_more_than_a_file_holds_comes_in_parts_and_other_parts_are_not_there(
    app: Flask, desk: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "A_FILE", 2)
    with app.app_context(), transaction():
        more_volunteers(world, 2)
    assert bundles.parts(3) == [(1, 2), (3, 3)]
    assert bundles.parts(0) == []
    page = desk.get("/books?month=2026-11").text
    assert "打印对账单 1–2" in page
    assert "打印对账单 3–3" in page
    for part, status in ((0, 404), (1, 200), (2, 200), (3, 404)):
        assert desk.get(f"/books/statements/2026-11/{part}.pdf").status_code == status
    with pytest.raises(NotFound):
        bundles.part_of([], 1)


def test_an_empty_month_offers_nothing_and_an_office_elsewhere_gets_nothing(
    app: Flask, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    assert "打印全部对账单" not in desk.get("/books?month=2026-09").text
    path = desk.send("/certificates/batch", volunteer=[str(world.volunteer)], **PERIOD).location
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=other)
    assert stranger.get(f"{path}/1.pdf").status_code == 404
    assert stranger.get("/books/statements/2026-11/1.pdf").status_code == 404


def test_a_file_is_whole_or_is_not_printed(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        with transaction():
            batch_id = ordered(world, [world.volunteer, *more_volunteers(world, 1)], monkeypatch)
        runner.run(batch_id)
        with transaction():
            edited = db.session.get_one(Certificate, 1)
            edited.content = edited.content | {"total_minutes": 9999}
        papers = batches.of_batch(db.session.get_one(CertificateBatch, batch_id))
        with pytest.raises(Conflict, match="sealed"):
            printing.print_certificates(papers, "https://bdg.example", language="zh")


def test_45_statements_and_certificates_as_one_file_each_take_at_most_ten_seconds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    papers_of_45(app, monkeypatch, "zh")


@pytest.mark.long
@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_both_languages_and_from_both_databases_as_well(
    both: Flask, monkeypatch: pytest.MonkeyPatch, language: printing.Language
) -> None:
    """Ten seconds each, most of them for the 450 records that are printed; what prints them is the same."""
    papers_of_45(both, monkeypatch, language)


def papers_of_45(app: Flask, monkeypatch: pytest.MonkeyPatch, language: printing.Language) -> None:
    """Print the certificates and the statements of 45 people, in time."""
    world = served_world(app)
    with app.app_context():
        with transaction():
            hair = db.session.get_one(ServiceKind, world.hair)
            ids = [world.volunteer, *more_volunteers(world, 44)]
            for each in ids:
                for day in range(2, 12):
                    record(db.session.get_one(Volunteer, each), hair, date(2026, 11, day), 30)
            batch_id = ordered(world, ids, monkeypatch)
        runner.run(batch_id)
        begun = time.process_time()
        papers = batches.of_batch(db.session.get_one(CertificateBatch, batch_id))
        made = printing.print_certificates(papers, "https://bdg.example", language=language)
        people = books.with_service(world.community, TODAY)
        bundle = statements.print_statements([queries.statement(each, NOVEMBER) for each in people], language=language)
        assert time.process_time() - begun <= MOST_SECONDS
        assert (len(papers), len(people)) == (45, 45)
        assert made.startswith(b"%PDF")
        assert bundle.startswith(b"%PDF")
