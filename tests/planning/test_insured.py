"""Insurance before service that may be dangerous: nobody is planned for it, or claims it, beyond the day their cover ends."""

from datetime import date

import pytest

from tests import builders as make
from tests.planning.street import Street
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.places.models import Community
from timebank.visits.actions import duties
from timebank.visits.actions.duties import Turn
from timebank.volunteers.models import Volunteer

SUNDAY, SATURDAY = date(2026, 11, 29), date(2026, 11, 28)


def cover(who: int, until: date | None) -> None:
    """Let somebody's insurance last until a day."""
    with transaction():
        db.session.get_one(Volunteer, who).insured_until = until


def test_whoever_is_not_insured_to_the_weeks_end_is_not_planned_for_what_wants_it(street: Street) -> None:
    with transaction():
        db.session.get_one(ServiceKind, street.kind).insured = True
    cover(street.zhao, SATURDAY)
    street.open()
    visit = street.visits()[0]
    for who, name in ((street.wang, "王秀芬"), (street.zhao, "赵志强")):
        answer = street.assign(visit, who)
        assert answer.status_code == 409
        assert f"{name}不具备鞠淑贞的上门理发所需的技能（志愿者保险）" in answer.text
    assert street.assigned() == []
    cover(street.zhao, SUNDAY)
    assert street.assign(visit, street.zhao).status_code == 303
    assert street.assigned() == [(visit, street.zhao)]


def test_a_turn_that_wants_insurance_is_claimed_within_it_only(street: Street) -> None:
    with transaction():
        kind = make.make_kind("GUARD", name="护学值守", name_en="School crossing", minutes=30, skills=[], insured=True, at_door=False)
        community = db.session.get_one(Community, street.community)
        of_day = {"day": SATURDAY, "start": 690, "until": 720, "part_of": "post", "part_id": 7}
        (seat,) = duties.open_seats(Turn(community_id=community.id, kind=kind, title="老乡护学岗", place="东门", **of_day), 1)
    for until in (None, date(2026, 11, 27)):
        cover(street.wang, until)
        with pytest.raises(Conflict, match=r"insur|保险"), transaction():
            duties.claim(seat, db.session.get_one(Volunteer, street.wang))
    cover(street.wang, SATURDAY)
    with transaction():
        duties.claim(seat, db.session.get_one(Volunteer, street.wang))
    assert seat.volunteer_id == street.wang
