"""The edge of the elders' forms."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.access.schemas import Mobile
from timebank.elders.models import CareLevel, ElderState, Purpose, Said
from timebank.forms import Day, Form, Telephone, Whole, Words

GENDERS = ("", "F", "M")


def _choice(words: Any, **kwargs: Any) -> fields.Enum[Any]:  # noqa: ANN401 - marshmallow's own arguments
    """Return a field that takes one of an enum's words."""
    return fields.Enum(words, by_value=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")}, **kwargs)


class PersonForm(Form):
    """Who somebody is."""

    name = Words(20, required=True)
    gender = fields.String(load_default="", validate=validate.OneOf(GENDERS, error=_("请选一项。")))
    birth_year = Whole(1900, date.max.year, load_default=None, allow_none=True)
    phone = Telephone(20, load_default="")
    lives_alone = fields.Boolean(load_default=False)


class DoorForm(Form):
    """Where somebody lives."""

    building = Whole(1, 999_999_999, required=True, error_messages={"required": _("请选楼栋。")})
    entrance = Words(20, load_default="")
    floor = Whole(1, 200, required=True)
    door = Words(20, load_default="")


class NewElderForm(PersonForm, DoorForm):
    """An elder who is new here; ``same`` is the household at the same door they belong to, 0 for none of them."""

    same = Whole(0, 999_999_999, load_default=None, allow_none=True)


class ElderForm(PersonForm, DoorForm):
    """An elder with what needs a consent."""

    level = _choice(CareLevel, load_default=CareLevel.UNKNOWN)
    diet = Words(60, load_default="")
    care_note = Words(200, load_default="")
    door_note = Words(200, load_default="")
    agrees_health = fields.Boolean(load_default=False)
    agrees_door = fields.Boolean(load_default=False)


class StateForm(Form):
    """Whether an elder still lives here; ``sure`` says that what will happen has been seen."""

    state = _choice(ElderState, required=True)
    sure = fields.Boolean(load_default=False)


class ConsentForm(Form):
    """A consent that is given or withdrawn."""

    purpose = _choice(Purpose, required=True)


HEARD = (Said.CALL, Said.DESK)


class SaidForm(Form):
    """How an elder's word was heard; nothing where the elder has given it themselves."""

    said = fields.Enum(
        Said,
        by_value=True,
        load_default=None,
        validate=validate.OneOf(HEARD, error=_("请选一项。")),
        error_messages={"unknown": _("请选一项。")},
    )


class ConsentGivenForm(ConsentForm):
    """A consent that was asked for: whose word it is, and how it was heard."""

    given_by = fields.String(load_default="elder", validate=validate.OneOf(("elder", "family"), error=_("请选一项。")))
    said = _choice(Said, required=True, validate=validate.OneOf(HEARD, error=_("请选一项。")))


class MatchForm(Form):
    """Which elder a family means."""

    elder = Whole(1, 999_999_999, required=True, error_messages={"required": _("请先选一位老人。")})


class DeclineForm(Form):
    """Why a family is not bound."""

    reason = Words(100, load_default="")


class BindForm(Form):
    """A family who is bound at the desk."""

    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})
    name = Words(20, required=True)
    relation = Words(10, required=True)
    said = _choice(Said, required=True, validate=validate.OneOf(HEARD, error=_("请选一项。")))


class PauseForm(Form):
    """Days on which an elder needs nobody; ``both`` says of a couple whether the other is away as well."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    reason = Words(60, load_default="")
    both = fields.Boolean(load_default=None, allow_none=True, error_messages={"invalid": _("请选一项。")})


class BackForm(Form):
    """From which day an elder is back."""

    back = Day(required=True)
