"""为什么是我: five sentences, each a fact about this volunteer and this visit, each left out where it is not true."""

import re

from sqlalchemy import select

from tests import builders as make
from tests.planning.street import Street
from tests.planning.test_hands import phone_of
from timebank.catalogue.models import Skill
from timebank.db import db, forget_reads, transaction
from timebank.planning.models import Assignment
from timebank.planning.why import Reasons
from timebank.visits.models import Offer, Pairing, Tie, Visit
from timebank.volunteers.models import Availability, HeldSkill


def proposed(street: Street) -> Assignment:
    """Give Wang the haircut of Wednesday and return what the plan says."""
    street.open()
    street.assign(street.visits()[0], street.wang)
    forget_reads()
    return db.session.scalars(select(Assignment)).one()


def said(street: Street, each: Assignment) -> tuple[list[str], list[str]]:
    zh, en = Reasons(street.plan()).why(each)
    return re.findall(r"[^。]+。", zh), re.split(r"(?<=\.) (?=[A-Z])", en)


def test_five_facts_are_told_and_each_is_true(street: Street) -> None:
    each = proposed(street)
    zh, en = said(street, each)
    assert len(zh) == len(en) == 5
    assert zh[0] == "这一户你还没去过，认个门。"
    assert zh[1] == "这件事不用专门的证明。"
    assert re.fullmatch(r"离你家约 [\d.]+ (米|公里)。", zh[2])
    assert zh[3].startswith("你说过周三 ")
    assert re.fullmatch(r"连这件，那一周排你 0\.\d 小时，最多 \d+\.\d 小时。", zh[4])


def test_what_is_not_so_is_not_told(street: Street) -> None:
    each = proposed(street)
    with transaction():
        for span in db.session.scalars(select(Availability)):
            db.session.delete(span)
        each.volunteer.max_week = 10
        make.add(Pairing(household_id=each.visit.household_id, volunteer_id=street.wang, tie=Tie.USUAL))
        each.visit.kind.skills = ["hair"]
    forget_reads()
    zh, _en = said(street, db.session.scalars(select(Assignment)).one())
    assert [words[:4] for words in zh] == ["你是这一", "离你家约"]


def test_a_skill_that_is_needed_is_named_while_its_proof_holds(street: Street) -> None:
    each = proposed(street)
    with transaction():
        skill = make.add(Skill(code="hair", name="理发", name_en="Hairdressing", needs_proof=True))
        each.visit.kind.skills = ["hair"]
        held = make.add(HeldSkill(volunteer_id=street.wang, skill_id=skill.id, expires=make.WEDNESDAY))
    forget_reads()
    assert any("这件事要会" in words for words in said(street, db.session.scalars(select(Assignment)).one())[0])
    with transaction():
        db.session.get_one(HeldSkill, held.id).expires = make.MONDAY
    forget_reads()
    assert not any("这件事要会" in words for words in said(street, db.session.scalars(select(Assignment)).one())[0])


def test_the_phone_shows_them_one_by_one(street: Street) -> None:
    proposed(street)
    street.publish()
    phone = phone_of(street, street.wang)
    page = phone.get("/phone/offers").text
    listed = page.split("为什么是我", 1)[1].split("</ul>", 1)[0]
    assert listed.count("<li>") == 5
    made = db.session.scalars(select(Offer).join(Visit)).one()
    assert phone.get(f"/phone/visits/{made.id}").text.count("离你家约") == 1
