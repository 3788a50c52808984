"""What the clock does is done whatever one person arranged: a step that fails stops no other, and what cannot be passed on waits for a person."""

import pytest

from tests import builders as make
from tests.attack.insider import Office
from timebank import audit, jobs
from timebank.access.models import Role
from timebank.credit import actions as credit
from timebank.credit import queries
from timebank.credit.models import Relation
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer

ROOM = 10
"""Minutes that the relative's account could still take."""


def test_a_leaver_whose_relative_can_take_no_more_stops_nothing_and_waits_for_a_person(office: Office) -> None:
    with transaction():
        volunteer, elder = db.session.get_one(Volunteer, office.volunteer), db.session.get_one(Elder, office.elder)
        colleague = make.make_user(Role.COORDINATOR, db.session.get_one(Community, office.community))
        credit.change_settings(office.community, {"leaving": "relative", "balance_cap": "6000"}, colleague)
        credit.decide_link(credit.ask_link(volunteer, Relation.PARENT, "臧玉梅"), elder, colleague)
        cap = queries.terms_of(office.community).balance_cap
        ledger.fill_pool(office.community, cap, source="opening", idem=("test", "pool"), actor="clock")
        account = credit.elder_account(elder).id
        ledger.grant(account, cap - ROOM, source="grant:2026-11", fresh=False, idem=("grant", "x"), actor="clock")
        mark = audit.actor.set(f"user:{office.insider.user}")
        with audit.changing("edit", volunteer):
            volunteer.active = False
        audit.actor.reset(mark)
    left = book.balance(db.session.get_one(Volunteer, office.volunteer).account_id)
    assert left > ROOM
    office.at("2026-11-27 09:00")
    jobs.keep_house()
    assert book.balance(db.session.get_one(Volunteer, office.volunteer).account_id) == left


def test_a_step_that_fails_stops_none_of_those_after_it_and_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def breaks() -> None:
        raise KeyError("somebody arranged this")

    monkeypatch.setattr(jobs, "STEPS", (lambda: done.append("before"), breaks, lambda: done.append("after")))
    office.at("2026-11-27 09:00")
    with pytest.raises(KeyError):
        jobs.keep_house()
    assert done == ["before", "after"]
