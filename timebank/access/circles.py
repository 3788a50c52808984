"""The circles of roles that doors are opened to, for pages and for programs alike."""

from typing import Final, Literal

from timebank.access.models import Role

Rule = frozenset[Role] | Literal["public", "any"]

PUBLIC: Final = "public"  # signed out as well
ANY: Final = "any"  # everybody who has signed in

ADMIN = frozenset({Role.ADMIN})
STAFF = frozenset({Role.ADMIN, Role.COORDINATOR})
STREET = frozenset({Role.ADMIN, Role.STREET_OFFICER})
READERS = STAFF | {Role.INSPECTOR, Role.STREET_OFFICER}
DESK = STAFF | {Role.STEWARD, Role.TEAM_LEAD, Role.BUILDING_LEAD}
OFFICE = DESK | READERS | {Role.CANTEEN}
LOCAL = frozenset({Role.STEWARD, Role.BUILDING_LEAD})  # who looks after some places and sees of them only what concerns these
HANDS = STREET | STAFF | LOCAL  # in whose hands a case can be
VOLUNTEER = frozenset({Role.VOLUNTEER})
FAMILY = frozenset({Role.FAMILY})
FOLLOWERS = FAMILY | VOLUNTEER
