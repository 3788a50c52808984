"""A large roster comes in fast: what is new asks the database nothing row by row, and ten thousand rows keep to their time and memory."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from tests.apps import SECRET
from tests.exchange.files import Rows, excel, take_in
from timebank import children
from timebank.db import db
from timebank.exchange.report import Fate

MOST_SECONDS, MOST_MEGABYTES = 30, 400
FAMILY_NAMES, GIVEN_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "淑玉桂秀兰凤素惠翠月锦瑞慧美春宝爱丽佩雅"


@pytest.fixture
def journeys() -> Iterator[Counter[str]]:
    """Count the journeys to the database by their first word."""
    seen: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen[statement.partition(" ")[0]] += 1

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def asked() -> Iterator[Counter[str]]:
    """Count the questions to the database by the table they begin with."""
    seen: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen[statement.partition(" FROM ")[0]] += 1

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def called(number: int) -> str:
    """Return a name that few have."""
    return FAMILY_NAMES[number % 20] + GIVEN_NAMES[number // 20 % 20] + GIVEN_NAMES[number // 400 % 20]


def roster(volunteers: int, elders: int, needs: int, first: int = 0) -> dict[str, Rows]:
    """Return a roster of so many volunteers, elders, three behind each stair and storey, and their needs."""
    free = ("编号", "姓名", "手机", "智能手机", "出生年份", "纬度", "经度", "周一", "周三", "住址")
    lives = ("编号", "姓名", "性别", "出生年份", "户号", "小区", "楼栋", "楼层", "门牌", "电话", "自理程度", "同意上门服务", "同意记录健康")
    wants = ("编号", "老人编号", "服务项目", "星期", "频次", "起始日期")
    people = range(first, first + elders)
    return {
        "小区楼栋": [("小区", "楼栋", "层数", "纬度", "经度"), *(("东院", f"{n}号楼", 6, 36.06, 120.35) for n in sorted({n // 18 for n in people}))],
        "志愿者": [free, *((f"W{n:05}", called(n), f"1390{n:07}", "是", 1950 + n % 50, 36.06, 120.35, "9:00-11:30", "14:00-17:00", f"{n}号")
                for n in range(first, first + volunteers))],
        "老人": [lives, *((f"L{n:05}", called(n), "女", 1930 + n % 30, f"J{n:05}", "东院", f"{n // 18}号楼", 1 + n % 6, f"{n}01", f"1380{n:07}",
                "能自理", "2026-01-01", "2026-01-02") for n in people)],
        "固定需求": [wants, *((f"X{n:05}", f"L{n:05}", "送餐上门", "一,三,五", "每周", "2026-11-30") for n in range(first, first + needs))],
    }  # fmt: skip


def test_rows_that_are_new_ask_nothing_one_by_one(lived: Flask, asked: Counter[str]) -> None:
    take_in([excel(roster(1, 1, 1))])
    few, many = Counter[str](), Counter[str]()
    for counted, rows, first in ((few, 18, 18), (many, 54, 54)):
        asked.clear()
        assert take_in([excel(roster(0, rows, rows, first))]).rows(Fate.NEW) == 2 * rows + rows // 18
        counted.update(asked)
    assert sum(many.values()) - sum(few.values()) <= 8


def test_rows_that_are_new_are_written_many_at_a_time(lived: Flask, journeys: Counter[str]) -> None:
    take_in([excel(roster(1, 1, 1))])
    written = []
    for rows, first in ((18, 18), (90, 54)):
        journeys.clear()
        assert take_in([excel(roster(rows, rows, rows, first))]).rows(Fate.NEW) == 3 * rows + rows // 18
        written.append(journeys["INSERT"] + journeys["UPDATE"] + journeys["SAVEPOINT"])
    assert written[1] <= written[0] + 2 * (90 - 18) // 18  # a building more is written with its line of the trail


@pytest.mark.long  # takes its time where much else runs; the short ones count what each row asks and writes
def test_ten_thousand_rows_come_in_by_the_command_within_half_a_minute_and_little_memory(lived: Flask, tmp_path: Path) -> None:
    name, content = excel(roster(3000, 4000, 3000))
    (tmp_path / name).write_bytes(content)
    settings = {"TIMEBANK_DATABASE_URL": db.engine.url.render_as_string(hide_password=False), "TIMEBANK_SECRET_KEY": SECRET}
    command = [sys.executable, "-c", "from timebank.cli import main; main()", "import", name]
    with subprocess.Popen(command, env=children.environment(**settings), cwd=tmp_path, stdout=subprocess.PIPE) as importing:
        assert importing.stdout
        said = importing.stdout.read().decode()
        _, status, used = os.wait4(importing.pid, 0)
        importing.returncode = os.waitstatus_to_exitcode(status)
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
    sys.stdout.write(f"10,000 rows: {seconds:.1f} s of processor time, the start of the command with it, at most {memory} MiB\n")
    assert importing.returncode == 0
    assert [line.split(",")[0] for line in said.splitlines()[:4]] == [
        "小区楼栋: 223 new",
        "志愿者: 3000 new",
        "老人: 4000 new",
        "固定需求: 3000 new",
    ]
    assert seconds <= MOST_SECONDS
    assert memory <= MOST_MEGABYTES
