"""The seeds: a catalogue of eighteen, and a week of about 450 visits."""

import itertools
import re
from collections import Counter
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from tests.exchange.files import take_in
from timebank import seeding
from timebank.catalogue.models import Evidence, ServiceKind, Skill
from timebank.db import db, transaction
from timebank.elders.models import Elder, Household
from timebank.places.models import Building, CalendarDay, Canteen, DayKind
from timebank.visits.actions.scheduling import schedule_week
from timebank.volunteers.models import Availability, HeldSkill, Unit, Volunteer

MONDAY = date(2026, 11, 23)


def test_badaguan_comes_in_whole_on_both_databases(either: Flask, badaguan: list[Path]) -> None:
    report = take_in(badaguan)
    assert report.applied, report.problems[:5]
    assert report.problems == []
    assert _count(Elder) == 70
    assert _count(Household) == 62
    assert _count(Building) == 31
    assert _count(Canteen) == 1
    assert _count(Unit) == 38
    assert Counter(db.session.scalars(select(Volunteer.staff))) == {False: 45, True: 1}
    with transaction():
        visits = schedule_week(1, MONDAY)
        kinds = Counter(visit.kind.code for visit in visits)
    assert len(visits) == 447
    assert kinds["MEAL"] == 289
    assert sum(visit.boxes for visit in visits) == 329
    assert len(kinds) == 15


def test_couples_share_a_door_and_one_of_them_is_ninety_one(lived: Flask) -> None:
    couples = [home for home in db.session.scalars(select(Household)) if len(home.elders) == 2]
    assert len(couples) == 8
    assert all({elder.gender for elder in home.elders} == {"F", "M"} for home in couples)
    assert any({elder.birth_year for elder in home.elders} == {2026 - 91} for home in couples)


def test_papers_end_as_the_readme_says(lived: Flask) -> None:
    ends = [each for each in db.session.scalars(select(Volunteer.insured_until)) if each]
    assert sum(end < MONDAY for end in ends) == 1
    assert sum(MONDAY <= end <= date(2026, 12, 23) for end in ends) == 2
    proofs = [each for each in db.session.scalars(select(HeldSkill.expires)) if each]
    assert sum(end < MONDAY for end in proofs) == 1
    assert sum(not phone for phone in db.session.scalars(select(Volunteer.has_phone))) == 3


def test_every_telephone_is_a_persons_own(lived: Flask) -> None:
    phones = list(db.session.scalars(select(Volunteer.phone)))
    assert len(set(phones)) == len(phones)
    elders = list(db.session.scalars(select(Elder.phone)))
    assert len(set(elders)) == len(elders)
    assert all(re.fullmatch(r"1[3-9]\d{9}|0532-8\d{7}", phone) for phone in phones + elders)


def test_buildings_stand_on_land_within_the_district(lived: Flask) -> None:
    for building in db.session.scalars(select(Building)):
        assert 36.0520 <= building.lat <= 36.0600, building.name
        assert 120.3465 <= building.lon <= 120.3590, building.name


def test_free_times_of_a_day_stay_apart(lived: Flask) -> None:
    slots = list(db.session.scalars(select(Availability).order_by(Availability.volunteer_id, Availability.weekday, Availability.start)))
    for before, after in itertools.pairwise(slots):
        same_day = (before.volunteer_id, before.weekday) == (after.volunteer_id, after.weekday)
        assert not same_day or before.end <= after.start


def test_the_catalogue_has_twenty_one_kinds_whose_skills_exist(empty: Flask) -> None:
    kinds = list(db.session.scalars(select(ServiceKind)))
    skills = set(db.session.scalars(select(Skill.code)))
    assert len(kinds) == 24
    assert all(set(kind.skills) | set(kind.second_skills) <= skills for kind in kinds)
    assert [kind.code for kind in kinds if kind.crew == 2] == ["BATH"]
    assert [kind.code for kind in kinds if kind.evidence is Evidence.DOOR_TAP] == ["MEAL"]
    assert all(end - start >= kind.minutes for kind in kinds for start, end in kind.windows)


def test_seeding_twice_adds_nothing_and_keeps_what_was_changed(empty: Flask) -> None:
    with transaction():
        db.session.scalars(select(ServiceKind).where(ServiceKind.code == "SHOP")).one().minutes = 75
    with transaction():
        assert seeding.seed_catalogue() == 0
    assert db.session.scalars(select(ServiceKind.minutes).where(ServiceKind.code == "SHOP")).one() == 75


def test_the_calendar_knows_holidays_and_make_up_days(empty: Flask) -> None:
    days = {row.day: row.kind for row in db.session.scalars(select(CalendarDay))}
    assert len(days) == 39
    assert days[date(2026, 10, 1)] is DayKind.OFF
    assert days[date(2026, 10, 10)] is DayKind.WORK


def test_a_calendar_file_of_the_next_year_can_be_read_in(empty: Flask, tmp_path: Path) -> None:
    file = tmp_path / "holidays_2027.csv"
    file.write_text("date,kind,name\n2027-01-01,off,元旦\n", encoding="utf-8")
    with transaction():
        assert seeding.import_calendar(file, "notice") == 1
    assert db.session.get(CalendarDay, date(2027, 1, 1)) is not None


def _count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0
