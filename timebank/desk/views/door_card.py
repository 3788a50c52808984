"""到访卡: a card for the door of somebody without a smartphone, to be printed: who comes in the coming days, when, and with which code.

Each code is a visit's own and is used once; it stands on the card as digits and as a drawing that the volunteer's phone reads at the door.
Whoever opens the card has read the codes, and that is on record.
"""

from datetime import timedelta

from flask import Blueprint, render_template, url_for

from timebank import audit, clock
from timebank.access.guards import this_user
from timebank.db import BRIEFLY, transaction
from timebank.elders import queries as elders
from timebank.elders.models import Elder
from timebank.outside import outside
from timebank.places import queries as places
from timebank.visits import queries
from timebank.visits.models import OfferState, Visit
from timebank.visits.states import ACCEPTED, OFFERED
from timebank.visits.views import cards
from timebank.web import found, qr, voiced

blueprint = Blueprint("door_card", __name__)
AHEAD = timedelta(days=14)


def to_come(elder: Elder) -> list[Visit]:
    """Return the visits of the coming two weeks at an elder's door to which somebody has said yes."""
    today = clock.today()
    return [
        each
        for each in queries.visits_at_doors({elder.household_id})
        if each.state in {OFFERED, ACCEPTED} and each.day is not None and today <= each.day < today + AHEAD and _going(each)
    ]


def _going(visit: Visit) -> list[str]:
    """Return the names of who comes."""
    return [each.volunteer.name for each in visit.offers if each.state is OfferState.ACCEPTED]


@blueprint.get("/elders/<int:elder_id>/door-card")
def card(elder_id: int) -> str:
    """Show the card, ready to be printed; that its codes were read is noted."""
    community = places.community_seen_by(this_user())
    with transaction(patience=BRIEFLY):
        audit.record("read_codes", "elder", found(elders.elder_of(community.id, elder_id)).id)
    elder = found(elders.elder_of(community.id, elder_id))
    return render_template(
        "elders/door_card.html",
        elder=elder,
        courtesy=voiced((elders.courtesy_name(elder), elder.name)),
        rows=[
            {
                "visit": each,
                "day": cards.date_words(each.day or clock.today()),
                "who": _going(each),
                "code": each.code if each.kind.evidence == "timed" else "",
                "qr": _drawn(each),
            }
            for each in to_come(elder)
        ],
        station_phone=community.phone,
        printed=clock.now(),
    )


def _drawn(visit: Visit) -> str | None:
    """Return the drawing a phone reads at the door: the address of the visit, the code behind a # so that it stands in no log."""
    if visit.kind.evidence != "timed" or not outside.is_known:
        return None
    return qr(f"{outside.address}{url_for('badge.at_door', visit_id=visit.id)}#{visit.code}")
