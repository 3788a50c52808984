"""The unit on every paper: another name, code, telephone or head waits for a second person, however it comes in."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.exchange.files import excel, look_at, take_in
from tests.served import TODAY, World
from timebank import audit
from timebank.access.models import Role, User
from timebank.certificates import actions
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals.models import Kind, Proposal

HEAD = ["代码", "街道", "社区", "记录单位", "统一社会信用代码", "电话", "负责人"]


@pytest.fixture
def workbook(app: Flask, world: World) -> tuple[str, bytes]:
    """Give a workbook that names another unit and telephone for the community, and another community name."""
    with app.app_context():
        community = world.get()[0]
        row = [community.slug, community.street.name, "松坡新社区", "市志愿者协会", "370200", "0532-99999999", "衣晓雯"]
    return excel({"社区": [HEAD, row]})


def taken_in(world: World, workbook: tuple[str, bytes], user: int | None) -> str:
    """Import a workbook in somebody's name, or by the machine's own command; return what the report remarks."""
    acting = audit.actor.set(f"user:{user}" if user else "system")
    try:
        report = take_in([workbook], community=world.get()[0] if user else None)
    finally:
        audit.actor.reset(acting)
    assert report.applied, report.problems
    return " ".join(each.zh for each in report.remarks)


def unit(world: World) -> tuple[str, str, str]:
    """Return the community's name, and the unit and telephone on its papers."""
    community = db.session.get_one(Community, world.community)
    return community.name, community.issuer, community.phone


def test_another_unit_in_a_workbook_waits_and_the_rest_is_taken_in(app: Flask, world: World, workbook: tuple[str, bytes]) -> None:
    with app.app_context():
        assert "要第二个人核准才改" in taken_in(world, workbook, world.coordinator)
        assert unit(world) == ("松坡新社区", "松坡社区居委会", "0532-0000 0123")
        with transaction():
            _, volunteer, coordinator = world.get()
            assert actions.issue_certificate(volunteer, TODAY, TODAY, coordinator).content["unit"] == "松坡社区居委会"
        proposal = db.session.scalars(select(Proposal).where(Proposal.kind == Kind.ISSUER)).one()
        assert set(proposal.terms) == {"issuer", "phone"}
        with pytest.raises(Conflict), transaction():
            proposals.agree(proposal, world.get()[2])
        with transaction():
            proposals.agree(db.session.get_one(Proposal, proposal.id), make.make_user(Role.COORDINATOR, world.get()[0], name="于海"))
        assert unit(world) == ("松坡新社区", "市志愿者协会", "0532-99999999")


def test_the_same_workbook_twice_asks_once_and_one_that_changes_nothing_not_at_all(
    app: Flask, world: World, workbook: tuple[str, bytes]
) -> None:
    with app.app_context():
        taken_in(world, workbook, world.coordinator)
        assert "要第二个人核准才改" in taken_in(world, workbook, world.coordinator)
        assert len(db.session.scalars(select(Proposal)).all()) == 1


def test_a_dry_run_asks_for_nothing(app: Flask, world: World, workbook: tuple[str, bytes]) -> None:
    with app.app_context():
        acting = audit.actor.set(f"user:{world.coordinator}")
        assert "要第二个人核准才改" in " ".join(each.zh for each in look_at([workbook]).remarks)
        audit.actor.reset(acting)
        assert db.session.scalars(select(Proposal)).all() == []


def test_the_machines_own_command_sets_it_at_once(app: Flask, world: World, workbook: tuple[str, bytes]) -> None:
    with app.app_context():
        assert "核准" not in taken_in(world, workbook, None)
        assert unit(world) == ("松坡新社区", "市志愿者协会", "0532-99999999")


def test_a_unit_that_changed_since_it_was_asked_for_is_not_overwritten(app: Flask, world: World, workbook: tuple[str, bytes]) -> None:
    with app.app_context():
        taken_in(world, workbook, world.coordinator)
        with transaction():
            db.session.get_one(Community, world.community).issuer = "第三个名字"
            second = make.make_user(Role.COORDINATOR, world.get()[0], name="于海").id
        proposal = db.session.scalars(select(Proposal)).one()
        with pytest.raises(Conflict, match="changed since"), transaction():
            proposals.agree(proposal, db.session.get_one(User, second))
        assert unit(world)[1] == "第三个名字"
