"""A day in the middle of a week: what Today, the board and the volunteers' phones show, compared with the fold at one minute.

Folded from what the words mean: a door is on a round when it was agreed to, or asked for while nothing was fetched yet, delivered when
it was handed over; a box is fetched, waits for whoever agreed, or is nobody's; a visit needs somebody while fewer go than are needed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.browser import Browser
from tests.figures import reading
from tests.figures.differences import Compared
from tests.figures.fold import Raw, Row, day_of, listed, moment

LIVE = {"sent", "accepted"}
BEFORE_DOOR = {"open", "offered", "accepted"}
LATE, NO_SHOW, JUST = 5, 15, timedelta(minutes=10)
WEEK_OF_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass
class Moment:
    """The raw rows as they stand at one minute of a day."""

    raw: Raw
    now: datetime

    def __post_init__(self) -> None:
        """Put the offers of each visit, and of today, together."""
        self.today = self.now.date()
        self.minute = self.now.hour * 60 + self.now.minute
        self.by_visit = self.raw.offers["visit_id"]
        self.live = [made for made in self.raw.rows["offer"] if made["state"] in LIVE and day_of(made["day"]) == self.today]
        self.visits = [each for each in self.raw.rows["visit"] if each["state"] != "cancelled"]
        self.planned: dict[int, list[Row]] = defaultdict(list)
        for each in self.raw.rows["assignment"]:
            self.planned[each["visit_id"]].append(each)

    def visit(self, made: Row) -> Row:
        """Return the visit an offer is about."""
        return self.raw.by["visit"][made["visit_id"]]

    def first(self, made: Row) -> int:
        """Return the minute an offer takes somebody from."""
        return int(self.raw.by["round"][made["round_id"]]["pickup"]) if made["round_id"] is not None else int(made["start"])

    def rounds(self) -> dict[int, list[Row]]:
        """Return the doors of each of today's rounds in the order of the way."""
        found: dict[int, list[Row]] = defaultdict(list)
        for made in sorted(self.live, key=lambda made: (made["start"], made["id"])):
            trip = self.raw.by["round"].get(made["round_id"] or 0)
            if trip is not None and (trip["picked_up_at"] is None or made["state"] == "accepted"):
                found[made["round_id"]].append(made)
        return found

    def boxes(self, offers: list[Row]) -> int:
        """Return how many boxes some doors take."""
        return sum(self.visit(made)["boxes"] for made in offers)

    def kitchen(self) -> tuple[int, int, int, int]:
        """Return the boxes that are wanted today, fetched, waiting for whoever agreed, nobody's."""
        fetched = waiting = nobody = 0
        for meal in (each for each in self.visits if each["canteen_id"] is not None):
            day = day_of(meal["day"]) if meal["day"] is not None else day_of(listed(meal["days"])[0])
            if day != self.today:
                continue
            going = [made for made in self.by_visit[meal["id"]] if made["state"] == "accepted"]
            if any(self.raw.by["round"][made["round_id"]]["picked_up_at"] is not None for made in going):
                fetched += meal["boxes"]
            elif going:
                waiting += meal["boxes"]
            elif meal["state"] in BEFORE_DOOR:
                nobody += meal["boxes"]
        return fetched + waiting + nobody, fetched, waiting, nobody

    def timed(self) -> dict[int, list[Row]]:
        """Return the offers of each visit of today that is no meal."""
        found: dict[int, list[Row]] = defaultdict(list)
        for made in self.live:
            if made["round_id"] is None:
                found[made["visit_id"]].append(made)
        return found

    def open_lines(self) -> dict[str, dict[str, set[int]]]:
        """Return what of today nobody does ("nobody"), is asked for, is late or was just settled: visits by what they belong together with."""
        found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for visit in self.visits:
            if visit["state"] not in BEFORE_DOOR:
                continue
            said = self._says(visit)
            if said is not None:
                state, key = said
                found[state][key].add(visit["id"])
        return found

    def _says(self, visit: Row) -> tuple[str, str] | None:
        """Return how a visit of today waits and which trip it belongs to; None where somebody goes as agreed or it is of another day."""
        offers = self.by_visit[visit["id"]]
        live = [made for made in offers if made["state"] in LIVE]
        going = [made for made in live if made["state"] == "accepted"]
        days = listed(visit["days"])
        if len(going) >= visit["crew"]:
            return self._late(going)
        waiting = [made for made in live if made["state"] == "sent" and self._could_come(made)]
        before = [made for made in offers if day_of(made["day"]) >= self.today and day_of(made["day"]).isoformat() in days]
        about = max(live or before, key=lambda made: int(made["id"]), default=None)
        mine = next(iter(self.planned[visit["id"]]), None)
        day = day_of(about["day"]) if about else day_of(mine["day"]) if mine else day_of(max(days))
        if day != self.today:
            return None
        key = f"trip {about['round_id']}" if about and about["round_id"] else f"visit {visit['id']}"
        if not about and mine and mine["pickup"] is not None:
            key = f"planned {mine['volunteer_id']} {mine['pickup']}"
        return "asked" if len(going) + len(waiting) >= visit["crew"] else "nobody", key

    def _could_come(self, made: Row) -> bool:
        """Say whether whoever was asked could still come in time, or was asked at once."""
        return (day_of(made["day"]), self.first(made)) > (self.today, self.minute) or made["asked_by"] is not None

    def _late(self, going: list[Row]) -> tuple[str, str] | None:
        """Return that somebody has just said yes to the office, or should have begun and has not."""
        last = max(going, key=lambda made: moment(made["answered_at"]))
        if day_of(last["day"]) != self.today:
            return None
        key = f"trip {last['round_id']}" if last["round_id"] else f"visit {last['visit_id']}"
        if last["asked_by"] is not None and self.now - moment(last["answered_at"]) <= JUST:
            return "settled", key
        allowed = LATE if last["round_id"] is not None else NO_SHOW
        trip = self.raw.by["round"].get(last["round_id"] or 0)
        begun = any(made["started_at"] is not None for made in going) or (trip is not None and trip["picked_up_at"] is not None)
        over = self.now - moment_at(self.now, self.first(last)) > timedelta(minutes=allowed)
        return ("late", key) if over and not begun else None


def moment_at(now: datetime, minute: int) -> datetime:
    """Return a minute of the day of an instant."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=minute)


def _shown(row: str) -> tuple[str, str, str]:
    """Return what the row of a round says: its carrier, the doors that have their meal, and what is to be fetched."""
    who, done, after = (
        reading.bare(cell)
        for pattern in (r'<th scope="row">(.*?)</th>', r'data-label="进度">(.*?)</td>', r'data-label="下一户">(.*?)</td>')
        for cell in re.findall(pattern, row, flags=re.DOTALL)
    )
    return who.removesuffix(" 专职"), done, after if " 取 " in after else ""


@dataclass
class DayLook:
    """Somebody of the office and some volunteers who look at one minute of a day."""

    office: Browser
    signed_in: Callable[[int], Browser]
    found: Compared

    def everything(self, at: Moment, name: str) -> None:
        """Compare Today, the board and every phone."""
        self.today(at, name)
        self.board(at, name)
        for person in at.raw.rows["volunteer"]:
            if person["user_id"] is not None and person["active"] and any(made["volunteer_id"] == person["id"] for made in at.live):
                self.phone(at, name, person)

    def _says(self, where: str, page: str, words: str) -> None:
        """Hold a page to some words."""
        self.found.same(f"{where} {words}", words in page, True)

    def _same(self, where: str, page: str, pattern: str, folded: object) -> None:
        """Compare the figures of the first words of a pattern; a page that does not say them shows none."""
        shown = re.search(pattern, page)
        self.found.same(where, tuple(map(int, shown.groups())) if shown else None, folded)

    def today(self, at: Moment, name: str) -> None:
        """Compare Today."""
        whole = self.office.get("/today").text
        page, rounds = reading.bare(whole), at.rounds()
        doors = [made for each in rounds.values() for made in each]
        delivered = sum(1 for made in doors if made["outcome"] == "done")
        self._same(f"{name} rounds", page, r"送餐 (\d+) 轮", (len(rounds),) if rounds else None)
        self._same(f"{name} doors", page, r"(\d+) / (\d+) 户已送到", (delivered, len(doors)) if rounds else None)
        self._rows(at, name, whole, rounds)
        wanted, fetched, waiting, nobody = at.kitchen()
        if wanted:
            self._same(f"{name} kitchen", page, r"今天要 (\d+) 份 已取走 (\d+) 份 等志愿者来取 (\d+) 份", (wanted, fetched, waiting))
            self._same(f"{name} kitchen nobody", page, r"还没有人来取 (\d+) 份", (nobody,) if nobody else None)
        lines = at.open_lines()
        for state, word in (("nobody", "没人"), ("asked", "已问"), ("late", "晚了")):
            count = len(lines[state])
            self._same(f"{name} {state}", page.partition("要有人去")[2], rf"{word} (\d+)", (count,) if count else None)
        count = len(lines["nobody"])
        self._same(f"{name} title", whole, r"<title>\((\d+)\)", (count,) if count else None)
        meals = sum(1 for key in lines["nobody"].values() for number in key if at.raw.by["visit"][number]["canteen_id"] is not None)
        self._same(f"{name} doors of nobody", page, r"(\d+) 户还没有人送", (meals,) if meals and rounds else None)
        timed = at.timed()
        states = {number: at.raw.by["visit"][number]["state"] for number in timed}
        done = sum(1 for state in states.values() if state in {"done", "confirmed"})
        self._same(f"{name} visits", page, r"上门 (\d+) 次 (\d+) 次做完了", (len(timed), done) if timed else None)
        coming = [number for number in timed if states[number] in {"offered", "accepted", "open"} and not self._is_late(at, number, timed)]
        self._same(f"{name} visits to come", page, r"还没到时间的 (\d+) 次", (len(coming),) if coming else None)
        waits = len([each for each in at.visits if each["state"] == "done" and each["canteen_id"] is None])
        over = [trip for trip, each in self._all_rounds(at).items() if self._is_over(at, trip, each)]
        turns = sum(1 for each in at.raw.rows["duty"] if each["state"] == "done")
        unconfirmed = waits + len(over) + turns
        self._same(f"{name} to confirm", page, r"(\d+) 次服务等确认", (unconfirmed,) if unconfirmed else None)

    def _all_rounds(self, at: Moment) -> dict[int, list[Row]]:
        """Return the agreed doors of every round that is not confirmed."""
        found: dict[int, list[Row]] = defaultdict(list)
        for made in at.raw.rows["offer"]:
            if made["round_id"] is not None and made["state"] == "accepted":
                found[made["round_id"]].append(made)
        return found

    def _is_over(self, at: Moment, trip: int, doors: list[Row]) -> bool:
        """Say whether a round waits for its confirmation."""
        row = at.raw.by["round"][trip]
        return row["picked_up_at"] is not None and row["confirmed_at"] is None and all(made["outcome"] for made in doors)

    def _is_late(self, at: Moment, number: int, timed: Mapping[int, list[Row]]) -> bool:
        """Say whether an agreed visit should have begun."""
        first = min(timed[number], key=lambda made: (made["start"], made["id"]))
        return at.raw.by["visit"][number]["state"] == "accepted" and at.minute - int(first["start"]) > LATE

    def _rows(self, at: Moment, name: str, whole: str, rounds: Mapping[int, list[Row]]) -> None:
        """Compare the row of each round: its carrier, how many doors have their meal, and what is to be fetched."""
        shown = sorted(map(_shown, (row for row in re.findall(r"<tr.*?</tr>", whole, flags=re.DOTALL) if 'data-label="进度"' in row)))
        folded = []
        for trip, doors in rounds.items():
            row = at.raw.by["round"][trip]
            who = at.raw.by["volunteer"][row["volunteer_id"]]["name"]
            handed = sum(1 for made in doors if made["outcome"] == "done")
            fetch = f"{row['pickup'] // 60:02d}:{row['pickup'] % 60:02d} 取 {at.boxes(doors)} 份" if row["picked_up_at"] is None else ""
            folded.append((who, f"{handed}/{len(doors)}", fetch))
        self.found.same(f"{name} rows", shown, sorted(folded))

    # The board

    def board(self, at: Moment, name: str) -> None:
        """Compare the head of the week, its days, and how many people stand on today's board by what they do."""
        monday = at.today - timedelta(days=at.today.weekday())
        year, week, _day = monday.isocalendar()
        page = reading.bare(self.office.get(f"/plan?week={year}-W{week:02d}&day={at.today.isoformat()}").text)
        mine = [each for each in at.visits if day_of(each["week"]) == monday]
        served = {each["id"] for each in mine if self._is_served(at, each)}
        self._same(f"{name} week", page, r"本周 (\d+) 件需求 已安排 (\d+)", (len(mine), len(served)))
        left = len(mine) - len(served)
        self._same(f"{name} week left", page, r"未能安排 (\d+)", (left,) if left else None)
        for place, word in enumerate(WEEK_OF_DAYS):
            day = monday + timedelta(days=place)
            done = {each["visit_id"] for each in at.raw.rows["assignment"] if each["visit_id"] in served and day_of(each["day"]) == day}
            missing = [each for each in mine if each["id"] not in served and day_of(listed(each["days"])[0]) == day]
            whole = len(done) + len(missing)
            self._same(f"{name} {word}", page, rf"{word} {day.day} (?:今天 |[^\d/]*?)(\d+)/(\d+)", (len(done), whole) if whole else None)
        lines = [each for each in at.raw.rows["assignment"] if day_of(each["day"]) == at.today and self._is_there(at, each)]
        kinds: dict[str, set[int]] = defaultdict(set)
        for each in lines:
            for word, has in (("有安排", True), ("送餐", each["pickup"] is not None), ("上门", each["pickup"] is None)):
                if has:
                    kinds[word].add(each["volunteer_id"])
        for word, people in kinds.items():
            self._same(f"{name} board {word}", page, rf"{word} (\d+) ", (len(people),))

    def _is_there(self, at: Moment, each: Row) -> bool:
        """Say whether a line of the plan is about a visit that is not called off."""
        return bool(at.raw.by["visit"][each["visit_id"]]["state"] != "cancelled")

    def _is_served(self, at: Moment, visit: Row) -> bool:
        """Say whether a visit was done, is agreed, has begun, or stands in the plan with its whole crew."""
        offers = [made for made in at.by_visit[visit["id"]] if made["state"] == "accepted"]
        begun = visit["state"] not in BEFORE_DOOR or any(
            (day_of(made["day"]), min(at.first(made), int(made["start"]))) <= (at.today, at.minute) for made in offers
        )
        if visit["state"] == "accepted" or (offers and begun):
            return True
        if visit["state"] not in BEFORE_DOOR:
            return False
        ends = max((day_of(day), visit["window_to"] - visit["minutes"]) for day in listed(visit["days"]))
        crew = [each for each in at.planned[visit["id"]] if self._stands(at, each)]
        return ends >= (at.today, at.minute) and len(crew) == visit["crew"]

    def _stands(self, at: Moment, each: Row) -> bool:
        """Say whether a line of the plan can still happen: its minute is to come, and who it names was not lost since."""
        first = each["pickup"] if each["pickup"] is not None else each["start"]
        if (day_of(each["day"]), first) <= (at.today, at.minute):
            return False
        mine = [made for made in at.by_visit[each["visit_id"]] if made["volunteer_id"] == each["volunteer_id"]]
        last = max(mine, key=lambda made: int(made["id"]), default=None)
        lost = last is not None and last["state"] not in LIVE and last["over_at"] is not None
        return not (lost and last is not None and moment(last["over_at"]) >= moment(each["made_at"]))

    # The phones

    def phone(self, at: Moment, name: str, person: Mapping[str, Any]) -> None:
        """Compare a volunteer's day on the phone: the trip in front, the visits, and what waits for an answer."""
        page = reading.bare(re.sub(r"<template.*?</template>", " ", self.signed_in(person["user_id"]).get("/phone").text, flags=re.DOTALL))
        where = f"{name} phone {person['number']}"
        mine = [made for made in at.live if made["volunteer_id"] == person["id"] and made["state"] == "accepted"]
        trips = [(trip, [each for each in doors if each in mine]) for trip, doors in at.rounds().items()]
        left = sorted(
            (at.raw.by["round"][trip]["pickup"], trip, doors) for trip, doors in trips if any(each["outcome"] is None for each in doors)
        )
        if left:
            _pickup, trip, doors = left[0]
            done = sum(1 for each in doors if each["outcome"] is not None)
            if at.raw.by["round"][trip]["picked_up_at"] is None:
                homes = len({at.visit(each)["household_id"] for each in doors})
                self._same(f"{where} to fetch", page, r"先在食堂取餐 .*?户 (\d+) .*?合计 (\d+) 份", (homes, at.boxes(doors)))
            else:
                self._same(f"{where} next door", page, r"第 (\d+) 户，共 (\d+) 户", (done + 1, len(doors)))
        waiting = [
            made
            for made in at.raw.rows["offer"]
            if made["volunteer_id"] == person["id"]
            and made["state"] == "sent"
            and (day_of(made["day"]), int(at.visit(made)["window_to"])) >= (at.today, at.minute)
        ]
        rows = len({("trip", made["round_id"]) if made["round_id"] else ("offer", made["id"]) for made in waiting})
        self._same(f"{where} to answer", page, r"有 (\d+) 项邀约等你回复。", (rows,) if rows else None)
        for made in mine:
            visit = at.visit(made)
            if made["round_id"] is None and made["outcome"] is None:
                at_time = f"{made['start'] // 60:02d}:{made['start'] % 60:02d}"
                kind = at.raw.by["service_kind"][visit["kind_id"]]["name"]
                self.found.same(
                    f"{where} {at_time}", bool(re.search(rf"{at_time} {re.escape(kind)}.*? · {visit['minutes']} 分钟", page)), True
                )
