"""What every new database starts with: the catalogue of services and skills, and the calendar.

The files stand in ``seeds/catalogue``. Seeding adds what is missing and never touches what a community has changed.
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import select

from timebank import audit
from timebank.catalogue.models import Evidence, ServiceKind, Skill
from timebank.db import db
from timebank.exchange import cells
from timebank.paths import find
from timebank.places.models import CalendarDay, DayKind

YES = "yes"


def catalogue_folder() -> Path:
    """Return the folder of the catalogue's files."""
    return find("seeds") / "catalogue"


def community_folder(name: str) -> Path:
    """Return the folder of a community's workbooks, such as ``badaguan``."""
    return find("seeds") / name


def seed_catalogue() -> int:
    """Add the skills, service kinds and calendar days that are missing; return how many were added."""
    added = [*_missing_skills(), *_missing_kinds(), *_missing_days()]
    db.session.add_all(added)
    db.session.flush()
    if added:
        audit.record("seed", "catalogue", "", rows=len(added))
    return len(added)


def import_calendar(path: Path, source: str) -> int:
    """Add or change the calendar days of a file with the columns date, kind and name; return how many rows it has."""
    rows = list(_days(path))
    for day, kind, name in rows:
        db.session.merge(CalendarDay(day=day, kind=kind, name=name, source=source))
    db.session.flush()
    audit.record("import", "calendar", source, rows=len(rows))
    return len(rows)


def _read(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the catalogue's files."""
    with (catalogue_folder() / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _missing_skills() -> Iterator[Skill]:
    """Yield the skills that are not there yet."""
    there = set(db.session.scalars(select(Skill.code)))
    for row in _read("skills.csv"):
        if row["code"] not in there:
            yield Skill(code=row["code"], name=row["name"], name_en=row["name_en"], needs_proof=row["needs_proof"] == YES)


def _missing_kinds() -> Iterator[ServiceKind]:
    """Yield the service kinds that are not there yet."""
    there = set(db.session.scalars(select(ServiceKind.code)))
    for position, row in enumerate(_read("service_kinds.csv")):
        if row["code"] not in there:
            yield _kind(row, position)


def _kind(row: dict[str, str], position: int) -> ServiceKind:
    """Return one service kind from its line."""
    words = {name: row[name] for name in ("code", "name", "name_en", "group", "group_en", "gate", "icon")}
    numbers = {name: int(row[name]) for name in ("minutes", "crew", "weight")}
    switches = {name: row[name] == YES for name in ("insured", "at_door", "from_canteen", "workdays_only")}
    return ServiceKind(
        **words,
        **numbers,
        **switches,
        windows=[list(window) for window in cells.windows(row["windows"])],
        skills=row["skills"].split(),
        second_skills=row["second_skills"].split(),
        evidence=Evidence(row["evidence"]),
        credit_cap=int(row["credit_cap"]) if row["credit_cap"] else None,
        position=position,
    )


def _missing_days() -> Iterator[CalendarDay]:
    """Yield the calendar days that are not there yet."""
    there = set(db.session.scalars(select(CalendarDay.day)))
    for path in sorted(catalogue_folder().glob("holidays_*.csv")):
        for day, kind, name in _days(path):
            if day not in there:
                yield CalendarDay(day=day, kind=kind, name=name, source=path.stem)


def _days(path: Path) -> Iterator[tuple[date, DayKind, str]]:
    """Yield the days of a calendar file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield cells.day(row["date"]), DayKind(row["kind"]), row["name"]
