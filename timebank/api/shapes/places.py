"""Shapes of who asks, of places, and of the catalogue."""

from marshmallow import Schema, fields

from timebank.access.models import Role
from timebank.access.tokens import Scope
from timebank.api.fields import Among, Mark, word_of
from timebank.catalogue.models import Evidence
from timebank.notices.hiding import without_code


class CommunityShape(Schema):
    """A community."""

    id = fields.Integer()
    slug = fields.String()
    name = fields.String()
    street = fields.String(attribute="street.name")
    phone = fields.String(metadata={"description": "telephone of the station"})


class MeShape(Schema):
    """In whose name a token acts, and what for."""

    user = fields.Integer(attribute="user.id")
    name = fields.String(attribute="user.shown_name")
    role = word_of(Role)
    locale = fields.String(attribute="user.locale")
    community = fields.Nested(CommunityShape, allow_none=True)
    volunteer = fields.Integer(allow_none=True, metadata={"description": "number of the volunteer that the user is"})
    token = fields.String(attribute="name_of_token")
    scopes = fields.List(fields.String(validate=Among([each.value for each in Scope])))
    expires_at = fields.AwareDateTime()
    today = fields.Date(metadata={"description": "the service's own day; a demo lives in its own week"})


class BuildingShape(Schema):
    """A building with its compound; points are WGS-84."""

    id = fields.Integer()
    compound = fields.String(attribute="compound.name")
    name = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    floors = fields.Integer()
    lift = fields.Boolean()


class CanteenShape(Schema):
    """A canteen; times are those of an ordinary day."""

    id = fields.Integer()
    name = fields.String()
    address = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    phone = fields.String()
    hot_minutes = fields.Integer(attribute="hot")


class StationShape(Schema):
    """A station."""

    id = fields.Integer()
    name = fields.String()
    address = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    hours = fields.String()
    phone = fields.String()


class KindShape(Schema):
    """A kind of service."""

    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    group = fields.String()
    group_en = fields.String()
    minutes = fields.Integer()
    evidence = word_of(Evidence)
    at_door = fields.Boolean()
    from_canteen = fields.Boolean()
    workdays_only = fields.Boolean()
    enabled = fields.Boolean()


class SkillShape(Schema):
    """A skill."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    needs_proof = fields.Boolean()


class NoticeShape(Schema):
    """A message of the outbox; its number and words are for those who may read the outbox."""

    id = fields.Integer()
    user = fields.Integer(attribute="user_id", allow_none=True)
    template = fields.String()
    text = fields.Function(lambda notice: without_code(notice.text), metadata={"type": "string", "description": "without the visit code"})
    channel = fields.String()
    state = Mark()
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
