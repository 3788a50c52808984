"""Pages of the desk.

``requests``    the inbox, one request, and what the desk writes down; ``needs`` changes a need
``people``      an elder's door and a volunteer's week; ``elders`` and ``volunteers`` change them
``many``        several of them changed at once
``group_messages`` a message to a chosen group, with what became of it for each
``duties``      the duties of a day, with the sign-in sheet to be typed in
``door_card``   the card with the codes of the coming visits, for an elder without a smartphone
``late_meals``  boxes ordered or dropped after the kitchen has closed
"""

from timebank.desk.views import door_card, duties, elders, group_messages, late_meals, many, needs, people, volunteers

BLUEPRINTS = (
    door_card.blueprint,
    duties.blueprint,
    group_messages.blueprint,
    late_meals.blueprint,
    many.blueprint,
    needs.blueprint,
    elders.blueprint,
    people.blueprint,
    volunteers.blueprint,
)
