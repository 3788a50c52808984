"""Pages of a volunteer's phone.

``phone``       today, this week, offers, one visit, and every tap at canteen and door
``offline``     what the phone keeps, and the page it falls back on; ``late_taps`` what is refused when it comes
``alarms``      what is tapped after an alarm; ``alarm_cards`` what stands on Today before the way itself
``own_time``    time off and free times; ``promises`` rounds accepted once for every week
``duties``      turns of duty; ``badge`` the card with its code, and standing by
"""

from timebank.phone.views import alarms, badge, duties, offline, own_time, phone, promises

BLUEPRINTS = (
    phone.blueprint,
    offline.blueprint,
    alarms.blueprint,
    promises.blueprint,
    badge.blueprint,
    duties.blueprint,
    own_time.blueprint,
)
