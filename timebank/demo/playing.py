"""Plays a story into a new database, from its workbooks to Wednesday morning."""

import random
from pathlib import Path

from flask import Flask

from timebank import clock
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import transaction
from timebank.demo import badaguan, binhu, cangnan, jiuquanlu, xinhu
from timebank.demo.days import live
from timebank.demo.ground import prepare, without_a_queue
from timebank.demo.office import open_office
from timebank.demo.story import Story
from timebank.demo.week import FRIDAY, SERVED, Say, Week
from timebank.errors import Refusal
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.ledger.verify import verify
from timebank.places import queries as places
from timebank.seeding import community_folder, seed_catalogue
from timebank.streets.actions import add_officer

STORIES: dict[str, Story] = {each.STORY.name: each.STORY for each in (badaguan, cangnan, jiuquanlu, xinhu, binhu)}
COORDINATORS = frozenset(office.coordinator[0] for story in STORIES.values() for office in story.offices)
LEAST_SECONDS = 2


def story_named(name: str) -> Story:
    """Return the story of this name."""
    if name not in STORIES:
        raise Refusal("没有 %(name)s 这个社区的演示数据，有：%(known)s。", name=name, known=list(STORIES))
    return STORIES[name]


def play(folder: Path, name: str, seconds: int, say: Say, *, fresh: bool = False) -> Flask:
    """Play a demo into a new database and return the service that shows it."""
    story = story_named(name)
    app = create_app(Settings.load(instance=str(folder), demo=True))
    clock.clock.start_at(FRIDAY)
    with app.app_context(), without_a_queue():
        prepare(COORDINATORS, fresh=fresh)
        weeks = _bring_in(story, say)
        share = max(LEAST_SECONDS, seconds // len(weeks))
        for week in weeks:
            with transaction():
                story.sets_up(week)
            week.plan(share)
            week.publish()
        for week in weeks:
            week.answer()
        weeks[0].decline_one(min(6, seconds))
        live(weeks, story.more)
        weeks[0].ask(story.wishes)
        clock.clock.start_at(SERVED)
        weeks[0].certify()
        for week in weeks:
            for line in story.tells(week):
                say(line)
        _verify(say)
    return app


def _bring_in(story: Story, say: Say) -> list[Week]:
    """Import the catalogue and the workbooks, open the offices, and return the weeks that are to be lived."""
    handed = hand_in(community_folder(story.name))
    dice = random.Random(20261123)  # noqa: S311 - a demo repeats itself
    with transaction():
        seed_catalogue()
        report = exchange.import_files(handed)
        if not report.applied:
            raise Refusal("演示数据有问题：%(problems)s", problems=report.problems[0])
        weeks = [Week(open_office(office), office.coordinator[0], say, dice) for office in story.offices]
        if story.officer is not None:
            add_officer(places.community_of(weeks[0].community_id).street, *story.officer)
    names = "、".join(week.name for week in weeks)
    say(f"已导入 {names} / imported: " + "，".join(f"{sheet} {new}" for sheet, new, *_ in report.lines()))
    return weeks


def _verify(say: Say) -> None:
    """Check the ledger and say what stands."""
    report = verify()
    say(f"{report.zh} / {report.en}")
    if not report.ok:
        raise Refusal("账本核对没有通过。")
