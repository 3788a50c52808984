"""Pages of the desk.

``requests``    the inbox, one request, and what the desk writes down; ``needs`` changes a need
``people``      an elder's door and a volunteer's week; ``elders`` and ``volunteers`` change them
``many``        several of them changed at once
``duties``      the duties of a day, with the sign-in sheet to be typed in
``door_card``   the card with the codes of the coming visits, for an elder without a smartphone
``late_meals``  boxes ordered or dropped after the kitchen has closed
"""

from timebank.desk.views import door_card, duties, elders, late_meals, many, needs, people, volunteers

BLUEPRINTS = (
    door_card.blueprint,
    duties.blueprint,
    late_meals.blueprint,
    many.blueprint,
    needs.blueprint,
    elders.blueprint,
    people.blueprint,
    volunteers.blueprint,
)
