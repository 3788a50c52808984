"""Certificates for many at once: who is chosen, what a job makes of it, what is left when it dies."""

import io
import time
import zipfile
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, batches, runner
from timebank.certificates.models import BatchLine, Certificate, CertificateBatch
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.queue import jobs
from timebank.records import totals as queries
from timebank.visits.actions.correcting import correct
from timebank.volunteers.models import Volunteer

YEAR = date(2026, 1, 1)


def more_volunteers(world: World, count: int) -> list[int]:
    """Put some volunteers with an hour each on record."""
    community, _, _ = world.get()
    hair = db.session.get_one(ServiceKind, world.hair)
    made = []
    for number in range(count):
        volunteer = make.make_volunteer(community, f"丛{number}")
        record(volunteer, hair, date(2026, 11, 20), 61)
        made.append(volunteer.id)
    return made


def ordered(world: World, ids: list[int], monkeypatch: pytest.MonkeyPatch) -> int:
    """Ask for a batch whose job does not start."""
    monkeypatch.setattr(jobs, "_send", lambda _name, _subject: None)
    community, _, coordinator = world.get()
    return batches.order(community, YEAR, TODAY, ids, coordinator, language="zh").id


def test_a_batch_gives_each_a_certificate_and_one_file(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        ids = [world.volunteer, *more_volunteers(world, 3)]
    assert "丛2" in desk.get("/certificates/batch").text
    answer = desk.send("/certificates/batch", start="2026-01-01", end="2026-11-25", volunteer=[str(each) for each in ids])
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "下载这 4 份" in page
    with zipfile.ZipFile(io.BytesIO(desk.get(f"{answer.location}.zip").data)) as folder:
        assert folder.namelist() == [f"ZM-PINE-STREET-2026-{number:06d}.pdf" for number in range(1, 5)]
        assert all(folder.read(name).startswith(b"%PDF") for name in folder.namelist())


def test_whoever_has_no_service_in_the_period_or_lives_elsewhere_is_left_out(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, _, coordinator = world.get()
        idle = make.make_volunteer(community, "单建国").id
        other = make.make_volunteer(make.make_community("sea-street"), "仇立新").id
        with pytest.raises(Invalid):
            batches.order(community, YEAR, TODAY, [idle, other], coordinator, language="zh")
        with pytest.raises(Invalid):
            batches.order(community, TODAY, YEAR, [world.volunteer], coordinator, language="zh")
        assert db.session.scalar(select(func.count(CertificateBatch.id))) == 0


def test_more_than_the_most_are_refused(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST", 2)
    with app.app_context(), transaction():
        community, _, coordinator = world.get()
        ids = more_volunteers(world, 3)
        with pytest.raises(Invalid, match="2"):
            batches.order(community, YEAR, TODAY, ids, coordinator, language="zh")


def test_a_batch_whose_job_died_goes_on_and_issues_nothing_twice(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, later: object
) -> None:
    with app.app_context():
        with transaction():
            batch_id = ordered(world, more_volunteers(world, 3), monkeypatch)
        with transaction():
            assert len(batches.issue_next(db.session.get_one(CertificateBatch, batch_id), 2)) == 2
        batch = db.session.get_one(CertificateBatch, batch_id)
        assert not batches.is_lost(batch)
        with pytest.raises(Conflict), transaction():
            batches.go_on(db.session.get_one(CertificateBatch, batch_id))
        later(minutes=3)  # type: ignore[operator]
        assert batches.is_lost(db.session.get_one(CertificateBatch, batch_id))
        with transaction():
            batches.go_on(db.session.get_one(CertificateBatch, batch_id))
        runner.run(batch_id)
        done = db.session.get_one(CertificateBatch, batch_id)
        assert batches.progress(done) == batches.Progress(3, 3, 0)
        assert done.ended_at is not None
        assert db.session.scalar(select(func.count(Certificate.id))) == 3


def test_a_line_that_is_refused_says_why_and_the_others_are_made(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        with transaction():
            ids = more_volunteers(world, 2)
            batch_id = ordered(world, ids, monkeypatch)
            (only,) = queries.records_of(db.session.get_one(Volunteer, ids[0]), YEAR, TODAY)
            correct(only, 0, "没有去", world.get()[2])
            db.session.get_one(Volunteer, ids[1]).name = "王\U00020bb7"
        runner.run(batch_id)
        batch = db.session.get_one(CertificateBatch, batch_id)
        assert batches.progress(batch) == batches.Progress(2, 2, 2)
        assert ["没有已确认" in line.refusal_zh or "字体" in line.refusal_zh for line in batches.refused_lines(batch)] == [True, True]
        with pytest.raises(Conflict):
            batches.archive(batch)


def test_what_was_revoked_is_not_in_the_file_and_old_papers_are_let_go(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, later: object
) -> None:
    with app.app_context():
        with transaction():
            batch_id = ordered(world, [world.volunteer, *more_volunteers(world, 1)], monkeypatch)
        runner.run(batch_id)
        with transaction():
            actions.revoke(db.session.get_one(Certificate, 1), world.get()[2], "记录有误")
        batch = db.session.get_one(CertificateBatch, batch_id)
        with zipfile.ZipFile(io.BytesIO(batches.archive(batch))) as folder:
            assert folder.namelist() == ["ZM-PINE-STREET-2026-000002.pdf"]
        later(days=8)  # type: ignore[operator]
        with transaction():
            batches.forget_papers()
        assert batches.papers_kept(db.session.get_one(CertificateBatch, batch_id)) == 0
        with pytest.raises(Conflict):
            batches.archive(db.session.get_one(CertificateBatch, batch_id))


def test_an_office_elsewhere_finds_no_batch(app: Flask, desk: Browser, world: World, sign_in_as: object) -> None:
    path = desk.send("/certificates/batch", start="2026-01-01", end="2026-11-25", volunteer=[str(world.volunteer)]).location
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=other)  # type: ignore[operator]
    for address in (path, f"{path}.zip"):
        assert stranger.get(address).status_code == 404
    assert stranger.send(f"{path}/go-on").status_code == 404


def test_a_batch_says_the_same_on_both_databases(both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            batch_id = ordered(world, [world.volunteer, *more_volunteers(world, 1)], monkeypatch)
        runner.run(batch_id)
        assert batches.progress(db.session.get_one(CertificateBatch, batch_id)) == batches.Progress(2, 2, 0)
        assert len(batches.archive(db.session.get_one(CertificateBatch, batch_id))) > 10_000


@pytest.mark.long
def test_five_hundred_certificates_take_at_most_a_minute_of_work(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        with transaction():
            batch_id = ordered(world, more_volunteers(world, 500), monkeypatch)
        before = time.process_time()
        runner.run(batch_id)
        spent = time.process_time() - before
        kept = select(func.count()).where(BatchLine.batch_id == batch_id, BatchLine.paper.is_not(None))
        assert db.session.scalar(kept) == 500
        assert spent <= 60
