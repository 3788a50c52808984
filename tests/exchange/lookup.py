"""People and needs by the numbers the office's files give them."""

from sqlalchemy import select

from timebank.db import db
from timebank.elders.models import Elder
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Volunteer


def volunteer(number: str) -> Volunteer:
    return db.session.scalars(select(Volunteer).where(Volunteer.number == number)).one()


def elder(number: str) -> Elder:
    return db.session.scalars(select(Elder).where(Elder.number == number)).one()


def request(number: str) -> HelpRequest:
    return db.session.scalars(select(HelpRequest).where(HelpRequest.number == number)).one()
