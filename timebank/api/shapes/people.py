"""Shapes of elders and volunteers; a telephone is whole only for whoever may ring it."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from timebank.access.circles import STAFF
from timebank.access.guards import this_user
from timebank.api.fields import Among, Day, DayTime, Mark, Sized, number, one_of, text, whether, word_of
from timebank.api.paging import PageArgs
from timebank.elders.models import CareLevel, ElderState
from timebank.forms import Telephone
from timebank.hours import DAY_AT_MOST
from timebank.phones import mask_phone
from timebank.volunteers.models import Gender, Travel

GENDERS = ("", "F", "M")


class Phone(fields.String):
    """A telephone number, whole for coordinators and administrators, masked for everybody else."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Show the number as far as the reader may."""
        del attr, obj, kwargs
        return str(value or "") if this_user().role in STAFF else mask_phone(value or "")


def phone_number(**given: Any) -> Telephone:  # noqa: ANN401 - passed on to marshmallow
    """Return a field of a telephone number."""
    return Telephone(20, metadata={"maxLength": 20}, **given)


class HouseholdShape(Schema):
    """A door as lists name it: the house, not the door itself."""

    id = fields.Integer()
    number = fields.String()
    building = fields.Integer(attribute="building_id")
    address = fields.Function(lambda home: f"{home.building.compound.name} {home.building.name}", metadata={"type": "string"})
    entrance = fields.String()
    floor = fields.Integer()


class PauseShape(Schema):
    """Days on which an elder needs nobody."""

    id = fields.Integer()
    first_day = fields.Date()
    last_day = fields.Date()


class ElderShape(Schema):
    """An elder; what is known of health and door is read at an address of its own, and that is on record."""

    id = fields.Integer()
    number = fields.String()
    name = fields.String()
    gender = fields.String()
    birth_year = fields.Integer(allow_none=True)
    phone = Phone()
    lives_alone = fields.Boolean()
    state = word_of(ElderState)
    household = fields.Nested(HouseholdShape)
    pauses = fields.List(fields.Nested(PauseShape))


class DoorShape(Schema):
    """What is behind the seals: the door and what to know of it, diet and care."""

    door = fields.String(attribute="household.door", allow_none=True)
    door_note = fields.String(attribute="household.door_note", allow_none=True)
    level = word_of(CareLevel)
    diet = fields.String(allow_none=True)
    care_note = fields.String(allow_none=True)


class PeopleArgs(PageArgs):
    """Who is listed."""

    gone = fields.Boolean(load_default=False, metadata={"description": "those who are no more, instead of those who are"})


class ElderBody(Schema):
    """An elder who is new here; ``same_household`` is the household at the same door they belong to, 0 for none of them."""

    name = text(20, required=True)
    gender = fields.String(load_default="", validate=Among(GENDERS))
    birth_year = number(1900, date.max.year, load_default=None, allow_none=True)
    phone = phone_number(load_default="")
    lives_alone = whether(load_default=False)
    building = number(required=True)
    entrance = text(20, load_default="")
    floor = number(1, 200, required=True)
    door = text(20, load_default="")
    same_household = number(0, load_default=None, allow_none=True)


class ElderChange(Schema):
    """What of an elder is another; what is left out stays."""

    name = text(20)
    gender = fields.String(validate=Among(GENDERS))
    birth_year = number(1900, date.max.year, allow_none=True)
    phone = phone_number()
    lives_alone = whether()


class PauseBody(Schema):
    """Days on which an elder needs nobody; ``both`` says of a couple whether the other is away as well."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    reason = text(60, load_default="")
    both = whether(load_default=None, allow_none=True)


class BackBody(Schema):
    """From which day an elder is back."""

    back = Day(required=True)


class HeldSkillShape(Schema):
    """A skill that somebody holds."""

    id = fields.Integer()
    skill = fields.String(attribute="skill.code")
    proof = fields.String()
    expires = fields.Date(allow_none=True)


class SpanShape(Schema):
    """A free time of the ordinary week; weekday 0 is Monday."""

    weekday = fields.Integer()
    start = DayTime()
    end = DayTime()


class TimeOffShape(Schema):
    """When somebody is away."""

    id = fields.Integer()
    day = fields.Date()
    start = DayTime()
    end = DayTime()


class VolunteerShape(Schema):
    """A volunteer."""

    id = fields.Integer()
    number = fields.String()
    name = fields.String()
    phone = Phone()
    gender = word_of(Gender, allow_none=True)
    birth_year = fields.Integer(allow_none=True)
    unit = fields.Integer(attribute="unit_id", allow_none=True)
    travel = word_of(Travel)
    boxes = fields.Integer()
    radius = fields.Integer(allow_none=True)
    max_day = fields.Integer()
    max_week = fields.Integer()
    staff = fields.Boolean()
    collective = fields.Boolean()
    has_phone = fields.Boolean()
    insured_until = fields.Date(allow_none=True)
    active = fields.Boolean()
    account = fields.Integer(attribute="account_id")


class WholeVolunteerShape(VolunteerShape):
    """A volunteer with skills, free times and days away."""

    skills = fields.List(fields.Nested(HeldSkillShape))
    availability = fields.List(fields.Nested(SpanShape))
    time_off = fields.List(fields.Nested(TimeOffShape))


class VolunteerChange(Schema):
    """What of a volunteer is another; what is left out stays. Another name or number waits for a second person."""

    name = text(20)
    phone = phone_number()
    gender = one_of(Gender, allow_none=True)
    birth_year = number(1900, date.max.year, allow_none=True)
    home = number(metadata={"description": "building they start from"})
    travel = one_of(Travel)
    boxes = number(0, 100)
    radius = number(1, 100_000, allow_none=True)
    max_day = number(1, DAY_AT_MOST)
    max_week = number(1, 5040)
    insured_until = Day(allow_none=True)
    has_phone = whether()


class VolunteerBody(VolunteerChange):
    """Somebody who is new here."""

    name = text(20, required=True)
    phone = phone_number(required=True)
    home = number(required=True, metadata={"description": "building they start from"})
    unit = number(load_default=None, allow_none=True)
    staff = whether(load_default=False)
    collective = whether(load_default=False)


class SpanBody(Schema):
    """A free time of the ordinary week."""

    weekday = number(0, 6, required=True)
    start = DayTime(required=True)
    end = DayTime(required=True)

    @validates_schema
    def _in_order(self, said: dict[str, Any], **_more: object) -> None:
        """Refuse a time that ends before it begins."""
        if said["start"] >= said["end"]:
            raise ValidationError("end > start", "end")


class WeekBody(Schema):
    """The free times of the whole ordinary week, in place of what they were."""

    spans = fields.List(fields.Nested(SpanBody), required=True, validate=Sized(max=70))


class WeekShape(Schema):
    """The free times of the ordinary week."""

    spans = fields.List(fields.Nested(SpanShape))


class TimeOffBody(Schema):
    """When somebody is away, all day where no time is said; ``give_back`` says that what stands then is given back."""

    day = Day(required=True)
    start = DayTime(load_default=None, allow_none=True)
    end = DayTime(load_default=None, allow_none=True)
    reason = text(50, load_default="")
    give_back = whether(load_default=False)


class TeamShape(Schema):
    """A team."""

    id = fields.Integer()
    name = fields.String()
    members = fields.Function(
        lambda team: sorted(each.volunteer_id for each in team.members if each.left is None),
        metadata={"type": "array", "items": {"type": "integer"}, "description": "numbers of the volunteers in it now"},
    )


class DoneShape(Schema):
    """That something was done, and what of others' work changed by it."""

    done = Mark()
    given_back = fields.Integer(metadata={"description": "offers that stand no more"})
