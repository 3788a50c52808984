"""Every page, paper and workbook with figures compared with the fold: what differs is told, and how much was compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.browser import Browser
from tests.figures import reading
from tests.figures.fold import Change, Raw, after, before, day_of, hundredths, moment, tenths
from timebank import clock

FROM_EVER = date(1, 1, 1)


@dataclass
class Compared:
    """What was compared and what differed."""

    figures: int = 0
    different: list[str] = field(default_factory=list)

    def same(self, where: str, shown: object, folded: object) -> None:
        """Compare what is shown with what was folded."""
        self.figures += len(folded) if isinstance(folded, Sequence | Mapping) and not isinstance(folded, str) else 1
        if shown != folded:
            self.different.append(f"{where}: shown {shown!r}, folded {folded!r}")


@dataclass
class Look:
    """One reader of the office's pages who compares what they show with the raw rows."""

    browser: Browser
    raw: Raw
    folder: Path
    found: Compared = field(default_factory=Compared)
    certified: list[tuple[int, Mapping[str, Any], date, date]] = field(default_factory=list)

    def page(self, path: str) -> str:
        """Return a page."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return str(answer.text)

    def data(self, path: str) -> bytes:
        """Return a file."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return bytes(answer.data)

    # The report

    def report(self, month: date) -> None:
        """Compare a month's report on its page, in its workbook and on its paper."""
        raw, name = self.raw, f"{month:%Y-%m}"
        whole = raw.whole(raw.month(month))
        tables = {
            "各项服务": (raw.kinds(month), whole),
            "各楼栋": (raw.buildings(month), whole),
            "各服务队": (raw.teams(month), None),
            "星期几": (raw.weekdays(month), whole),
            "近 12 个月": (self._months(month), None),
            "谁确认的、凭什么": (raw.marks(month), None),
            "每月存入和用掉": ({f"{each:%Y-%m}": raw.flows(each) for each in before(month, 12)}, None),
        }
        page, book = self.page(f"/report?month={name}"), reading.sheets(self.data(f"/report/{name}.xlsx"))
        paper = reading.squeezed(reading.printed(self.data(f"/report/{name}.pdf"), self.folder))
        shown = reading.tables(page)
        if raw.calls(month)[0]:
            tables["回访满意度"] = raw.calls(month)
        if raw.calls(month) != (by_now := raw.calls(month, by_now=True)):
            tables["回访满意度，算上月结以后打的"] = by_now
        if made := raw.made_in(month):
            tables["本月更正的以前月份"] = (_by_month(made), None)
        for title, (folded, total) in tables.items():
            self._table(f"{name} {title} page", shown.get(title, []), folded, total)
            self._table(f"{name} {title} workbook", _texts(book[title]), folded, total)
            for key, figures in folded.items():
                self.found.same(f"{name} {title} paper {key}", _row(key, figures) in paper, True)
        head = {"服务时间": tenths(whole[3]), "服务了": raw.helped(month), "上门": whole[2], "出力的": whole[0]}
        sheet = {str(row[0]): row[1] for row in book["总数"]}
        for label, value in head.items():
            self.found.same(f"{name} {label} workbook", sheet.get(label), value)
            self.found.same(f"{name} {label} page", f"{label} {value} " in reading.bare(page), True)
            self.found.same(f"{name} {label} paper", f"{value}" in paper, True)
        paid = raw.whole(raw.month(month, paid=True))
        if paid[1]:
            said = f"专职人员另做了 {paid[1]} 次、{paid[3]} 分钟（{tenths(paid[3])} 小时）"
            self.found.same(f"{name} staff page", said in reading.bare(page), True)
            self.found.same(f"{name} staff paper", reading.squeezed(said) in paper, True)
        self._health(month, book, page)
        self._since(f"{name} report", raw.made_to(month), shown, book, paper)

    def _since(self, where: str, made: list[Change], shown: Mapping[str, reading.Rows], book: Mapping[str, Any], paper: str) -> None:
        """Compare what has changed of a month since it was closed: nothing stands there where nothing has."""
        title = "月结以后更正的"
        rows = sorted([*map(str, (each.row["day"], each.before, each.after, each.minutes))] for each in made)
        total = [*map(str, (sum(each.before for each in made), sum(each.after for each in made), sum(each.minutes for each in made)))]
        for sort, listed in (("page", shown.get(title, [])), ("workbook", _texts(book.get(title, [])))):
            found = [row for row in listed[1:] if len(row) > 5 and row[1]]
            self.found.same(f"{where} since {sort}", sorted([_day(row[1]), *map(_whole, row[3:6])] for row in found), rows)
            if made:
                last = next((row for row in listed if row and row[0] == "合计"), [])
                self.found.same(f"{where} since total {sort}", [*map(_whole, last[3:6])], total)
        minutes, credit = sum(each.minutes for each in made), sum(each.credit for each in made)
        said = f"更正记在做更正的那个月：服务记录{_signed(minutes)}小时，时间账户{_signed(credit)}小时。"
        self.found.same(f"{where} since note on paper", said in paper, bool(made))

    def _months(self, month: date) -> dict[str, tuple[Any, ...]]:
        """Return the figures of the twelve months up to one."""
        found = {}
        for each in before(month, 12):
            records = self.raw.month(each)
            minutes = sum(row["minutes"] for row in records)
            found[f"{each:%Y-%m}"] = (minutes, tenths(minutes), sum(row["minutes"] for row in records if self.raw.typed(row)))
        return found

    def _health(self, month: date, book: Mapping[str, Sequence[Sequence[object]]], page: str) -> None:
        """Compare what stood on the accounts when the month was over."""
        standing, name = self.raw.standing(after(month)), f"{month:%Y-%m}"
        wanted = {
            "账户里存着": "member",
            "已约好、冻结着": "held",
            "已经用掉": "redeemed",
            "公共时间池": "pool",
            "更正后欠回、还没还的": "owed",
        }
        rows = {str(row[0]): row[1] for row in book["时间账户好不好用"]}
        for label, kind in wanted.items():
            hours = tenths(abs(standing[kind]))
            self.found.same(f"{name} {label} workbook", rows.get(label), f"{hours}")
            self.found.same(f"{name} {label} page", f"{label} {hours} 小时" in reading.bare(page), True)

    def _table(self, where: str, shown: Sequence[Sequence[str]], folded: Mapping[Any, Sequence[Any]], total: Sequence[Any] | None) -> None:
        """Compare the rows of one table and its row of totals."""
        key_width = 2 if folded and isinstance(next(iter(folded)), tuple) else 1
        listed = [row for row in shown[1:] if row and row[0] != "合计" and row[key_width] != ""]
        rows = {tuple(row[:key_width]): tuple(map(_figure, row[key_width:])) for row in listed}
        wanted = {(key if isinstance(key, tuple) else (key,)): tuple(map(_figure, figures)) for key, figures in folded.items()}
        self.found.same(where, rows, wanted)
        if total is not None and folded:
            last = next((tuple(map(_figure, row[1:])) for row in shown if row and row[0] == "合计"), ())
            self.found.same(f"{where} total", last, tuple(map(_figure, total)))

    def year(self, year: int) -> None:
        """Compare a year's summary on its page, in its workbook and on its paper."""
        raw, records = self.raw, [row for month in before(date(year, 12, 1), 12) for row in self.raw.today(month)]
        whole = raw.whole(records)
        since = sum(each.minutes for month in before(date(year, 12, 1), 12) for each in raw.made_to(month))
        lived = clock.today().month if year == clock.today().year else 12
        months = {f"{month:%Y-%m}": raw.whole(raw.today(month)) for month in before(date(year, lived, 1), lived)}
        sums = raw.sums(records, lambda record: [record["kind_id"]])
        kinds = {raw.by["service_kind"][key]["name"]: each.figures for key, each in sums.items()}
        shown, book = reading.tables(self.page(f"/report/year?year={year}")), reading.sheets(self.data(f"/report/year/{year}.xlsx"))
        paper = reading.squeezed(reading.printed(self.data(f"/report/year/{year}.pdf"), self.folder))
        for title, folded in {"各月": months, "各项服务": kinds}.items():
            self._table(f"{year} {title} page", shown.get(title, []), folded, whole)
            self._table(f"{year} {title} workbook", _texts(book[title]), folded, whole)
            for key, figures in folded.items():
                self.found.same(f"{year} {title} paper {key}", _row(key, figures) in paper, True)
        if since:
            self.found.same(f"{year} since", f"月结以后更正的合计{_signed(since)}小时" in paper, True)
        items = {str(row[0]): row[1] for row in book["记录和证明"][1:]}
        self.found.same(f"{year} items", items, raw.items(year))
        page = {row[0]: _figure(row[1]) for row in shown["记录和证明"][1:]}
        self.found.same(f"{year} items page", page, {name: float(count) for name, count in raw.items(year).items()})

    def taken_along(self, first: date, last: date) -> None:
        """Compare what an inspector takes along of a period."""
        answer = self.browser.send("/inspection", start=first.isoformat(), end=last.isoformat())
        assert answer.status_code == 200, answer.status_code
        book = reading.sheets(answer.data)
        mine = [row for row in self.raw.rows["service_record"] if row["current"] and first <= day_of(row["day"]) <= last]
        rows = {str(row[0]): (row[8], row[9]) for row in book["服务记录"][1:] if str(row[0]).startswith("R")}
        self.found.same("taken along records", rows, {f"R{row['id']}": (row["minutes"], tenths(row["minutes"])) for row in mine})
        newer = [row for row in self.raw.rows["service_record"] if row["version"] > 1 and first <= moment(row["created_at"]).date() <= last]
        changed = {str(row[0]): (row[5], row[6], row[7]) for row in book["更正"][1:] if str(row[0]).startswith("R")}
        folded = {f"R{row['id']}": self._beside(row) for row in newer}
        self.found.same("taken along corrections", changed, folded)
        register = {str(row[0]): (row[6], row[7], row[8]) for row in book["证明登记簿"][1:] if row[0]}
        issued = [row for row in self.raw.rows["certificate"] if first <= moment(row["issued_at"]).date() <= last]
        sealed = {row["number"]: self._sealed(row) for row in issued}
        self.found.same("taken along register", register, sealed)
        objected = [row for row in self.raw.rows["objection"] if first <= moment(row["raised_at"]).date() <= last]
        answered = sorted((str(row[0]), row[9] if row[9] != "" else None) for row in book["异议"][1:] if row[0])
        newer = {row["id"]: row["minutes"] for row in self.raw.rows["service_record"]}
        self.found.same(
            "taken along objections", answered, sorted((f"R{row['record_id']}", newer.get(row["newer_id"])) for row in objected)
        )

    def _sealed(self, certificate: Mapping[str, Any]) -> tuple[int, int, float]:
        """Return the count, the minutes and the hours of what was on record of a certificate's days when it was issued."""
        first, last = day_of(certificate["period_from"]), day_of(certificate["period_to"])
        made, person = moment(certificate["issued_at"]), certificate["volunteer_id"]
        rows = [row for row in self.raw.rows["service_record"] if row["volunteer_id"] == person and moment(row["created_at"]) <= made]
        rows = [row for row in rows if first <= day_of(row["day"]) <= last and not self.raw.paid(row)]
        newest = {self.raw.same(row): row for row in sorted(rows, key=lambda row: int(row["version"]))}
        counted = [row["minutes"] for row in newest.values() if row["minutes"] > 0]
        return len(counted), sum(counted), tenths(sum(counted))

    def _beside(self, newer: dict[str, Any]) -> tuple[int, int, int]:
        """Return what a corrected record counted for before, what it counts for, and the difference."""
        old = self.raw.before(newer)
        assert old is not None
        return old["minutes"], newer["minutes"], newer["minutes"] - old["minutes"]

    # The books

    def books(self, month: date) -> None:
        """Compare the list of the volunteers, and each one's month on the page, in the workbook and on paper."""
        raw, name = self.raw, f"{month:%Y-%m}"
        listed = reading.by_head(reading.first_table(self.page(f"/books?month={name}")))
        rows = {row["编号"]: [row[head] for head in ("本月 次", "本月 小时", "累计 小时", "时间账户 小时")] for row in listed}
        for person in raw.rows["volunteer"]:
            mine = raw.of_month(person["id"], month)
            ever = raw.records(person["id"], FROM_EVER, date(9999, 1, 1))
            balance = raw.balance(person["account_id"], date(9999, 1, 1))
            wanted = [str(len(mine)), *(str(tenths(each)) for each in (_minutes(mine), _minutes(ever), balance))]
            self.found.same(f"{name} books {person['number']}", rows.get(person["number"]), wanted)
            if mine or raw.movements(person["account_id"], month, after(month)) or raw.made_in(month, person["id"]):
                self._statement(person, month)

    def _statement(self, person: Mapping[str, Any], month: date) -> None:
        """Compare one volunteer's month."""
        raw, name, account = self.raw, f"{month:%Y-%m}", person["account_id"]
        where = f"{name} statement {person['number']}"
        mine = raw.of_month(person["id"], month)
        minutes, lifetime = _minutes(mine), _minutes(raw.lifetime(person["id"], after(month)))
        opening, closing = raw.balance(account, month), raw.balance(account, after(month))
        sorts = raw.sorts(account, month, after(month))
        page = reading.bare(self.page(f"/books/{person['id']}?month={name}"))
        said = [
            f"{tenths(minutes)} 小时",
            f"本月 {len(mine)} 次 · 加入以来累计 {tenths(lifetime)} 小时",
            f"月初 {tenths(opening)} 存入 + {tenths(sorts['存入'])} 转出 − {tenths(sorts['转出'])}",
            f"月末 {tenths(closing)} {closing} 分钟",
            *([f"合计 {len(mine)} 次 = {tenths(minutes)} 小时"] if mine else []),
            *([f"退回 + {tenths(sorts['退回'])}"] if sorts["退回"] else []),
            *([f"更正 {'−' if sorts['更正'] < 0 else '+'} {tenths(abs(sorts['更正']))}"] if sorts["更正"] else []),
        ]
        for each in said:
            self.found.same(f"{where} page {each}", each in page, True)
        book = reading.sheets(self.data(f"/books/{person['id']}/{name}.xlsx"))
        self.found.same(f"{where} workbook record", next(row[-1] for row in book["服务记录"] if row[0] == "合计"), minutes)
        account_rows = {str(row[1]): row[2] for row in book["时间账户"]}
        self.found.same(f"{where} workbook account", (account_rows["月初结余"], account_rows["月末结余"]), (opening, closing))
        moved = sum(
            int(str(row[2]).split(".")[0]) for row in book["时间账户"][2:] if row[1] not in {"月初结余", "月末结余"} and row[2] != ""
        )
        self.found.same(f"{where} workbook movements", moved, closing - opening)
        made = raw.made_in(month, person["id"])
        listed = [row for row in book.get("更正以前的月份", [])[1:] if len(row) > 6 and row[1] != ""]
        told = sorted([str(row[0]), _day(row[1]), *map(_whole, row[3:7])] for row in listed)
        folded = [
            [f"{day_of(each.row['day']):%Y-%m}", str(each.row["day"]), *map(str, (each.before, each.after, each.minutes, each.credit))]
            for each in made
        ]
        self.found.same(f"{where} workbook corrections", told, sorted(folded))

    def statement_papers(self, month: date, people: Iterable[Mapping[str, Any]]) -> None:
        """Compare the printed months of some volunteers."""
        for person in people:
            mine = self.raw.of_month(person["id"], month)
            account = person["account_id"]
            sorts = self.raw.sorts(account, month, after(month))
            paper = reading.squeezed(reading.printed(self.data(f"/books/{person['id']}/{month:%Y-%m}.pdf"), self.folder))
            said = [
                f"本月{len(mine)}次、{_minutes(mine)}分钟",
                f"+{tenths(sorts['存入'])}−{tenths(sorts['转出'])}",
                f"月末结余{tenths(self.raw.balance(account, after(month)))}小时",
            ]
            for each in said:
                self.found.same(f"{month:%Y-%m} paper {person['number']} {each}", each in paper, True)

    # Teams and units

    def groups(self, month: date) -> None:
        """Compare every team's and every unit's month in the list and in its workbook."""
        raw, name = self.raw, f"{month:%Y-%m}"
        listed = reading.by_head(reading.first_table(self.page(f"/groups?month={name}")))
        rows = {row["名称"]: [row[head] for head in ("出力的 人", "服务 次", "分钟", "小时")] for row in listed}
        for kind in ("team", "unit"):
            for group in raw.rows[kind]:
                mine = [record for record in raw.month(month) if self._belongs(kind, group["id"], record)]
                whole = raw.whole(mine)
                shown = rows.get(f"{group['name']} {'队伍' if kind == 'team' else '单位'}")
                self.found.same(f"{name} groups {group['name']}", shown, [str(whole[0]), str(whole[1]), str(whole[3]), str(whole[4])])
                book = reading.sheets(self.data(f"/groups/{kind}/{group['id']}/{name}.xlsx"))
                people = {row[1]: list(row[2:5]) for row in book["每个人"][1:] if row[1]}
                each = raw.sums(mine, lambda record: [record["volunteer_id"]])
                folded = {
                    raw.by["volunteer"][who]["number"]: [one.figures[1], one.minutes, tenths(one.minutes)] for who, one in each.items()
                }
                self.found.same(f"{name} {group['name']} people", people, folded)
                kinds = {row[0]: list(row[1:4]) for row in book["各项服务"][1:] if row[0] != "合计" and row[0]}
                sums = raw.sums(mine, lambda record: [record["kind_id"]])
                wanted = {
                    raw.by["service_kind"][key]["name"]: [one.figures[1], one.minutes, tenths(one.minutes)] for key, one in sums.items()
                }
                self.found.same(f"{name} {group['name']} kinds", {key: kinds.get(key) for key in wanted}, wanted)
                total = next((list(row[1:4]) for row in book["各项服务"] if row[0] == "合计"), [])
                self.found.same(f"{name} {group['name']} total", total, [whole[1], whole[3], whole[4]])

    def _belongs(self, kind: str, group: int, record: Mapping[str, Any]) -> bool:
        """Say whether a record was made for a group: as noted on it where that is noted, else as the person stood."""
        if kind == "team":
            return group in self.raw.members(dict(record))
        unit = record["unit_id"] if "unit_id" in record else self.raw.by["volunteer"][record["volunteer_id"]]["unit_id"]
        return bool(unit == group)

    # Certificates and the national system

    def national(self, first: date, last: date) -> None:
        """Compare the hours of each record in the workbook for the national system."""
        answer = self.browser.send("/national/export", start=first.isoformat(), end=last.isoformat(), reported="1")
        assert answer.status_code == 200, answer.status_code
        book, numbers = reading.sheets(answer.data), self.raw.by_record("national_report")
        rows = {str(row[0]): tuple(row[each] for each in (7, *range(10, 15))) for row in book["志愿服务情况"][1:] if row[0]}
        back = self.raw.withdrawn(first, last)
        gone = {versions[-1]["id"]: versions[-1] for versions in self.raw.versions.values() if versions[-1]["minutes"] == 0}
        listed = [row for row in self.raw.counting if not self.raw.paid(row) and first <= day_of(row["day"]) <= last]
        listed += [
            row for row in gone.values() if any(each["then"] in {int(said[1:]) for _, said, *_ in back} for each in self.raw.reported(row))
        ]
        folded = {}
        for row in listed:
            old, own = self.raw.reported(row), numbers.get(row["id"]) if row["minutes"] else None
            changed = bool(old) and old[-1]["minutes"] != row["minutes"] and row["minutes"] > 0
            said = (own["national_no"] if own else "", old[-1]["national_no"] if old else "")
            folded[f"R{row['id']}"] = (hundredths(row["minutes"]), _yes(own is not None), *said, _yes(changed), _yes(not row["minutes"]))
        self.found.same("national records", rows, folded)
        told = sorted((str(row[0]), str(row[1]), row[5], row[6]) for row in book["要撤销的编号"][1:] if row[0])
        self.found.same("national withdrawals", told, back)

    def certificate(self, number: int, person: Mapping[str, Any], first: date, last: date) -> None:
        """Compare a certificate on its page and on paper."""
        raw = self.raw
        mine = raw.records(person["id"], first, last + timedelta(days=1))
        page = self.page(f"/certificates/{number}")
        paper = reading.squeezed(reading.printed(self.data(f"/certificates/{number}.pdf"), self.folder))
        where = f"certificate {person['number']}"
        said = f"{tenths(_minutes(mine))} 小时 · {len(mine)} 次"
        self.found.same(f"{where} page", said in reading.bare(page), True)
        self.found.same(f"{where} paper", f"{tenths(_minutes(mine))}小时，共{len(mine)}次" in paper, True)
        by_kind: dict[str, list[int]] = {}
        for row in mine:
            one = by_kind.setdefault(raw.by["service_kind"][row["kind_id"]]["name"], [0, 0])
            one[0], one[1] = one[0] + 1, one[1] + row["minutes"]
        shown = {row["服务内容"]: [row["次数"], row["分钟"], row["小时"]] for row in reading.by_head(reading.first_table(page))}
        self.found.same(
            f"{where} kinds", shown, {name: [str(count), str(part), str(tenths(part))] for name, (count, part) in by_kind.items()}
        )
        for name, (count, part) in by_kind.items():
            self.found.same(f"{where} paper {name}", f"{name}{count}次{part}分钟{tenths(part)}小时" in paper, True)

    # The pool

    def pool(self) -> None:
        """Compare the sums of the accounts on the page of the pool."""
        standing, page = self.raw.standing(), reading.bare(self.page("/credit"))
        for kind, words in {
            "pool": "{} 小时在公共时间池",
            "member": "志愿者和老人账上 {}",
            "held": "已约定冻结 {}",
            "redeemed": "已用掉 {}",
        }.items():
            self.found.same(f"pool {kind}", words.format(tenths(standing[kind])) in page, True)

    def everything(self, months: Sequence[date]) -> Compared:
        """Compare every page, paper and workbook of some months."""
        for month in months:
            self.report(month)
            self.books(month)
            self.groups(month)
            self.statement_papers(month, self.raw.rows["volunteer"][:3])
            self.national(month, after(month) - timedelta(days=1))
        for each in self.certified:
            self.certificate(*each)
        for year in {month.year for month in months}:
            self.year(year)
        self.taken_along(min(months), max(day_of(row["day"]) for row in self.raw.rows["service_record"]))
        self.pool()
        return self.found


def _minutes(records: Iterable[Mapping[str, Any]]) -> int:
    """Return the minutes of some records."""
    return sum(row["minutes"] for row in records)


def _texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Return the cells of a sheet as text."""
    return [[str(cell) for cell in row] for row in rows]


def _figure(cell: object) -> object:
    """Return a figure as a number where it is one, so that 3 and 3.0 are the same."""
    try:
        return float(str(cell).replace("−", "-"))
    except ValueError:
        return cell


def _row(key: object, figures: Iterable[object]) -> str:
    """Return a row as it stands on paper, without white space."""
    names = key if isinstance(key, tuple) else (key,)
    said = (f"{each}".replace("-", "−") if isinstance(each, int | float) else str(each) for each in figures)
    return "".join("".join(str(each).split()) for each in (*names, *said))


def _by_month(made: Sequence[Change]) -> dict[str, tuple[object, ...]]:
    """Return what some changes add up to by the month of the service: how many, minutes, hours, and hours of the account."""
    months: dict[str, list[Change]] = {}
    for each in made:
        months.setdefault(f"{day_of(each.row['day']):%Y-%m}", []).append(each)
    sums = {name: (len(rows), sum(each.minutes for each in rows), sum(each.credit for each in rows)) for name, rows in months.items()}
    return {name: (count, minutes, tenths(minutes), tenths(credit)) for name, (count, minutes, credit) in sums.items()}


def _signed(minutes: int) -> str:
    """Return minutes as hours with their sign."""
    hours = tenths(minutes)
    return f"−{-hours}" if hours < 0 else f"+{abs(hours)}"


def _day(cell: object) -> str:
    """Return a cell's day as it is stored."""
    return str(cell)[:10]


def _whole(cell: object) -> str:
    """Return a whole figure of a cell as text, however the cell holds it."""
    return str(cell).removesuffix(".0").replace("−", "-")


def _yes(said: bool) -> str:
    """Return how a workbook says yes or no."""
    return "是" if said else "否"
