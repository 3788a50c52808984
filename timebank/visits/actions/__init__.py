"""The verbs of visits, in the order of a week; each carries all its consequences: state, offers, minutes held, messages, boxes.

``asking``       a request comes in and is accepted or declined
``scheduling``   accepted requests become dated visits
``needs``        a need changes: its visits follow
``offering``     volunteers are asked, and accept or decline
``leaving``      a volunteer is ill, away or gone: what they were to do is nobody's
``homes``        an elder is away or back, has moved or died, somebody is usual at a door or must not be sent there
``calling_off``  visits are not needed any more, or again after all
``kitchen``      a meal is ordered or dropped after the kitchen has closed
``serving``      pick-up, check-in, check-out, the door, the outcome
``confirming``   somebody confirms; the service record and the time credit are written together
``correcting``   a record is corrected: a new version beside the old one, its credit follows
``owing``        what is owed since a correction, and giving it up by two people
``telling``      who hears of what, once

``moving`` is the one door that sets a visit's state (``visits.states`` draws the machine); ``paying`` is what it costs.
"""
