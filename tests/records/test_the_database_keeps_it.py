"""What the rules of the code forbid, the database refuses by itself: an insider with a statement of their own mints nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.records.conftest import TUESDAY, Office, open_office, served
from timebank import clock, schema
from timebank.db import db, transaction
from timebank.errors import Refusal
from timebank.ledger.models import Transfer
from timebank.records.actions import objecting
from timebank.visits.actions import ceilings, entering
from timebank.visits.entries import Kinship, ManualEntry
from timebank.visits.models import ServiceRecord

INSERT = """INSERT INTO manual_entry (community_id, volunteer_id, beneficiary, sort, kind_id, day, started_at, ended_at, minutes, place, reason,
 evidence, entered_by, entered_at, state, decided_by, decided_at, decision) SELECT community_id, volunteer_id, {beneficiary}, {sort}, kind_id, day,
 {begun}, ended_at, {minutes}, place, reason, evidence, {by}, entered_at, {state}, {decider}, {decided}, '' FROM manual_entry WHERE id = {entry}"""
POST = "UPDATE manual_entry SET state = 'posted', decided_by = {second}, decided_at = entered_at WHERE id = {entry}"


def waiting(office: Office, *, kin: str | None = None) -> dict[str, object]:
    """Let an entry wait, and return the numbers that statements are filled with."""
    with transaction():
        entry = entering.enter(office.draft(), office.user("first"))
        if kin is not None:
            make.add(Kinship(user_id=getattr(office, kin), volunteer_id=office.volunteer, relation="表姐"))
    return {
        "entry": entry.id,
        "beneficiary": office.owner,
        "owner": office.owner,
        "first": office.first,
        "second": office.second,
        "by": office.second,
        "sort": "'by_hand'",
        "begun": "started_at",
        "minutes": 45,
        "state": "'pending'",
        "decider": "NULL",
        "decided": "NULL",
    }


def attempt(statement: str, numbers: dict[str, object]) -> None:
    """Try a statement behind the code's back."""
    with transaction():
        db.session.execute(text(statement.format(**numbers)))


def test_an_honest_statement_is_taken(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office)
        attempt(INSERT, numbers)
        attempt(POST, numbers)


@pytest.mark.parametrize(
    "changed",
    [
        {"by": "{owner}"},
        {"beneficiary": "NULL"},
        {"beneficiary": "{second}", "by": "{first}"},
        {"state": "'posted'", "decider": "{first}", "decided": "entered_at"},
        {"minutes": "0"},
        {"minutes": "-5"},
        {"minutes": "721"},
        {"begun": "ended_at"},
        {"sort": "'back_entry'"},
    ],
    ids=" ".join,
)
def test_the_database_refuses_an_entry_that_is_not_honest(both: Flask, changed: dict[str, str]) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office)
        filled = {name: value.format(**numbers) for name, value in changed.items()}
        with pytest.raises(IntegrityError):
            attempt(INSERT, {**numbers, **filled})


def test_the_database_refuses_an_entry_for_ones_family(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office, kin="second")
        with pytest.raises(IntegrityError, match="nobody enters for their family"):
            attempt(INSERT, numbers)
        with pytest.raises(IntegrityError, match="nobody decides for their family"):
            attempt(POST, numbers)


@pytest.mark.parametrize(
    "statement",
    [
        POST.replace("{second}", "{first}"),
        POST.replace("{second}", "{owner}"),
        "UPDATE manual_entry SET state = 'posted' WHERE id = {entry}",
        "UPDATE manual_entry SET minutes = 700 WHERE id = {entry}",
        "UPDATE manual_entry SET entered_by = {second} WHERE id = {entry}",
        "UPDATE manual_entry SET beneficiary = NULL WHERE id = {entry}",
        "UPDATE manual_entry SET state = 'refused', decided_by = {second}, decided_at = entered_at WHERE id = {entry}",
        "DELETE FROM manual_entry WHERE id = {entry}",
    ],
)
def test_the_database_refuses_to_bend_an_entry(both: Flask, statement: str) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office)
        with pytest.raises(IntegrityError):
            attempt(statement, numbers)


def test_what_was_decided_stays_decided(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office)
        attempt(POST, numbers)
        with pytest.raises(IntegrityError, match="what was decided stays"):
            attempt("UPDATE manual_entry SET state = 'pending', decided_by = NULL, decided_at = NULL WHERE id = {entry}", numbers)


RECORD = """INSERT INTO service_record (community_id, volunteer_id, entry_id, version, current, kind_id, day, started_at, ended_at, minutes,
 planned_minutes, doors, trust, created_at, reason) SELECT community_id, volunteer_id, id, 1, {yes}, kind_id, day, started_at, ended_at, {minutes}, 45, 1,
 {trust}, entered_at, '' FROM manual_entry WHERE id = {entry}"""


def test_only_a_posted_entry_becomes_a_record_and_of_no_more_minutes(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        numbers = waiting(office) | {"trust": "'two_persons'", "yes": "TRUE"}
        with pytest.raises(IntegrityError, match="counts only when posted"):
            attempt(RECORD, numbers)
        attempt(POST, numbers)
        with pytest.raises(IntegrityError, match="counts only when posted"):
            attempt(RECORD, {**numbers, "minutes": 46})
        with pytest.raises(IntegrityError):
            attempt(RECORD, {**numbers, "trust": "'desk'"})
        attempt(RECORD, numbers)
        with pytest.raises(IntegrityError):
            attempt(RECORD, numbers)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE service_record SET minutes = minutes + 60 WHERE id = {record}",
        "UPDATE service_record SET day = '2026-11-01' WHERE id = {record}",
        "UPDATE service_record SET volunteer_id = 0 WHERE id = {record}",
        "UPDATE service_record SET trust = 'code' WHERE id = {record}",
        "UPDATE service_record SET unit = 'x' WHERE id = {record}",
        "DELETE FROM service_record WHERE id = {record}",
    ],
)
def test_a_record_is_never_edited_and_never_goes(both: Flask, statement: str) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40, trust="desk").id
        with pytest.raises(IntegrityError, match=r"never edited|for ever"):
            attempt(statement, {"record": record})
        attempt("UPDATE service_record SET current = FALSE WHERE id = {record}", {"record": record})
        with pytest.raises(IntegrityError, match="older version stays older"):
            attempt("UPDATE service_record SET current = TRUE WHERE id = {record}", {"record": record})


def test_records_and_what_hangs_on_them_go_through_the_migration_whole(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)
            objecting.object_to(record, office.carer, "少记了")
            place = record.visit.household.building.compound.name if record.visit else ""
        db.session.remove()
        command.downgrade(schema._config(), "0001")
        command.upgrade(schema._config(), "head")
        assert schema.is_current()
        kept = db.session.execute(
            text("SELECT r.activity, r.place, r.unit, r.responsible, o.origin FROM service_record r JOIN objection o ON o.record_id = r.id")
        ).one()
        assert tuple(kept) == ("上门理发", place, "松坡社区居委会", "衣晓雯", "volunteer")
        with pytest.raises(IntegrityError, match="never edited"):
            attempt("UPDATE service_record SET minutes = 1", {})
        with pytest.raises(IntegrityError):
            attempt("UPDATE service_record SET entry_id = 77", {})


def at_once(both: Flask, acts: list[tuple[str, int]], office: Office) -> list[str]:
    """Let several hands enter or post at one moment; say how each ended."""

    def act(step: tuple[str, int]) -> str:
        with both.app_context():
            try:
                with transaction():
                    if step[0] == "post":
                        entering.post(db.session.get_one(ManualEntry, step[1]), office.user("second"))
                    else:
                        entering.enter(office.draft(step[1], step[1] + 45), office.user("first"))
            except Refusal:
                return "refused"
            else:
                return "done"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as hands:
        return sorted(hands.map(act, acts))


def test_two_posts_at_the_same_moment_credit_once(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        entry = waiting(office)["entry"]
        db.session.remove()
    assert isinstance(entry, int)
    assert at_once(both, [("post", entry)] * 4, office) == ["done", "refused", "refused", "refused"]
    with both.app_context():
        counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (ServiceRecord, Transfer)]
        assert counts == [1, 1]


def test_entries_at_the_same_moment_stay_under_the_ceiling_together(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            ceilings.settle_rules(office.community, volunteer_month=100)
        db.session.remove()
    ended = at_once(both, [("enter", start) for start in (500, 560, 620, 680)], office)
    assert ended == ["done", "done", "refused", "refused"]
