"""What shows that somebody was at a door, besides anybody's word: the elder's code, and a tap on the volunteer's own phone.

A code shows nothing where whoever used it could read it: they asked for the visit themselves, or speak for an elder behind the door. Nor does
it show when a visit began that the phone told of later, nor anything once the family has objected. A tap by the code of a printed sheet shows
nothing either: whoever holds the paper can make it, and whoever printed it saw nothing. Where whoever asked for the visit is no
approved relative, the code and their word are worth as much as the word of whoever of the office took the request on.
"""

from timebank.catalogue.models import Evidence
from timebank.visits.actions.kin import may_speak, speaks_at
from timebank.visits.models import Offer, Source, Visit


def follows(made: Offer) -> bool:
    """Say whether a volunteer follows the very visit they make, and so reads its code on a page of their own."""
    user = made.volunteer.user
    return user is not None and (made.visit.request.asked_by == user.id or speaks_at(user, made.visit))


def asked_by_a_stranger(visit: Visit) -> bool:
    """Say whether somebody asked for a visit whom nobody has approved as a relative: who that is, one person of the office believed."""
    asked = visit.request
    return asked.source is Source.FAMILY and asked.asked_by is not None and not may_speak(asked.asked_by, [visit.household_id])


def by_code(made: Offer) -> bool:
    """Say whether a code shows by itself that somebody was there, and when: what the clock may take."""
    return made.code_ok and made.late_by == 0 and not follows(made)


def stands(made: Offer) -> bool:
    """Say whether the elder's code, a tap on the volunteer's own phone or a colleague who typed the times in stands behind an offer."""
    if made.visit.doubted_at is not None:
        return False
    if not made.by_sheet and (made.entered_by is not None or made.visit.kind.evidence is Evidence.DOOR_TAP):
        return True
    return by_code(made) and not asked_by_a_stranger(made.visit)
