"""Every page, paper and workbook with figures compared with the fold: what differs is told, and how much was compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from tests.browser import Browser
from tests.figures import reading
from tests.figures.fold import Raw, after, before, day_of, moment, tenths
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
        raw, records = self.raw, [row for month in before(date(year, 12, 1), 12) for row in self.raw.month(month)]
        whole = raw.whole(records)
        lived = clock.today().month if year == clock.today().year else 12
        months = {f"{month:%Y-%m}": raw.whole(raw.month(month)) for month in before(date(year, lived, 1), lived)}
        sums = raw.sums(records, lambda record: [record["kind_id"]])
        kinds = {raw.by["service_kind"][key]["name"]: each.figures for key, each in sums.items()}
        shown, book = reading.tables(self.page(f"/report/year?year={year}")), reading.sheets(self.data(f"/report/year/{year}.xlsx"))
        paper = reading.squeezed(reading.printed(self.data(f"/report/year/{year}.pdf"), self.folder))
        for title, folded in {"各月": months, "各项服务": kinds}.items():
            self._table(f"{year} {title} page", shown.get(title, []), folded, whole)
            self._table(f"{year} {title} workbook", _texts(book[title]), folded, whole)
            for key, figures in folded.items():
                self.found.same(f"{year} {title} paper {key}", _row(key, figures) in paper, True)
        versions = [row for row in raw.rows["service_record"] if moment(row["created_at"]).year == year]
        done = {"新记录": [row for row in versions if row["version"] == 1], "更正": [row for row in versions if row["version"] > 1]}
        items = {str(row[0]): row[1] for row in book["记录和证明"]}
        for name, rows in done.items():
            self.found.same(f"{year} {name}", items.get(name), len(rows))

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

    def _beside(self, newer: Mapping[str, Any]) -> tuple[int, int, int]:
        """Return what a corrected record counted for before, what it counts for, and the difference."""
        same = ("volunteer_id", "visit_id", "round_id", "entry_id", "duty_id")
        old = next(
            row
            for row in self.raw.rows["service_record"]
            if row["version"] == newer["version"] - 1 and all(row[name] == newer[name] for name in same)
        )
        return old["minutes"], newer["minutes"], newer["minutes"] - old["minutes"]

    # The books

    def books(self, month: date) -> None:
        """Compare the list of the volunteers, and each one's month on the page, in the workbook and on paper."""
        raw, name = self.raw, f"{month:%Y-%m}"
        listed = reading.by_head(reading.first_table(self.page(f"/books?month={name}")))
        rows = {row["编号"]: [row[head] for head in ("本月 次", "本月 小时", "累计 小时", "时间账户 小时")] for row in listed}
        for person in raw.rows["volunteer"]:
            mine = raw.records(person["id"], month, after(month))
            ever = raw.records(person["id"], FROM_EVER, date(9999, 1, 1))
            balance = raw.balance(person["account_id"], date(9999, 1, 1))
            wanted = [str(len(mine)), *(str(tenths(each)) for each in (_minutes(mine), _minutes(ever), balance))]
            self.found.same(f"{name} books {person['number']}", rows.get(person["number"]), wanted)
            if mine or raw.movements(person["account_id"], month, after(month)):
                self._statement(person, month)

    def _statement(self, person: Mapping[str, Any], month: date) -> None:
        """Compare one volunteer's month."""
        raw, name, account = self.raw, f"{month:%Y-%m}", person["account_id"]
        where = f"{name} statement {person['number']}"
        mine = raw.records(person["id"], month, after(month))
        minutes, lifetime = _minutes(mine), _minutes(raw.records(person["id"], FROM_EVER, after(month)))
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

    def statement_papers(self, month: date, people: Iterable[Mapping[str, Any]]) -> None:
        """Compare the printed months of some volunteers."""
        for person in people:
            mine = self.raw.records(person["id"], month, after(month))
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
        rows = {str(row[0]): row[7] for row in reading.sheets(answer.data)["志愿服务情况"][1:] if row[0]}
        mine = [row for row in self.raw.counting if not self.raw.paid(row) and first <= day_of(row["day"]) <= last]
        hundredth = Decimal("0.01")
        folded = {f"R{row['id']}": float((Decimal(row["minutes"]) / 60).quantize(hundredth, ROUND_HALF_UP)) for row in mine}
        self.found.same("national hours", rows, folded)

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
        return float(str(cell))
    except ValueError:
        return cell


def _row(key: object, figures: Iterable[object]) -> str:
    """Return a row as it stands on paper, without white space."""
    names = key if isinstance(key, tuple) else (key,)
    return "".join("".join(str(each).split()) for each in (*names, *figures))
