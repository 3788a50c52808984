"""Every figure of the office's pages and papers, folded from the raw rows by plain loops; nothing of the product is asked.

Written from what the words on the pages mean: voluntary service that counts, a visit once however many went, a door once a visit,
a person helped when something was done for them, hours half up from minutes, a reversal taken off what it takes back.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

Row = dict[str, Any]
Figures = tuple[Any, ...]
ZONE = ZoneInfo("Asia/Shanghai")
TABLES = (
    "service_record", "volunteer", "visit", "round", "offer", "help_request", "elder", "pause", "household", "building", "compound",
    "service_kind", "team", "team_member", "unit", "user", "ledger_account", "ledger_transfer", "manual_entry", "elder_account", "call_back",
    "duty", "assignment", "month_close", "certificate", "objection", "check_week", "finding", "evaluation", "national_report", "training", "award",
)  # fmt: skip
SOURCES = ("visit_id", "round_id", "duty_id", "entry_id")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
TRUSTS = {"code": "到访码", "family": "家属", "desk": "服务台", "call": "电话回访", "auto": "到期自动", "two_persons": "两人核准"}


def tenths(minutes: int) -> float:
    """Return minutes as hours, half up, to one decimal."""
    return float((Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP))


def hundredths(minutes: int) -> float:
    """Return minutes as hours, half up, to two decimals."""
    return float((Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP))


def day_of(value: object) -> date:
    """Return a stored day."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def moment(value: object) -> datetime:
    """Return a stored instant on the office's wall clock."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo("UTC"))).astimezone(ZONE)


def moment_or_day(value: object) -> date:
    """Return the day of a stored day or instant on the office's wall clock."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return day_of(value) if is_day or len(str(value)) == len("2026-11-23") else moment(value).date()


def listed(value: object) -> list[Any]:
    """Return a stored list."""
    return list(json.loads(value)) if isinstance(value, str) else list(value or [])  # type: ignore[call-overload]


@dataclass
class Sum:
    """Who helped, what was done, at how many doors, how many minutes and how many of them were typed in."""

    people: set[int] = field(default_factory=set)
    done: dict[tuple[str, int], int] = field(default_factory=dict)
    minutes: int = 0
    typed: int = 0

    @property
    def figures(self) -> Figures:
        """The figures as a row of the report has them."""
        return len(self.people), len(self.done), sum(self.done.values()), self.minutes, tenths(self.minutes), self.typed


@dataclass(frozen=True)
class Change:
    """A version that came after its month was closed: what stood before it, what stands since, what the account moved by."""

    row: Row
    before: int
    after: int
    credit: int

    @property
    def minutes(self) -> int:
        """What the record moved by."""
        return self.after - self.before


class Raw:
    """The rows of the tables, read once."""

    def __init__(self, connection: Connection) -> None:
        """Read every table that figures are made of."""
        self.rows: dict[str, list[Row]] = {
            name: [dict(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()] for name in TABLES
        }
        self.by: dict[str, dict[int, Row]] = {name: {row["id"]: row for row in rows if "id" in row} for name, rows in self.rows.items()}
        self.offers: dict[str, dict[int, list[Row]]] = {"visit_id": defaultdict(list), "round_id": defaultdict(list)}
        for made in self.rows["offer"]:
            for column, found in self.offers.items():
                if made[column] is not None:
                    found[made[column]].append(made)
        self.homes: dict[int, list[Row]] = defaultdict(list)
        for elder in sorted(self.rows["elder"], key=lambda row: int(row["id"])):
            self.homes[elder["household_id"]].append(elder)
        self.pauses: dict[int, list[tuple[date, date]]] = defaultdict(list)
        for pause in self.rows["pause"]:
            self.pauses[pause["elder_id"]].append((day_of(pause["first_day"]), day_of(pause["last_day"])))
        self.moved: list[Row] = sorted(self.rows["ledger_transfer"], key=lambda row: int(row["seq"]))
        self.transfer = {row["seq"]: row for row in self.moved}
        self.counting = [row for row in self.rows["service_record"] if row["current"] and row["minutes"] > 0]
        self.closes: dict[date, Row] = {day_of(row["month"]): row for row in self.rows["month_close"]}
        self.versions: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in sorted(self.rows["service_record"], key=lambda row: int(row["version"])):
            self.versions[self.same(row)].append(row)
        self.given = [row for row in self._told(None) if row["minutes"] > 0]

    # Versions and closed months

    def same(self, record: Row) -> tuple[Any, ...]:
        """Return what all versions of a record have in common."""
        return (record["volunteer_id"], day_of(record["day"]), *(record[name] for name in SOURCES))

    def before(self, record: Row) -> Row | None:
        """Return the version before one."""
        return next((each for each in self.versions[self.same(record)] if each["version"] == record["version"] - 1), None)

    def is_late(self, record: Row) -> bool:
        """Say whether a version came after its month was closed; months before the first one closed are closed with it."""
        closes = [row["last_record"] for month, row in sorted(self.closes.items()) if day_of(record["day"]) < after(month)]
        return bool(closes) and record["id"] > closes[0]

    def _told(self, end: date | None) -> list[Row]:
        """Return each record in the version its month was closed with, or, before a day, in the newest one a statement told of."""
        found = []
        for versions in self.versions.values():
            told = [row for row in versions if not self.is_late(row) or (end is not None and moment(row["created_at"]).date() < end)]
            found += told[-1:]
        return found

    def lifetime(self, volunteer: int, end: date) -> list[Row]:
        """Return somebody's voluntary records up to a day, as statements before that day have told of them."""
        mine = (row for row in self._told(end) if row["volunteer_id"] == volunteer and row["minutes"] > 0 and not self.paid(row))
        return [row for row in mine if day_of(row["day"]) < end]

    def changes(self, records: Iterable[Row]) -> list[Change]:
        """Return which versions, of some, came after their month was closed, each with what stood before and what the account moved by."""
        late = sorted((row for row in records if self.is_late(row) and not self.paid(row)), key=lambda row: (day_of(row["day"]), row["id"]))
        return [self._change(row) for row in late]

    def _change(self, newer: Row) -> Change:
        """Return a version beside the one before it."""
        older = self.before(newer)
        credit = self._credited(newer) - (self._credited(older) if older else 0)
        return Change(newer, older["minutes"] if older else 0, newer["minutes"], credit)

    def _credited(self, record: Row) -> int:
        """Return what a version was credited with."""
        return int(self.transfer[record["transfer_seq"]]["minutes"]) if record["transfer_seq"] is not None else 0

    def made_in(self, month: date, volunteer: int | None = None) -> list[Change]:
        """Return what was changed in a month of months closed before."""
        rows = (row for row in self.rows["service_record"] if volunteer in {None, row["volunteer_id"]})
        return self.changes(row for row in rows if month <= moment(row["created_at"]).date() < after(month))

    def made_to(self, month: date) -> list[Change]:
        """Return what was changed of a month after it was closed."""
        return self.changes(row for row in self.rows["service_record"] if day_of(row["day"]).replace(day=1) == month)

    # What counts

    def paid(self, record: Row) -> bool:
        """Say whether a record is paid work: as noted on it where that is noted, else as the person stands."""
        return bool(record["paid"] if "paid" in record else self.by["volunteer"][record["volunteer_id"]]["staff"])

    def month(self, month: date, *, paid: bool = False) -> list[Row]:
        """Return the records a month counts, of voluntary service or of paid work: once it is closed, those it was closed with."""
        return [row for row in self.given if day_of(row["day"]).replace(day=1) == month and self.paid(row) is paid]

    def today(self, month: date) -> list[Row]:
        """Return the voluntary records of a month that count today, whatever it was closed with."""
        return [row for row in self.counting if day_of(row["day"]).replace(day=1) == month and not self.paid(row)]

    def source(self, record: Row) -> tuple[str, int]:
        """Return what was done."""
        return next((name, record[f"{name}_id"]) for name in ("round", "visit", "duty", "entry") if record[f"{name}_id"] is not None)

    def typed(self, record: Row) -> bool:
        """Say whether somebody typed a record's minutes in."""
        name, number = self.source(record)
        made = self.offers.get(f"{name}_id", {}).get(number, [])
        theirs = [each for each in made if each["volunteer_id"] == record["volunteer_id"] and each["state"] == "accepted"]
        sheet = name == "duty" and self.by["duty"][number]["entered_by"] is not None
        by_hand = record["entry_id"] is not None or record["trust"] == "two_persons"
        return by_hand or sheet or any(each["entered_by"] is not None for each in theirs)

    def doors(self, record: Row) -> list[int]:
        """Return the buildings of the doors somebody stood at for a record, in the order of the way."""
        name, number = self.source(record)
        if name == "visit":
            return [self._building(self.by["visit"][number])]
        if name in {"entry", "duty"}:
            return []
        made = [each for each in self.offers["round_id"][number] if each["outcome"] in {"done", "unwell", "no_answer"}]
        made.sort(key=lambda each: (each["start"], each["id"]))
        return [self._building(self.by["visit"][each["visit_id"]]) for each in made]

    def _building(self, visit: Row) -> int:
        """Return the building of a visit's door."""
        return int(self.by["household"][visit["household_id"]]["building_id"])

    def sums(self, records: Iterable[Row], keys: Any) -> dict[Any, Sum]:
        """Add records up under the keys of each."""
        found: dict[Any, Sum] = defaultdict(Sum)
        for record in records:
            for key in keys(record):
                self._add(found[key], record, len(self.doors(record)), record["minutes"])
        return found

    def _add(self, one: Sum, record: Row, doors: int, minutes: int) -> None:
        """Add a record, or its part, to a sum."""
        one.people.add(record["volunteer_id"])
        one.done[self.source(record)] = doors
        one.minutes += minutes
        one.typed += minutes if self.typed(record) else 0

    def whole(self, records: Iterable[Row]) -> Figures:
        """Return the figures of all of some records."""
        return self.sums(records, lambda _record: [0]).get(0, Sum()).figures

    # The report

    def kinds(self, month: date) -> dict[str, Figures]:
        """Return the figures by kind of service."""
        found = self.sums(self.month(month), lambda record: [record["kind_id"]])
        return {self.by["service_kind"][key]["name"]: each.figures for key, each in found.items()}

    def weekdays(self, month: date) -> dict[str, Figures]:
        """Return the figures by weekday."""
        found = self.sums(self.month(month), lambda record: [day_of(record["day"]).weekday()])
        return {word: found.get(place, Sum()).figures for place, word in enumerate(WEEKDAYS)}

    def buildings(self, month: date) -> dict[str, Figures]:
        """Return the figures by building: a round's minutes shared by its doors, the odd ones to the first."""
        found: dict[str, Sum] = defaultdict(Sum)
        for record in self.month(month):
            doors = self.doors(record)
            shares: dict[int, list[int]] = {}
            for place, building in enumerate(doors):
                part = record["minutes"] // len(doors) + (1 if place < record["minutes"] % len(doors) else 0)
                one = shares.setdefault(building, [0, 0])
                one[0], one[1] = one[0] + 1, one[1] + part
            for building, (count, minutes) in shares.items():
                row = self.by["building"][building]
                self._add(found[f"{self.by['compound'][row['compound_id']]['name']} {row['name']}"], record, count, minutes)
            if not doors:
                self._add(found["不在楼栋里"], record, 0, record["minutes"])
        return {name: each.figures for name, each in found.items()}

    def members(self, record: Row) -> list[int]:
        """Return the teams somebody was in on the day of a record."""
        day = day_of(record["day"])
        return [
            row["team_id"]
            for row in self.rows["team_member"]
            if row["volunteer_id"] == record["volunteer_id"]
            and day_of(row["joined"]) <= day
            and (row["left"] is None or day < day_of(row["left"]))
        ]

    def teams(self, month: date) -> dict[str, Figures]:
        """Return the figures by team."""
        found = self.sums(self.month(month), lambda record: set(self.members(record)))
        return {self.by["team"][key]["name"]: each.figures for key, each in found.items()}

    def minutes(self, month: date) -> int:
        """Return the minutes of a month's voluntary service."""
        return sum(record["minutes"] for record in self.month(month))

    def helped(self, month: date) -> int:
        """Return for how many persons something was done."""
        found: set[int] = set()
        for record in self.month(month):
            name, number = self.source(record)
            visits = [number] if name == "visit" else []
            if name == "round":
                visits = [each["visit_id"] for each in self.offers["round_id"][number] if each["outcome"] in {"done", "unwell"}]
            for visit in visits:
                found |= self._meant(self.by["visit"][visit], day_of(record["day"]))
        return len(found)

    def _meant(self, visit: Row, day: date) -> set[int]:
        """Return for whom a visit was."""
        need = self.by["help_request"][visit["request_id"]]
        if need["elder_id"] is not None:
            return {need["elder_id"]}
        home, eaters = self.homes[visit["household_id"]], set(listed(need["eaters"]))
        named = [each for each in home if each["id"] in eaters]
        people = named if named and len(named) >= visit["boxes"] else home
        here = [each for each in people if not any(first <= day <= last for first, last in self.pauses[each["id"]])] or people
        living = [each["id"] for each in here if each["state"] == "active"]
        gone = [each["id"] for each in here if each["state"] != "active"]
        return set((living + gone)[: visit["boxes"]]) if visit["boxes"] else set(living or gone)

    def marks(self, month: date) -> dict[tuple[str, str], tuple[int, float, int, int]]:
        """Return by who confirmed and how: minutes, hours, the share of theirs in percent, minutes on one person's word."""
        names: dict[Any, str] = {}
        minutes: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        whose: dict[str, int] = defaultdict(int)
        for record in self.month(month):
            user = self.by["user"].get(record["confirmed_by"])
            name = "没有人" if user is None else "家属" if user["role"] in {"family", "volunteer"} else user["name"] or user["phone"]
            names[record["confirmed_by"]] = name
            one = minutes[name, TRUSTS[record["trust"]]]
            one[0] += record["minutes"]
            one[1] += record["minutes"] if record["word_of"] is not None else 0
            whose[name] += record["minutes"]
        half = Decimal(1)
        return {
            key: (whole, tenths(whole), int((Decimal(100 * whole) / whose[key[0]]).quantize(half, ROUND_HALF_UP)), alone)
            for key, (whole, alone) in minutes.items()
        }

    def calls(self, month: date, *, by_now: bool = False) -> tuple[dict[str, Figures], Figures]:
        """Return the calls about a month's services by kind and by team, and all of them once: when it was closed, or by now."""
        found: dict[str, list[Row]] = defaultdict(list)
        records = self.by["service_record"]
        mine = [call for call in self.rows["call_back"] if day_of(records[call["record_id"]]["day"]).replace(day=1) == month]
        mine = [call for call in mine if by_now or self._drawn_in_time(call, month)]
        for call in mine:
            record = self.by["service_record"][call["record_id"]]
            found[self.by["service_kind"][record["kind_id"]]["name"]].append(call)
            for team in set(self.members(record)):
                found[f"队：{self.by['team'][team]['name']}"].append(call)
        return {name: self._called(calls) for name, calls in found.items()}, self._called(mine)

    def _drawn_in_time(self, call: Row, month: date) -> bool:
        """Say whether a call was drawn before its month was closed, when it was."""
        drawn = moment(self.by["check_week"][call["check_id"]]["checked_at"])
        return month not in self.closes or drawn < moment(self.closes[month]["closed_at"])

    def _called(self, calls: list[Row]) -> Figures:
        """Return how many were to be called, reached, scored, content, the rate of these in percent and the mean score."""
        scores = [call["score"] for call in calls if call["score"] is not None]
        content = sum(1 for score in scores if score >= 4)
        reached = sum(1 for call in calls if call["heard"] in {"as_recorded", "wrong"})
        if not scores:
            return len(calls), reached, 0, 0, "", ""
        rate = (Decimal(100 * content) / len(scores)).quantize(Decimal(1), ROUND_HALF_UP)
        mean = (Decimal(sum(scores)) / len(scores)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return len(calls), reached, len(scores), content, int(rate), float(mean)

    def flows(self, month: date) -> tuple[int, int, int]:
        """Return the minutes earned by service, issued without any, and used, less what was taken back, posted in a month."""
        earned = issued = used = 0
        for row in self.moved:
            if moment(row["at"]).date().replace(day=1) != month:
                continue
            meant, sign = (self.transfer[row["reverses"]], -1) if row["reverses"] is not None else (row, 1)
            payer = self.by["ledger_account"][meant["debit_id"]]["kind"]
            earned += sign * row["minutes"] if meant["kind"] in {"earn", "manual"} else 0
            issued += sign * row["minutes"] if meant["kind"] in {"grant", "write_off"} and payer == "issued" else 0
            used += sign * row["minutes"] if meant["kind"] == "settle" else 0
        return earned, issued, used

    def standing(self, before: date = date(9999, 1, 1)) -> dict[str, int]:
        """Return what stands on each kind of account when a day begins, from the transfers alone."""
        found: dict[str, int] = defaultdict(int)
        for row in (each for each in self.moved if moment(each["at"]).date() < before):
            found[self.by["ledger_account"][row["credit_id"]]["kind"]] += row["minutes"]
            found[self.by["ledger_account"][row["debit_id"]]["kind"]] -= row["minutes"]
        return found

    def items(self, year: int) -> dict[str, int]:
        """Return what was done with the records in a year, by what the yearly summary calls it."""

        def count(table: str, column: str, *having: str) -> list[Row]:
            mine = (row for row in self.rows[table] if row[column] is not None and moment_or_day(row[column]).year == year)
            return [row for row in mine if all(row[name] is not None for name in having)]

        versions, objected = count("service_record", "created_at"), count("objection", "raised_at")
        checked = {row["id"] for row in count("check_week", "week")}
        trained = [row for row in count("training", "day") if row["withdrawn_at"] is None]
        answered = [row for row in objected if row["answered_at"] is not None]
        return {
            "新记录": sum(1 for row in versions if row["version"] == 1),
            "更正": sum(1 for row in versions if row["version"] > 1),
            "其中改为不计": sum(1 for row in versions if row["version"] > 1 and row["minutes"] < 1),
            "提出异议": len(objected),
            "已答复": len(answered),
            "过期才答复": sum(1 for row in answered if moment(row["answered_at"]).date() > day_of(row["due"])),
            "每周核查发现": sum(1 for row in self.rows["finding"] if row["check_id"] in checked),
            "抽查回访": sum(1 for row in self.rows["call_back"] if row["check_id"] in checked),
            "服务质量评价": len(count("evaluation", "at")),
            "出具证明": len(count("certificate", "issued_at")),
            "撤销或替换证明": len(count("certificate", "ended_at")),
            "报送全国系统": len(count("national_report", "reported_at")),
            "培训": len(trained),
            "培训时长": sum(row["minutes"] for row in trained),
            "表彰奖励": sum(1 for row in count("award", "day") if row["withdrawn_at"] is None),
            "登记在册的志愿者": sum(1 for row in self.rows["volunteer"] if row["active"]),
        }

    # The national system

    def reported(self, record: Row) -> list[Row]:
        """Return under which numbers the earlier versions of a record were reported, the last one last."""
        numbers = self.by_record("national_report")
        older = (row for row in self.versions[self.same(record)] if row["version"] < record["version"])
        return [numbers[row["id"]] | {"minutes": row["minutes"], "then": row["id"]} for row in older if row["id"] in numbers]

    def by_record(self, table: str) -> dict[int, Row]:
        """Return the rows of a table by the record each is about."""
        return {row["record_id"]: row for row in self.rows[table]}

    def withdrawn(self, first: date, last: date) -> list[tuple[str, str, float, float]]:
        """Return what is to be withdrawn of some days: number, version, hours then and now.

        It is what was reported and not withdrawn, where the record says something else now, or its newest version has another number,
        and no later version was reported under the very same number.
        """
        numbers, found = self.by_record("national_report"), []
        for versions in self.versions.values():
            newest = versions[-1]
            for row in versions[:-1]:
                told = numbers.get(row["id"])
                if told is None or told["withdrawn_at"] is not None or not first <= day_of(row["day"]) <= last:
                    continue
                later = [
                    numbers[each["id"]]["national_no"] for each in versions if each["version"] > row["version"] and each["id"] in numbers
                ]
                other = newest["id"] in numbers and numbers[newest["id"]]["national_no"] != told["national_no"]
                if told["national_no"] not in later and (newest["minutes"] != row["minutes"] or other):
                    found.append((told["national_no"], f"R{row['id']}", hundredths(row["minutes"]), hundredths(newest["minutes"])))
        return sorted(found)

    # One person

    def records(self, volunteer: int, first: date, last: date) -> list[Row]:
        """Return somebody's voluntary records that count from a day up to, but not with, another."""
        mine = (row for row in self.counting if row["volunteer_id"] == volunteer and not self.paid(row))
        return [row for row in mine if first <= day_of(row["day"]) < last]

    def of_month(self, volunteer: int, month: date) -> list[Row]:
        """Return somebody's voluntary records of a month, as it was closed where it was."""
        return [row for row in self.month(month) if row["volunteer_id"] == volunteer]

    def movements(self, account: int, first: date, last: date) -> list[tuple[Row, int]]:
        """Return the signed movements of an account on some days."""
        return [
            (row, row["minutes"] if row["credit_id"] == account else -row["minutes"])
            for row in self.moved
            if account in {row["debit_id"], row["credit_id"]} and first <= moment(row["at"]).date() < last
        ]

    def balance(self, account: int, before: date) -> int:
        """Return what stood on an account when a day began."""
        return sum(minutes for _row, minutes in self.movements(account, date(1, 1, 1), before))

    def sorts(self, account: int, first: date, last: date) -> dict[str, int]:
        """Return what came in, went out, came back and was corrected on an account."""
        found = {"存入": 0, "转出": 0, "退回": 0, "更正": 0}
        for row, minutes in self.movements(account, first, last):
            again = (
                row["kind"] in {"earn", "manual"} and str(row["source"]).startswith("record:") and not str(row["source"]).endswith(":v1")
            )
            if row["kind"] in {"reversal", "take_back", "advance", "repay"} or again:
                found["更正"] += minutes
            elif row["kind"] == "release":
                found["退回"] += minutes
            elif minutes > 0:
                found["存入"] += minutes
            else:
                found["转出"] -= minutes
        return found


def after(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def before(month: date, count: int) -> Sequence[date]:
    """Return so many months in order that end with this one."""
    found = [month]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]
