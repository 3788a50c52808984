"""What a week's plan is to care for, as four goals with a level each: pure rules on the engine's file.

``reach`` more people, ``faces`` they know, short ``ways``, a fair ``share``. Levels go from 0 (care less) over ``USUAL`` to 3 (care most).
Served needs always come first; ``reach`` says which of them weigh more, the others what is preferred among plans that serve as much.
"""

from collections.abc import Mapping
from typing import Any

from timebank.planning.lived import HERE

NAMES = ("reach", "faces", "ways", "share")
USUAL = 1
MOST = 3
FACTORS = (0.25, 1, 3, 9)
PRICES = {"faces": "new_face", "ways": "travel", "share": "fairness"}
HEAVIEST = 1_000_000


def levels(said: Mapping[str, Any]) -> dict[str, int]:
    """Return the level of every goal; what is not said is as usual."""
    return {name: min(MOST, max(0, int(said.get(name, USUAL)))) for name in NAMES}


def aimed(week: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a week that is planned for these goals; with all of them as usual the very week that came in."""
    at = levels(said)
    prices = {PRICES[name]: FACTORS[at[name]] for name in PRICES if at[name] != USUAL}
    found = dict(week)
    if prices:
        found["weights"] = {name: price * prices.get(name, 1) for name, price in week["weights"].items()}
    if at["reach"] != USUAL:
        found["visits"] = _reaching(week["visits"], at["reach"])
    return found


def _reaching(visits: list[dict[str, Any]], level: int) -> list[dict[str, Any]]:
    """Weigh visits for reach: below the usual the pressing ones more, above it one visit of every door, the easiest to place."""
    ours = [each for each in visits if not str(each["id"]).startswith(HERE)]
    heaviest = max((each["weight"] for each in ours), default=1)
    if level < USUAL:
        weights = {each["id"]: max(1, each["weight"] ** 2 // heaviest) for each in ours}
    else:
        first: dict[str, dict[str, Any]] = {}
        for each in sorted(ours, key=lambda one: (one["crew"], one["minutes"], one["days"][0], one["id"])):
            first.setdefault(each["elder"], each)
        more = heaviest * (level - USUAL)
        weights = {each["id"]: min(HEAVIEST, each["weight"] + more) for each in first.values()}
    return [{**each, "weight": weights.get(each["id"], each["weight"])} for each in visits]
