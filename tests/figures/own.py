"""What volunteers see of their own, passbooks and stars compared with the fold; and every page once more in English."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from tests.browser import Browser
from tests.figures import reading
from tests.figures.differences import FROM_EVER, Look
from tests.figures.fold import after, tenths

SOME = 3
EVER = date(9999, 1, 1)
HOURS = re.compile(r"(?<![\d.])\d+\.\d(?![\d.])")


@dataclass
class Own:
    """Volunteers who look at their own figures, beside the office that looks at everybody's."""

    look: Look
    signed_in: Callable[[int], Browser]
    passbooks: Mapping[int, int]
    """The number of the last transfer before each volunteer's passbook was opened."""

    def month(self, person: Mapping[str, Any], month: date) -> None:
        """Compare a volunteer's month on the phone, in Chinese and English."""
        raw, found, name = self.look.raw, self.look.found, f"{month:%Y-%m}"
        where = f"{name} phone {person['number']}"
        mine = raw.of_month(person["id"], month)
        minutes = sum(row["minutes"] for row in mine)
        typed = sum(row["minutes"] for row in mine if raw.typed(row))
        ever = sum(row["minutes"] for row in raw.lifetime(person["id"], after(month)))
        opening, closing = (raw.balance(person["account_id"], day) for day in (month, after(month)))
        browser, path = self.signed_in(person["user_id"]), f"/my/hours?month={name}"
        page = reading.bare(_page(browser, path))
        said = [
            f"服务记录 {tenths(minutes)} 小时 {minutes} 分钟 · 累计 {tenths(ever)} 小时",
            f"系统签到 {minutes - typed} 分钟（{tenths(minutes - typed)} 小时），事后录入 {typed} 分钟（{tenths(typed)} 小时）",
            f"时间账户 {tenths(closing)} 小时 {closing} 分钟",
            f"月初 {opening} ",
            f"月末结余 {tenths(closing)} 小时 {closing}",
        ]
        for each in said:
            found.same(f"{where} {each}", each in page, True)
        self.in_english(browser, where, path, page)

    def star(self, person: Mapping[str, Any]) -> None:
        """Compare the hours towards a volunteer's next star."""
        hours = tenths(sum(row["minutes"] for row in self.look.raw.records(person["id"], FROM_EVER, EVER)))
        page = reading.bare(_page(self.signed_in(person["user_id"]), "/my/stars"))
        self.look.found.same(f"stars {person['number']}", f"离 1 星 {hours} / 100 小时" in page or hours >= 100, True)
        self.look.found.same(f"stars {person['number']} missing", hours >= 100 or f"还差 {tenths(6000 - round(hours * 60))}" in page, True)

    def who_may_ask(self) -> None:
        """Compare the office's list of those whose hours carry a star."""
        raw = self.look.raw
        shown = reading.tables(self.look.page("/stars")).get("时间够了，还没有申请", [])
        rows = {row[0].split()[0]: row[1] for row in shown[1:]}
        minutes = Counter[int]()
        for row in raw.counting:
            minutes[row["volunteer_id"]] += 0 if raw.paid(row) else row["minutes"]
        folded = {raw.by["volunteer"][who]["name"]: f"{tenths(each)}" for who, each in minutes.items() if each >= 6000}
        self.look.found.same("who may ask for a star", rows, folded)

    def passbook(self, person: Mapping[str, Any], opened_after: int) -> None:
        """Print what has moved since a passbook was opened and compare each of its lines and the balance."""
        raw, account, path = self.look.raw, person["account_id"], f"/books/{person['id']}/passbook"
        self.look.browser.send(f"{path}/lines")
        since = [(row["seq"], minutes) for row, minutes in raw.movements(account, FROM_EVER, EVER) if row["seq"] > opened_after]
        balance = raw.balance(account, EVER) - sum(minutes for _seq, minutes in since)
        folded = []
        for seq, minutes in since:
            balance += minutes
            folded.append((seq, minutes, balance))
        page = self.look.page(path)
        lines = reading.by_head(reading.tables(page).get("折上的往来", [[]]))
        shown = [tuple(_number(row[head]) for head in ("账链", "分钟", "结余")) for row in lines]
        self.look.found.same(f"passbook {person['number']}", sorted(shown), folded)
        self.look.found.same(f"passbook {person['number']} balance", f"{balance} 分钟，折上结余" in reading.bare(page), True)

    def in_english(self, browser: Browser, where: str, path: str, chinese: str) -> None:
        """Hold a page in English to the same hours as in Chinese."""
        browser.send("/language", locale="en")
        page = _page(browser, path)
        browser.send("/language", locale="zh")
        self.look.found.same(f"{where} speaks English", 'lang="en"' in page, True)
        page = reading.bare(page)
        self.look.found.same(f"{where} in English", Counter(HOURS.findall(page)), Counter(HOURS.findall(chinese)))

    def people(self) -> Sequence[Mapping[str, Any]]:
        """Return some volunteers with a sign-in who have served."""
        raw = self.look.raw
        served = (
            each for each in raw.rows["volunteer"] if each["user_id"] and not each["staff"] and raw.records(each["id"], FROM_EVER, EVER)
        )
        return list(islice(served, SOME))

    def everything(self, months: Sequence[date]) -> None:
        """Compare what some volunteers see of each month, and the office's pages in English."""
        for person in self.people():
            for month in months:
                self.month(person, month)
            self.star(person)
        self.who_may_ask()
        for who, opened_after in self.passbooks.items():
            self.passbook(self.look.raw.by["volunteer"][who], opened_after)
        paths = [f"{path}?month={month:%Y-%m}" for month in months for path in ("/report", "/books", "/groups")]
        for path in [*paths, *(f"/report/year?year={year}" for year in {month.year for month in months}), "/credit"]:
            self.in_english(self.look.browser, path, path, reading.bare(self.look.page(path)))


def _page(browser: Browser, path: str) -> str:
    """Return a page."""
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return str(answer.text)


def _number(cell: str) -> int:
    """Return a figure with its sign."""
    return int(re.sub(r"[^\d−]", "", cell).replace("−", "-"))
