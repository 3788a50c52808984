"""Minutes in use, on both databases: gifts, donations, grants, the largest balance, groups, and what leavers leave."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from tests import builders as make
from tests.credit.conftest import coordinator, earned, linked, stored
from timebank import audit, clock
from timebank.access.models import Role
from timebank.credit import actions, proposed, queries
from timebank.credit.models import CreditSetting, GiftLink, Relation
from timebank.db import db, transaction
from timebank.elders import actions as elders
from timebank.elders.models import Elder, ElderState
from timebank.errors import Conflict, Invalid, Refusal
from timebank.ledger import queries as book
from timebank.ledger.models import AccountKind, Transfer
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer


def me(here: SimpleNamespace) -> Volunteer:
    return db.session.get_one(Volunteer, here.volunteer)


def balance(here: SimpleNamespace) -> int:
    return book.balance(me(here).account_id)


def pool(here: SimpleNamespace) -> int:
    return book.totals(here.community)[AccountKind.POOL]


def elder(number: int) -> Elder:
    return db.session.get_one(Elder, number)


def set_rule(here: SimpleNamespace, **values: object) -> list[str]:
    return actions.change_settings(here.community, {name: str(value) for name, value in values.items()}, coordinator(here))


def test_a_gift_reaches_the_checked_relative_and_nobody_else(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 100)
        link = actions.ask_link(me(here), Relation.PARENT, "鞠淑贞")
    with pytest.raises(Conflict, match="R11"), transaction():
        actions.give(link, 30, key="1", actor="user:1")
    with transaction():
        actions.decide_link(link, elder(here.mother), coordinator(here))
        actions.give(link, 30, key="1", actor="user:1")
    assert (balance(here), queries.balance_of(elder(here.mother))) == (70, 30)
    with transaction():
        actions.give(link, 30, key="1", actor="user:1")
    assert (balance(here), queries.balance_of(elder(here.mother))) == (70, 30)
    assert verify(here.community).ok


@pytest.mark.parametrize("minutes", [0, -5, 44_641, 2.5])
def test_zero_negative_and_broken_minutes_are_refused_and_nothing_is_written(here: SimpleNamespace, minutes: int) -> None:
    with transaction():
        earned(me(here), 100)
        linked(here)
    before = db.session.scalar(select(func.count()).select_from(Transfer))
    link = db.session.scalars(select(GiftLink)).one()
    for deed in (
        lambda: actions.give(link, minutes, key="1", actor="user:1"),
        lambda: actions.donate(me(here), minutes, key="1", actor="user:1"),
        lambda: actions.grant(elder(here.alone), minutes, key="1", actor="user:1"),
    ):
        with pytest.raises(Refusal), transaction():
            deed()
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == before


def test_more_than_there_is_is_not_given(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 20)
        link = linked(here)
    with pytest.raises(Conflict, match="20 min left"), transaction():
        actions.give(link, 21, key="1", actor="user:1")
    assert balance(here) == 20


def test_nobody_checks_their_own_relative_and_a_check_is_final(here: SimpleNamespace) -> None:
    with transaction():
        me(here).user_id = here.coordinator
        link = actions.ask_link(me(here), Relation.SPOUSE, "鞠淑贞")
    with pytest.raises(Conflict, match="your own link"), transaction():
        actions.decide_link(link, elder(here.mother), coordinator(here))
    with transaction():
        me(here).user_id = None
        actions.decide_link(link, None, coordinator(here))
    with pytest.raises(Conflict, match="already"), transaction():
        actions.decide_link(link, elder(here.mother), coordinator(here))


def test_one_relative_is_checked_at_a_time_and_linked_once(here: SimpleNamespace) -> None:
    with transaction():
        link = actions.ask_link(me(here), Relation.PARENT, "鞠淑贞")
    with pytest.raises(Conflict, match="R11"), transaction():
        actions.ask_link(me(here), Relation.PARENT, "另一位")
    with transaction():
        actions.decide_link(link, elder(here.mother), coordinator(here))
        again = actions.ask_link(me(here), Relation.PARENT, "鞠淑贞")
    with pytest.raises(Conflict, match="linked already"), transaction():
        actions.decide_link(again, elder(here.mother), coordinator(here))


def test_a_friend_or_somebody_too_young_is_refused_by_rule(here: SimpleNamespace) -> None:
    with pytest.raises(Invalid, match="R11"), transaction():
        actions.ask_link(me(here), Relation.FRIEND, "朋友")
    with transaction():
        set_rule(here, gift_to="friends")
        link = actions.ask_link(me(here), Relation.FRIEND, "朋友")
        elder(here.mother).birth_year = 1970
    with pytest.raises(Invalid, match="R8"), transaction():
        actions.decide_link(link, elder(here.mother), coordinator(here))


def test_a_balance_stops_at_the_largest_one_and_the_rest_goes_to_the_pool(here: SimpleNamespace) -> None:
    with transaction():
        set_rule(here, balance_cap=600)
        stored(me(here).account_id, 590)
        before = pool(here)
        earned(me(here), 60)
    assert (balance(here), pool(here) - before) == (600, 50)
    with transaction():
        link = linked(here)
        stored(actions.elder_account(elder(here.mother)).id, 580)
    with pytest.raises(Conflict, match="R6"), transaction():
        actions.give(link, 21, key="1", actor="user:1")
    with transaction():
        actions.give(link, 20, key="1", actor="user:1")
    assert verify(here.community).ok


def test_a_groups_time_goes_to_the_pool_and_its_members_get_none(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 60, collective=True)
    assert (balance(here), pool(here)) == (0, 60)


def test_r12_a_donation_goes_to_the_pool_once_however_often_it_is_sent(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 60)
        actions.donate(me(here), 25, key="same", actor="user:1")
    with transaction():
        actions.donate(me(here), 25, key="same", actor="user:1")
    assert (balance(here), pool(here)) == (35, 25)
    with pytest.raises(Invalid, match="differs from the first"), transaction():
        actions.donate(me(here), 26, key="same", actor="user:1")
    with pytest.raises(Conflict, match="35 min left"), transaction():
        actions.donate(me(here), 36, key="more", actor="user:1")


def test_a_priority_elder_gets_the_months_grant_and_not_a_minute_more(here: SimpleNamespace) -> None:
    with pytest.raises(Conflict, match="R10"), transaction():
        actions.grant(elder(here.mother), 60, key="0", actor="user:1")
    with transaction():
        earned(me(here), 100)
        actions.donate(me(here), 100, key="1", actor="user:1")
        actions.grant(elder(here.alone), 400, key="2", actor="user:1")
    assert (queries.balance_of(elder(here.alone)), pool(here)) == (400, 0)
    with pytest.raises(Conflict, match="1 h 20 min"), transaction():
        actions.grant(elder(here.alone), 81, key="3", actor="user:1")
    with transaction():
        by = make.make_user(Role.COORDINATOR, db.session.get_one(Community, here.community))
        assert proposed.grant_month(here.community, by) == (1, 0)
    with transaction():
        assert proposed.grant_month(here.community, db.session.merge(by)) == (0, 0)
    assert queries.balance_of(elder(here.alone)) == 480
    assert verify(here.community).ok


def test_what_of_a_grant_is_unused_returns_at_the_months_end_once(here: SimpleNamespace) -> None:
    with transaction():
        actions.grant(elder(here.alone), 480, key="1", actor="user:1")
    with transaction():
        link = linked(here)
        earned(me(here), 30)
        link.elder_id = here.alone
        db.session.flush()
        actions.give(link, 30, key="2", actor="user:1")
    clock.clock.shift += timedelta(days=10)
    with transaction():
        assert actions.return_unused(here.community, date(2026, 11, 1)) == 480
    with transaction():
        assert actions.return_unused(here.community, date(2026, 11, 1)) == 0
    assert (queries.balance_of(elder(here.alone)), pool(here)) == (30, 480)


def test_the_balance_of_a_leaver_goes_where_the_rule_says(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 50)
        linked(here)
    with pytest.raises(Conflict, match="R17"), transaction():
        actions.pass_on(me(here), None, key="1", actor="user:1")
    with transaction():
        me(here).active = False
    with transaction():
        assert actions.pass_on_by_rule(here.community) == 0
        set_rule(here, leaving="relative")
        assert actions.pass_on_by_rule(here.community) == 1
        assert actions.pass_on_by_rule(here.community) == 0
    assert (balance(here), queries.balance_of(elder(here.mother))) == (0, 50)


def test_what_a_gone_elder_leaves_goes_to_the_pool(here: SimpleNamespace) -> None:
    with transaction():
        actions.grant(elder(here.alone), 60, key="1", actor="user:1")
    with pytest.raises(Conflict, match="R17"), transaction():
        actions.take_back(elder(here.alone), key="2", actor="user:1")
    with transaction():
        elders.set_state(elder(here.alone), ElderState.DECEASED)
        actions.take_back(elder(here.alone), key="2", actor="user:1")
    assert (queries.balance_of(elder(here.alone)), pool(here)) == (0, 60)
    assert queries.gone_elders(here.community) == []


def test_nothing_expires(here: SimpleNamespace) -> None:
    with transaction():
        earned(me(here), 50)
    clock.clock.shift += timedelta(days=3650)
    with transaction():
        actions.return_unused(here.community, date(2026, 11, 1))
        actions.pass_on_by_rule(here.community)
    assert balance(here) == 50


def test_a_rule_is_changed_within_its_bounds_and_each_change_is_on_record(here: SimpleNamespace) -> None:
    with transaction():
        assert set_rule(here, rate=30, balance_cap=90_000) == ["rate"]
    assert queries.terms_of(here.community).rate == 30
    row = db.session.scalars(select(audit.AuditRow).where(audit.AuditRow.verb == "set_rule")).one()
    assert row.detail == {"name": "rate", "before": 60, "after": "30"}
    for wrong in ({"rate": 0}, {"grain": "1.5"}, {"leaving": "sell"}, {"elder_week": ""}):
        with pytest.raises(Invalid), transaction():
            set_rule(here, **{"auto_days": 5, **wrong})
    with pytest.raises(Invalid, match="R7"), transaction():
        set_rule(here, day_alone=480, day_at_most=480, week_alone=1200, balance_cap=700) and set_rule(here, day_at_most=479)
    assert queries.terms_of(here.community).auto_days == 3
    assert db.session.scalar(select(func.count()).select_from(CreditSetting)) == 1


def test_another_community_keeps_its_own_rules(here: SimpleNamespace) -> None:
    with transaction():
        other = make.make_community("other-street")
        set_rule(here, rate=30)
    assert (queries.terms_of(here.community).rate, queries.terms_of(other.id).rate) == (30, 60)


def test_there_is_no_field_for_money_anywhere(app: Flask) -> None:
    told_to_the_elder = ("shopping_receipt", "cash")  # what a shopper was handed of the elder's own money; it never meets minutes
    words = ("price", "money", "amount", "yuan", "rmb", "cny", "fee", "cash", "cost", "currency", "wallet", "payment")
    with app.app_context():
        schema = inspect(db.engine)
        columns = [(table, each["name"]) for table in schema.get_table_names() for each in schema.get_columns(table)]
    assert len(columns) > 200
    assert [column for column in columns if any(word in part.lower().split("_") for part in column for word in words)] == [
        told_to_the_elder
    ]
