"""Binhu's week: nine neighbourhoods planned beside one another with what is proved of it, then published; printed with how busy the machine was."""

import os
import random
import resource
import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from timebank import clock, seeding
from timebank.db import db, transaction
from timebank.demo.binhu import STORY
from timebank.demo.ground import without_a_queue
from timebank.demo.office import open_office
from timebank.demo.week import FRIDAY, WEEK, Week
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.planning import city
from timebank.planning import queries as plans
from timebank.planning.actions import publishing
from timebank.visits.models import Offer

AT_ONCE, SECONDS = 2, 30
WALL, CORES = 180, 2


def engines() -> float:
    """Return the seconds of processor time of the engines that are done."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.long  # the import and five engines of half a minute one after the other
def test_binhus_week_is_planned_beside_one_another_nearly_as_well_as_possible_and_goes_out(app: Flask) -> None:
    clock.clock.start_at(FRIDAY)
    with app.app_context(), without_a_queue():
        with transaction():
            seeding.seed_catalogue()
            assert exchange.import_files(hand_in(seeding.community_folder("binhu"))).applied
            weeks = [Week(open_office(each), each.coordinator[0], print, random.Random(1)) for each in STORY.offices]
        for week in weeks:
            with transaction():
                STORY.sets_up(week)  # the 1,216 posts and the crossing, which keep people from doors
        db.session.remove()
    begun, spent, load = time.monotonic(), engines() + time.process_time(), os.getloadavg()[0]
    planned = city.plan_all(app, WEEK, SECONDS, at_once=AT_ONCE, tell=lambda each: print(each.line))  # noqa: T201 - run with -s
    wall, spent = time.monotonic() - begun, engines() + time.process_time() - spent
    print(city.total(planned, wall), f"{spent:.0f} s of processor time; load {load:.1f} before, {os.getloadavg()[0]:.1f} after")  # noqa: T201
    assert [each.fault for each in planned] == [""] * 9
    assert max(each.gap for each in planned) <= 0.5
    assert spent <= WALL * CORES, "what two cores can do in the time; how long it took on a busy machine is printed"
    begun = time.process_time()
    with app.app_context(), without_a_queue():
        for week in weeks:
            with transaction():
                plan = plans.plan_of(week.community_id, WEEK)
                assert plan is not None
                publishing.publish(plan, plan.version)
        took = time.process_time() - begun
        sent = db.session.scalar(select(func.count()).select_from(Offer))
    print(f"published: {sent} visits in {took:.1f} s of processor time")  # noqa: T201
    assert sent == sum(each.served for each in planned)
    assert took <= 20
