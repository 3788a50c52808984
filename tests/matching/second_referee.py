"""A second referee, written from the contract's words alone: it reads the JSON as it stands and shares no line with `matching`.

It is slow and plain on purpose. Whatever the referee of the product and this one judge differently is a mistake in one of them or a hole in the contract.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from math import atan2, ceil, cos, hypot, radians, sin
from typing import Any, NamedTuple

Row = dict[str, Any]


class Malformed(Exception):  # noqa: N818  a word of the contract, not of Python
    """The plan names what the week lacks, or is no plan: the command ends with 2."""


class Judgement(NamedTuple):
    broken: frozenset[str]
    score: Row


class Done(NamedTuple):
    """One volunteer's share of one visit."""

    volunteer: str
    day: int
    start: int


class Slot(NamedTuple):
    """A way to take a further visit into one window: when it would start and how much work it adds."""

    volunteer: str
    day: int
    start: int
    work: int


class Referee:
    def __init__(self, week: Row) -> None:
        self.week = week
        self.places = by_id(week["places"])
        self.order = {place["id"]: at for at, place in enumerate(week["places"])}
        self.canteens = by_id(week["canteens"])
        self.elders = by_id(week["elders"])
        self.volunteers = by_id(week["volunteers"])
        self.visits = by_id(week["visits"])
        self.pins = {pin["visit"]: pin for pin in week.get("pins", [])}
        self.seconds: set[tuple[str, str]] = set()  # visits with whoever is there as the second and for minutes of their own

    def judge(self, plan: Row) -> Judgement:
        self.refuse_malformed(plan)
        broken: set[str] = set()
        self.seconds = self.seated({name: [share.volunteer for share in shares] for name, shares in self.served(plan).items()})
        for route in plan["routes"]:
            broken |= self.broken_on_the_way(route) | self.broken_aboard(route)
        served = self.served(plan)
        for visit, shares in served.items():
            broken |= self.broken_at_the_door(self.visits[visit], shares)
        work = self.work(plan)
        for volunteer in self.volunteers.values():
            broken |= self.broken_ceilings(volunteer, work[volunteer["id"]])
        if self.over_touched(served):
            broken.add("touched")
        broken |= self.broken_between(served)
        if any(self.pin_broken(pin, served, plan, work) for pin in self.pins.values()):
            broken.add("pin")
        return Judgement(frozenset(broken), self.score(plan, served, work))

    def refuse_malformed(self, plan: Row) -> None:
        seen = set()
        if plan["week"] != self.week["name"]:
            raise Malformed("another week")
        for route in plan["routes"]:
            key = (route["volunteer"], route["window"])
            if route["volunteer"] not in self.volunteers or key in seen or not route["stops"]:
                raise Malformed(key)
            if not 0 <= route["window"] < len(self.volunteers[route["volunteer"]]["windows"]):
                raise Malformed(key)
            seen.add(key)
            for stop in route["stops"]:
                named = stop["visits"] if "pickup" in stop else [stop["visit"]]
                if not named or any(visit not in self.visits for visit in named) or stop.get("pickup", None) not in {None, *self.canteens}:
                    raise Malformed(stop)

    # Ways and minutes.

    def metres(self, a: str, b: str) -> float:
        one, two = self.places[a], self.places[b]
        lat1, lat2, turn = radians(one["lat"]), radians(two["lat"]), radians(two["lon"]) - radians(one["lon"])
        across = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(turn)
        along = sin(lat1) * sin(lat2) + cos(lat1) * cos(lat2) * cos(turn)
        return 6_371_009 * atan2(hypot(cos(lat2) * sin(turn), across), along)

    def leg(self, mode: str, a: str, b: str) -> int:
        if a == b:
            return 0
        travel = self.week["travel"]
        if "minutes" in travel:
            return int(travel["minutes"][mode][self.order[a]][self.order[b]])
        return ceil(travel["detour"] * self.metres(a, b) / travel["pace"][mode] - 1e-9) + int(self.places[b]["access"])

    def seated(self, crews: dict[str, list[str]]) -> set[tuple[str, str]]:
        """Who of each whole crew is the second, where that one's minutes are others than the first's."""
        found = set()
        for name, people in crews.items():
            visit = self.visits[name]
            if visit["crew"] == 2 and len(people) == len(set(people)) == 2 and (visit.get("second") or {}).get("minutes"):
                one, two = sorted(people, key=list(self.volunteers).index)
                fit = self.fit_in_order(visit, [one, two]) or not self.fit_in_order(visit, [two, one])
                found.add((name, two if fit else one))
        return found

    def fit_in_order(self, visit: Row, names: list[str]) -> bool:
        """The first of them is what the visit asks for, the second what it asks of the second."""
        people = [self.volunteers[name] for name in names]
        return all(
            set(seat["skills"]) <= set(one["skills"]) and seat["gender"] in {None, one["gender"]}
            for one, seat in zip(people, (visit, visit.get("second") or visit), strict=True)
        )

    def minutes(self, visit: Row, who: str | None) -> int:
        return int(visit["second"]["minutes"] if (visit["id"], who) in self.seconds else visit["minutes"])

    @staticmethod
    def lasts(visit: Row) -> int:
        return max(visit["minutes"], (visit.get("second") or {}).get("minutes", 0))

    def timed(self, stops: list[Row], who: str | None = None) -> list[tuple[str, int, int]]:
        """Each stop as its place, the minute it begins and the minute it ends for who makes it."""
        rows = []
        for stop in stops:
            if "pickup" in stop:
                rows.append((self.canteens[stop["pickup"]]["place"], stop["at"], stop["at"]))
            else:
                visit = self.visits[stop["visit"]]
                rows.append((self.elders[visit["elder"]]["place"], stop["start"], stop["start"] + self.minutes(visit, who)))
        return rows

    def day(self, route: Row) -> int:
        return int(self.volunteers[route["volunteer"]]["windows"][route["window"]][0])

    def travel(self, volunteer: Row, stops: list[Row]) -> int:
        way = [volunteer["place"], *(place for place, _, _ in self.timed(stops)), volunteer["place"]]
        return sum(self.leg(volunteer["mode"], a, b) for a, b in pairwise(way)) if stops else 0

    def route_work(self, volunteer: Row, stops: list[Row]) -> int:
        return self.travel(volunteer, stops) + sum(end - begin for _, begin, end in self.timed(stops, volunteer["id"]))

    def work(self, plan: Row) -> dict[str, dict[int, int]]:
        """The plan's work by volunteer and day, without what was used before."""
        total: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for route in plan["routes"]:
            total[route["volunteer"]][self.day(route)] += self.route_work(self.volunteers[route["volunteer"]], route["stops"])
        return total

    # Rules of one route.

    def broken_on_the_way(self, route: Row) -> set[str]:
        volunteer = self.volunteers[route["volunteer"]]
        day, opens, closes = volunteer["windows"][route["window"]]
        rows, broken = self.timed(route["stops"], route["volunteer"]), set()
        (first, begins, _), (last, _, ends) = rows[0], rows[-1]
        if begins - self.leg(volunteer["mode"], volunteer["place"], first) < opens:
            broken.add("window_volunteer")
        if ends + self.leg(volunteer["mode"], last, volunteer["place"]) > closes:
            broken.add("window_volunteer")
        for (a, _, end), (b, begin, _) in pairwise(rows):
            if begin < end + self.leg(volunteer["mode"], a, b):
                broken.add("travel_time")
        for stop, (_, begin, _) in zip(route["stops"], rows, strict=True):
            pinned = all(visit in self.pins for visit in stop.get("visits", [stop.get("visit")]))
            if self.week.get("from") and (day, begin) < tuple(self.week["from"]) and not pinned:
                broken.add("from")
        return broken

    def broken_aboard(self, route: Row) -> set[str]:
        volunteer, broken = self.volunteers[route["volunteer"]], set()
        aboard: dict[str, int] = {}  # visit -> minute of its pick-up
        ever: set[str] = set()
        for stop in route["stops"]:
            if "pickup" not in stop:
                broken |= self.broken_on_delivery(stop, aboard)
                continue
            if self.odd_pickup(stop) or ever & set(stop["visits"]) or len(set(stop["visits"])) < len(stop["visits"]):
                broken.add("pickup")
            ever |= set(stop["visits"])
            aboard |= dict.fromkeys(stop["visits"], stop["at"])
            if sum(self.visits[visit]["boxes"] for visit in aboard) > volunteer["boxes"]:
                broken.add("boxes")
        if aboard:
            broken.add("pickup")
        if volunteer["trips"] is not None and sum("pickup" in stop for stop in route["stops"]) > volunteer["trips"]:
            broken.add("trips")
        return broken

    def odd_pickup(self, stop: Row) -> bool:
        canteen = self.canteens[stop["pickup"]]
        late = canteen.get("until") is not None and stop["at"] > canteen["until"]
        return late or stop["at"] < canteen["ready"] or any(self.visits[visit]["canteen"] != canteen["id"] for visit in stop["visits"])

    def broken_on_delivery(self, stop: Row, aboard: dict[str, int]) -> set[str]:
        visit = self.visits[stop["visit"]]
        if visit["canteen"] is None:
            return set()
        at, hot = aboard.pop(visit["id"], None), self.canteens[visit["canteen"]]["hot"]
        if at is None:
            return {"pickup"}
        return {"hot"} if hot is not None and stop["start"] + visit["minutes"] - at > hot else set()

    # Rules of one visit and of one person.

    def served(self, plan: Row) -> dict[str, list[Done]]:
        served: dict[str, list[Done]] = defaultdict(list)
        for route in plan["routes"]:
            for stop in route["stops"]:
                if "visit" in stop:
                    served[stop["visit"]].append(Done(route["volunteer"], self.day(route), stop["start"]))
        return dict(served)

    def broken_at_the_door(self, visit: Row, shares: list[Done]) -> set[str]:
        broken = self.broken_by_people(visit, [share.volunteer for share in shares])
        for share in shares:
            if share.day not in visit["days"]:
                broken.add("day")
            if share.start < visit["window"][0] or share.start + self.minutes(visit, share.volunteer) > visit["window"][1]:
                broken.add("window_visit")
        if len(shares) > visit["crew"]:
            broken.add("once")
        together = len({share.volunteer for share in shares}) == visit["crew"] and len({(share.day, share.start) for share in shares}) == 1
        if visit["crew"] == 2 and not (together and len(shares) == 2):
            broken.add("crew")
        return broken

    def broken_between(self, served: dict[str, list[Done]], about: str | None = None) -> set[str]:
        """Rules of two visits, all of them or those that one has part in."""
        broken = set()
        for one, two in (pair for pair in combinations(served, 2) if about in {None, *pair}):
            a, b = self.visits[one], self.visits[two]
            if a["elder"] == b["elder"] and not self.elders[a["elder"]].get("at_once", True):
                for mine, theirs in product(served[one], served[two]):
                    ours = range(mine.start, mine.start + self.minutes(a, mine.volunteer))
                    others = range(theirs.start, theirs.start + self.minutes(b, theirs.volunteer))
                    if mine.day == theirs.day and set(ours) & set(others):
                        broken.add("at_once")
        for each in self.week.get("apart", []):
            one, two = each["visits"]
            if one not in served or two not in served or about not in {None, one, two}:
                continue
            if each.get("people") and {share.volunteer for share in served[one]} & {share.volunteer for share in served[two]}:
                broken.add("apart_people")
            if each.get("gap"):
                starts = {name: min(share.day * 1440 + share.start for share in served[name]) for name in (one, two)}
                first, then = sorted((one, two), key=starts.__getitem__)
                between = starts[then] - starts[first] - self.lasts(self.visits[first])
                least, most = each["gap"]
                if between < least or (most is not None and between > most):
                    broken.add("apart_gap")
        return broken

    def broken_by_people(self, visit: Row, names: list[str]) -> set[str]:
        people, broken = [self.volunteers[name] for name in names], set()
        elder = self.elders[visit["elder"]]
        for person in people:
            if person["id"] in elder["excluded"] or person["id"] in visit.get("excluded", []):
                broken.add("excluded")
            if (
                person["radius"] is not None
                and person["place"] != elder["place"]
                and self.metres(person["place"], elder["place"]) > person["radius"] + 1e-6
            ):
                broken.add("radius")
        first = {"skills": visit["skills"], "gender": visit["gender"]}
        second = visit.get("second") or first
        orders = [[first], [second]] if len(people) == 1 and visit["crew"] == 2 else [[first, second], [second, first]]
        if len(people) > 2 or visit["crew"] == 1:
            orders = [[first] * len(people)]
        skilled = [all(set(seat["skills"]) <= set(one["skills"]) for one, seat in zip(people, order, strict=True)) for order in orders]
        right = [all(seat["gender"] in {None, one["gender"]} for one, seat in zip(people, order, strict=True)) for order in orders]
        if not any(skilled):
            broken.add("skill")
        # Who has the skills must be of the gender: a crew where it is the other one breaks `gender`.
        if not any(gender for gender, able in zip(right, skilled, strict=True) if able or not any(skilled)):
            broken.add("gender")
        return broken

    def broken_ceilings(self, volunteer: Row, work: dict[int, int]) -> set[str]:
        used: dict[int, int] = defaultdict(int)
        for day, minutes in volunteer.get("used", []):
            used[day] += minutes
        broken = {"max_day" for day, minutes in work.items() if minutes and minutes + used[day] > volunteer["max_day"]}
        if sum(work.values()) and sum(work.values()) + sum(used.values()) > volunteer["max_week"]:
            broken.add("max_week")
        return broken

    # Touched volunteers.

    def touched(self, served: dict[str, list[Done]]) -> int:
        if not self.week.get("baseline"):
            return 0
        before, now = self.starts(self.served(self.known(self.week["baseline"]))), self.starts(served)
        return sum(self.moved(before[name], now[name]) for name in self.volunteers)

    def over_touched(self, served: dict[str, list[Done]]) -> bool:
        most = self.week.get("max_touched")
        return most is not None and self.touched(served) > most

    def known(self, baseline: Row) -> Row:
        routes = [route for route in baseline["routes"] if route["volunteer"] in self.volunteers]
        return {"routes": [route | {"stops": [stop for stop in route["stops"] if stop.get("visit") in self.visits]} for route in routes]}

    @staticmethod
    def starts(served: dict[str, list[Done]]) -> dict[str, dict[tuple[str, int], int]]:
        starts: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
        for visit, shares in served.items():
            for share in shares:
                starts[share.volunteer][visit, share.day] = share.start
        return starts

    @staticmethod
    def moved(before: dict[tuple[str, int], int], now: dict[tuple[str, int], int]) -> bool:
        return before.keys() != now.keys() or any(abs(start - now[key]) > 15 for key, start in before.items())

    # Pins.

    def pin_broken(self, pin: Row, served: dict[str, list[Done]], plan: Row, work: dict[str, dict[int, int]]) -> bool:
        shares = served.get(pin["visit"], [])
        if shares:
            # A pin that names nobody still fixes the day and the start.
            there = {share.volunteer for share in shares if share.day == pin["day"] and pin["start"] in {None, share.start}}
            return not set(pin["volunteers"]) <= there or len(there) < len({share.volunteer for share in shares})
        return self.insertable(pin, served, plan, work)

    def insertable(self, pin: Row, served: dict[str, list[Done]], plan: Row, work: dict[str, dict[int, int]]) -> bool:
        visit = self.visits[pin["visit"]]
        seconds, slots = self.seconds, []
        uneven = (visit.get("second") or {}).get("minutes")
        for names in combinations(self.volunteers, 2) if uneven else [tuple(self.volunteers)]:
            self.seconds = seconds | self.seated({visit["id"]: list(names)})
            slots += self.slots_by_start(visit, pin, plan, names).items()
        self.seconds = seconds
        return any(
            set(pin["volunteers"]) <= set(names)
            and not self.broken_by_people(visit, list(names))
            and not self.broken_between(served | {visit["id"]: [Done(name, pin["day"], start) for name in names]}, visit["id"])
            and not any(self.broken_ceilings(self.volunteers[name], self.with_more(work[name], found[name])) for name in names)
            and not self.over_touched(served | {visit["id"]: [Done(name, pin["day"], start) for name in names]})
            for start, found in slots
            for names in combinations(found, visit["crew"])
        )

    def slots_by_start(self, visit: Row, pin: Row, plan: Row, names: tuple[str, ...]) -> dict[int, dict[str, Slot]]:
        """Of each of these people the slot of least work at every start."""
        slots: dict[int, dict[str, Slot]] = defaultdict(dict)
        for name in names:
            volunteer = self.volunteers[name]
            for at, (day, _, _) in enumerate(volunteer["windows"]):
                if day == pin["day"] and day in visit["days"]:
                    for slot in self.slots(volunteer, at, visit, pin, plan):
                        if name not in slots[slot.start] or slot.work < slots[slot.start][name].work:
                            slots[slot.start][name] = slot
        return slots

    @staticmethod
    def with_more(work: dict[int, int], slot: Slot) -> dict[int, int]:
        return {**work, slot.day: work.get(slot.day, 0) + slot.work}

    def slots(self, volunteer: Row, at: int, visit: Row, pin: Row, plan: Row) -> Iterator[Slot]:
        """Every start this window could take the visit at while all its stops keep place, order and minute."""
        key = (volunteer["id"], at)
        stops = next((route["stops"] for route in plan["routes"] if (route["volunteer"], route["window"]) == key), [])
        before = self.route_work(volunteer, stops)
        first, last = visit["window"][0], visit["window"][1] - self.lasts(visit)
        for start in range(first, last + 1) if pin["start"] is None else [pin["start"]]:
            for position in range(len(stops) + 1):
                longer = [*stops[:position], {"visit": visit["id"], "start": start}, *stops[position:]]
                for tried in self.with_pickup(volunteer, longer, position, visit) if visit["canteen"] else [longer]:
                    route = {"volunteer": volunteer["id"], "window": at, "stops": tried}
                    if first <= start <= last and not self.broken_on_the_way(route) | self.broken_aboard(route):
                        yield Slot(volunteer["id"], pin["day"], start, self.route_work(volunteer, tried) - before)

    def with_pickup(self, volunteer: Row, stops: list[Row], position: int, visit: Row) -> Iterator[list[Row]]:
        """The route with the meal joined to a pick-up before it, or with one more pick-up, each as late as what follows allows."""
        canteen = self.canteens[visit["canteen"]]
        for at, stop in enumerate(stops[:position]):
            if stop.get("pickup") == canteen["id"]:
                yield [*stops[:at], stop | {"visits": [*stop["visits"], visit["id"]]}, *stops[at + 1 :]]
        rows = self.timed(stops)
        for at in range(position + 1):
            place, begin, _ = rows[at]
            latest = begin - self.leg(volunteer["mode"], canteen["place"], place)
            latest = latest if canteen.get("until") is None else min(latest, canteen["until"])
            yield [*stops[:at], {"pickup": canteen["id"], "at": latest, "visits": [visit["id"]]}, *stops[at:]]

    # Goals.

    def score(self, plan: Row, served: dict[str, list[Done]], work: dict[str, dict[int, int]]) -> Row:
        known = {tuple(pair) for pair in self.week["history"]} | {
            (elder, name) for elder, row in self.elders.items() for name in row["preferred"]
        }
        pairs = {(self.visits[visit]["elder"], share.volunteer) for visit, shares in served.items() for share in shares}
        travel = sum(self.travel(self.volunteers[route["volunteer"]], route["stops"]) for route in plan["routes"])
        fairness = sum(
            (sum(work[name].values()) + sum(minutes for _, minutes in row.get("used", []))) ** 2 / row["max_week"]
            for name, row in self.volunteers.items()
        )
        parts = {"travel": travel, "new_face": len(pairs - known), "fairness": fairness, "touched": self.touched(served)}
        return {
            "served": len(served),
            "served_weight": sum(self.visits[visit]["weight"] for visit in served),
            "travel": travel,
            "new_faces": parts["new_face"],
            "fairness": fairness,
            "touched": parts["touched"],
            "cost": sum(self.week["weights"][key] * value for key, value in parts.items()),
        }


def by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def judge(week: Row, plan: Row) -> Judgement:
    return Referee(week).judge(plan)
