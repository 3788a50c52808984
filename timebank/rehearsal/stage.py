"""The stage of a rehearsal: a copy of the office's own database, or a community imported into a new one; never the original."""

import shutil
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from timebank import clock, schema
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import db, transaction
from timebank.demo.week import FRIDAY
from timebank.elders.models import Household
from timebank.errors import Refusal
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.places import queries as places
from timebank.places.models import Community
from timebank.planning.models import Plan
from timebank.rehearsal.figures import Figures
from timebank.rehearsal.play import Rehearsal, Say
from timebank.rehearsal.rates import Rates
from timebank.safekeeping import embedded
from timebank.seeding import community_folder, seed_catalogue

DATABASE = "timebank.db"
KEYS = ("secret.key",)
COORDINATOR = ("18600000001", "演练协调员")


def make_room(folder: Path) -> None:
    """Make a new folder for a rehearsal; one of an earlier rehearsal is overwritten, anything else is left alone."""
    mark = folder / ".rehearsal"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Refusal("%(folder)s/ 里有别的文件，演练不会动它。请用 --folder 换一个文件夹。", folder=folder)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    mark.touch()


def set_stage(folder: Path, community: str | None, source: Path | None) -> tuple[Flask, str | None]:
    """Make the service a rehearsal plays on; return it with the name of its community.

    ``source`` is a folder of workbooks; a ``community`` that the office does not hold itself comes with the product; with neither,
    and a database of the office's own, that is copied.
    """
    office = Settings.load()
    make_room(folder)
    settings = Settings.load(instance=str(folder), database_url="", demo=True)
    seeds = community_folder(community) if community else None
    if source is None and (seeds is None or not seeds.is_dir()):
        _copy(office, folder)
        return create_app(settings), community
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
        handed = hand_in(source or seeds or folder)
        with transaction():
            seed_catalogue()
            exchange.import_files(handed)
    return app, None


def _copy(office: Settings, folder: Path) -> None:
    """Copy the office's database and its keys; the original is only read."""
    if not office.database.startswith("sqlite"):
        raise Refusal("演练只能复制 SQLite 数据库。用 --from 文件夹，或 --community badaguan。")
    original = embedded.file_of(office.database)
    if not original.is_file():
        raise Refusal("这里还没有社区的数据库。先试试 timebank rehearse --community badaguan。")
    embedded.copy_running(original, folder / DATABASE)
    for name in KEYS:
        if (office.instance_path / name).is_file():
            shutil.copy(office.instance_path / name, folder / name)


def who_plays(name: str | None) -> tuple[Community, User]:
    """Return the community that is played, of several the one with the most doors, and its coordinator; one is made where there is none."""
    community = places.community_named(name) if name else _with_most_doors()
    there = users_with(Role.COORDINATOR, community.id)
    if there:
        return community, there[0]
    with transaction():
        access.add_user(*COORDINATOR, Role.COORDINATOR, community_id=community.id)
    return places.community_named(community.slug), db.session.scalars(select(User).where(User.phone == COORDINATOR[0])).one()


def _with_most_doors() -> Community:
    """Return the community in which the most households are served."""
    doors = select(Community).outerjoin(Household, Household.community_id == Community.id).group_by(Community.id)
    return db.session.scalars(doors.order_by(func.count(Household.id).desc(), Community.id).limit(1)).one()


def rehearse(name: str | None, *, weeks: int, seed: int, rates: Rates, say: Say) -> Figures:
    """Play weeks of the community on the stage, from the next Monday on, or from the demo's where nothing was lived yet."""
    community, coordinator = who_plays(name)
    lived = db.session.scalar(select(func.count()).select_from(Plan).where(Plan.community_id == community.id))
    if not lived:
        clock.clock.start_at(FRIDAY)
    else:
        clock.clock.start_at(clock.now())
    first = clock.monday_of(clock.today()) + timedelta(days=7)
    return Rehearsal(community.id, coordinator, seed=seed, rates=rates, say=say).play(first, weeks)
