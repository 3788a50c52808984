"""The verbs of visits, in the order of a week: asking, scheduling, offering, serving, confirming.

``asking``      a request comes in and is accepted or declined
``scheduling``  accepted requests become dated visits
``offering``    volunteers are asked, and accept or decline
``serving``     pick-up, check-in, check-out, the door, the outcome
``confirming``  somebody confirms; the service record and the time credit are written together
``telling``     coordinators hear of an alarm, volunteers of what is cancelled and of thanks
``homes``       an elder is away or back, somebody is usual at a door or must not be sent there
"""
