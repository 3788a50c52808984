"""What the code on a printed sheet opens: the day's tasks, and the pages of volunteers to look at.

Whoever printed the sheet could hold it, so nothing else is done in the name of whoever's it is, and no page of a family is opened: there
stand the codes by which a door shows that somebody was there.
"""

from timebank.access.circles import ANY, PUBLIC, VOLUNTEER
from timebank.access.policy import POLICY

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TASKS = frozenset({
    "access.sign_in", "access.code", "access.link", "access.register", "access.language", "access.sign_out",
    "phone.accept", "phone.decline", "phone.pick_up", "phone.deliver", "phone.undo", "phone.check_in", "phone.check_out", "phone.problem",
    "alarms.go_on", "alarms.mistaken", "alarms.hand_back", "alarms.stay", "offline.insist",
    "duties.accept", "duties.give_up", "duties.sign_in", "duties.sign_out", "my_posts.take_turn", "shopping.receipt", "stations.move_in_hand",
})  # fmt: skip
"""What is sent in a day's work, and how one leaves or comes in as oneself."""


def opens(endpoint: str, method: str) -> bool:
    """Say whether somebody may do this who came in by the code of a sheet."""
    return endpoint in TASKS or (method in SAFE and POLICY.get(endpoint) in (ANY, PUBLIC, VOLUNTEER))
