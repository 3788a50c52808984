"""An elder's number that a workbook changes is changed as by the form: the old number opens nothing any more, and both hear of it."""

from flask import Flask
from sqlalchemy import select

from tests.exchange.files import Book, look_at, take_in
from tests.exchange.lookup import elder
from tests.exchange.test_cases import door_of
from timebank.access import actions as access
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.elders import own_number
from timebank.elders.models import FamilyMember
from timebank.notices.models import Notice

OLD, NEW = "13522220001", "13522220002"


def keys() -> list[int]:
    """Return who is tied to the elder by the elder's own number."""
    own = select(FamilyMember.user_id).where(FamilyMember.elder_id == elder("E001").id, FamilyMember.own)
    return list(db.session.scalars(own))


def told() -> list[str]:
    """Return which numbers heard that a number has become another."""
    return list(db.session.scalars(select(Notice.phone).where(Notice.template == "number").order_by(Notice.id)))


def test_a_workbook_that_changes_a_number_closes_the_old_key_and_tells_both(lived: Flask, book: Book) -> None:
    with transaction():
        elder("E001").phone = OLD
        user = access.add_user(OLD, "", Role.FAMILY)
        own_number.recognise(user)
    assert len(keys()) == 1
    assert look_at(book({"老人": door_of(elder("E001"), 电话=NEW)})).changes == 1
    assert (len(keys()), told()) == (1, []), "a check changes nothing and tells nobody"
    take_in(book({"老人": door_of(elder("E001"), 电话=NEW)}))
    assert (keys(), told()) == ([], [OLD, NEW])
    take_in(book({"老人": door_of(elder("E001"), 电话=NEW)}))
    assert told() == [OLD, NEW], "the same file again changes nothing"
