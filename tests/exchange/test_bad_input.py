"""Bad files: each is answered with a sentence that names sheet, row and column, and nothing is taken in."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from xlsxwriter import Workbook

from tests.exchange.files import Book, look_at, take_in
from tests.exchange.lookup import volunteer
from timebank.db import db
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.exchange import reader, reading
from timebank.exchange.columns import ELDERS, ONCE, VOLUNTEERS, Column
from timebank.exchange.report import Fate, Problem, Report
from timebank.volunteers.models import Volunteer

GOOD = {
    "编号": "V900",
    "姓名": "林听涛",
    "手机": "17000009001",
    "纬度": 36.056,
    "经度": 120.352,
    "每天上限": 120,
    "周三": "9:00-11:30",
    "其他技能": "代购代办",
}


def volunteers(*changes: dict[str, Any]) -> Sequence[Sequence[Any]]:
    """Return the sheet of volunteers: a header and one row for each set of changes to a good one."""
    headers = list(GOOD)
    rows = [{**GOOD, "编号": f"V90{n}", "手机": f"1700000900{n}", **change} for n, change in enumerate(changes)]
    return [headers, *([row[header] for header in headers] for row in rows)]


def only(report: Report) -> Problem:
    """Return the one problem of a report."""
    assert len(report.problems) == 1, [str(problem) for problem in report.problems]
    return report.problems[0]


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Volunteer)) or 0


def refused(book: tuple[str, bytes]) -> Report:
    """Check and import a bad file: both say the same, and nobody new is there."""
    before = people()
    seen, done = look_at(book), take_in(book)
    assert not done.applied
    assert seen.problems == done.problems
    assert people() == before
    return done


def test_a_wrong_header_is_named_with_the_one_that_was_meant(lived: Flask, book: Book) -> None:
    rows = [list(row) for row in volunteers({})]
    rows[0][rows[0].index("每天上限")] = "每日上限"
    problem = only(refused(book({"志愿者": rows})))
    assert (problem.sheet, problem.row, problem.column) == ("志愿者", 1, "每日上限")
    assert "是不是“每天上限”" in problem.zh
    assert "Is it" in problem.en


def test_a_missing_column_is_named(lived: Flask, book: Book) -> None:
    rows = [row[1:] for row in volunteers({})]
    problem = only(refused(book({"志愿者": rows})))
    assert (problem.row, problem.column) == (1, "编号")
    assert "缺少必填的列" in problem.zh


def test_an_unknown_sheet_is_named_with_those_that_are_known(lived: Flask, book: Book) -> None:
    problem = only(refused(book({"Sheet1": [["姓名"], ["林听涛"]]})))
    assert problem.sheet == "Sheet1"
    assert "志愿者" in problem.zh


def test_a_header_that_stands_twice_is_refused(lived: Flask, book: Book) -> None:
    rows = [[*row, row[1]] for row in volunteers({})]
    assert only(refused(book({"志愿者": rows}))).column == "姓名"


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("姓名", "=cmd()", "像一个公式"),
        ("姓名", "=1+1", "像一个公式"),
        ("姓名", "@SUM(A1)", "像一个公式"),
        ("姓名", "-2+3", "不像姓名"),
        ("姓名", "林\u202e涛", "控制字符"),
        ("姓名", "林" * 60, "最多 50 个字"),
        ("手机", "12345", "不是手机号"),
        ("手机", "17٠00090034", "不是手机号"),
        ("手机", "17000009001/17000009002", "只写一个号码"),
        ("手机", "清空", "必须填写"),
        ("每天上限", 1e30, "超出范围"),
        ("每天上限", "1" + "0" * 30, "超出范围"),
        ("每天上限", -30, "超出范围"),
        ("每天上限", 30.5, "不是整数"),
        ("每天上限", "1_000", "不是数字"),
        ("每天上限", "NaN", "不是数字"),
        ("纬度", 120.35, "超出范围"),
        ("周三", "25:00-26:00", "看不懂"),
        ("周三", "11:00-9:00", "看不懂"),
        ("周三", "9:00-11:00,10:00-12:00", "重叠"),
        ("周三", "随时", "看不懂"),
        ("其他技能", "喷火", "没有技能"),
        ("其他技能", "理发", "需要证明"),
        ("编号", "V 01", "只能用字母"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(lived: Flask, book: Book, column: str, cell: object, words: str) -> None:
    problem = only(refused(book({"志愿者": volunteers({}, {column: cell})})))
    assert (problem.file, problem.sheet, problem.row, problem.column) == ("上传.xlsx", "志愿者", 3, column)
    assert words in problem.zh
    assert problem.en.endswith((".", "?"))


def worked_out(formula: str, result: str) -> tuple[str, bytes]:
    """Write a volunteer whose address is a formula with this result."""
    target = io.BytesIO()
    with Workbook(target) as workbook:
        page = workbook.add_worksheet("志愿者")
        page.write_row(0, 0, ["编号", "姓名", "手机", "纬度", "经度", "住址"])
        page.write_row(1, 0, ["V900", "林听涛", "17000009001", 36.056, 120.352])
        page.write_formula(1, 5, formula, None, result)
    return "上传.xlsx", target.getvalue()


@pytest.mark.parametrize(
    ("formula", "result", "code"),
    [("=A9/0", "#DIV/0!", "formula_went_wrong"), ("=VLOOKUP(A9,B9:C9,2,0)", "#N/A", "formula_went_wrong"), ("=A9&B9", "", "formula")],
)
def test_a_formula_without_a_sound_result_is_named_and_not_taken_for_empty(lived: Flask, formula: str, result: str, code: str) -> None:
    (problem,) = look_at([worked_out(formula, result)]).problems
    assert (problem.row, problem.column, problem.code) == (2, "住址", code)


def test_what_a_formula_came_to_is_read_and_one_that_gives_nothing_is_empty(lived: Flask) -> None:
    assert take_in([worked_out('="文登路 "&"9 号"', "文登路 9 号")]).applied
    assert volunteer("V900").address == "文登路 9 号"
    name, data = worked_out('=IF(A9="","",A9)', "无")
    nothing = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(nothing, "w") as whole:
        for part in parts.namelist():
            whole.writestr(part, parts.read(part).replace("<v>无</v>".encode(), b"<v></v>"))
    assert take_in([(name, nothing.getvalue())]).kept == 1


def test_what_a_formula_showed_where_it_went_wrong_is_no_word(lived: Flask) -> None:
    text = "编号,姓名,手机,纬度,经度,住址\r\nV900,林听涛,17000009001,36.056,120.352,#N/A\r\n"
    assert [each.code for each in look_at([("志愿者.csv", text.encode("gbk"))]).problems] == ["formula_went_wrong"]


def test_utf_16_is_read_by_its_mark_and_without_it_said_to_be_unknown(lived: Flask) -> None:
    text = "编号\t姓名\t手机\t纬度\t经度\r\nV900\t林听涛\t17000009001\t36.056\t120.352\r\n"
    assert look_at([("志愿者.csv", text.encode("utf-16"))]).rows(Fate.NEW) == 1
    for other in ("utf-16-le", "utf-32", "utf-32-be"):
        (problem,) = look_at([("志愿者.csv", text.encode(other))]).problems
        assert problem.code == "encoding_unknown", other


def test_an_impossible_date_is_named(lived: Flask, book: Book) -> None:
    for cell in ("2026-02-30", "2026-13-01", "明天", "9999-01-01", 45000, "2026年2月29日"):
        rows = [["志愿者编号", "技能", "证明", "有效期至"], ["V012", "理发", "补发证书", cell]]
        problem = only(refused(book({"技能证明": rows})))
        assert (problem.row, problem.column) == (2, "有效期至")
        assert "2026-11-25" in problem.zh


def test_half_a_row_names_every_missing_cell(lived: Flask, book: Book) -> None:
    report = refused(book({"志愿者": [list(GOOD), ["V950", "林听涛"]]}))
    assert [(problem.row, problem.column) for problem in report.problems] == [(2, "手机"), (2, "纬度"), (2, "经度")]
    assert all("必须填写" in problem.zh for problem in report.problems)


def test_a_mobile_that_is_somebody_elses_is_refused(lived: Flask, book: Book) -> None:
    problem = only(refused(book({"志愿者": volunteers({"手机": "17000000002"})})))
    assert problem.column == "手机"
    assert "V002" in problem.zh


def test_a_mobile_that_stands_twice_in_one_file_is_refused(lived: Flask, book: Book) -> None:
    problem = only(refused(book({"志愿者": volunteers({}, {"手机": "17000009000"})})))
    assert (problem.row, problem.column) == (3, "手机")
    assert "V900" in problem.zh


def test_a_number_that_stands_twice_is_refused(lived: Flask, book: Book) -> None:
    problem = only(refused(book({"志愿者": volunteers({}, {"编号": "V900"})})))
    assert (problem.row, problem.column) == (3, "编号")
    assert "第 2 行重复" in problem.zh


def test_something_beside_the_table_is_refused(lived: Flask, book: Book) -> None:
    header, row = volunteers({})
    problem = only(refused(book({"志愿者": [header, [*row, "见备注"]]})))
    assert problem.row == 2
    assert "没有表头" in problem.zh


def csv_file(encoding: str, *, name: str = "志愿者.csv", broken: str = "") -> tuple[str, bytes]:
    """Return the volunteers as a CSV file."""
    rows = volunteers({"姓名": f"林{broken}涛"})
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    return name, text.encode(encoding)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_read_in_the_encodings_of_chinese_excel(lived: Flask, encoding: str) -> None:
    assert take_in(csv_file(encoding)).applied
    assert db.session.scalars(select(Volunteer.name).where(Volunteer.number == "V900")).one() == "林涛"


def test_a_csv_file_without_a_telling_name_is_known_by_its_headers(lived: Flask) -> None:
    assert take_in(csv_file("gbk", name="导出1.csv")).applied


def test_a_nul_in_a_csv_file_is_named(lived: Flask) -> None:
    problem = only(refused(csv_file("utf-8", broken="\0")))
    assert (problem.row, problem.column) == (2, "姓名")
    assert "控制字符" in problem.zh


def test_an_unknown_encoding_is_said(lived: Flask) -> None:
    problem = only(refused(("志愿者.csv", b"\xff\xfe\x00\x01\x02\x80\xff")))
    assert problem.file == "志愿者.csv"
    assert "编码" in problem.zh


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("表.xls", b"old", ".xlsx"),
        ("表.exe", b"MZ", ".xlsx"),
        ("表.xlsx", b"", "空的"),
        ("表.xlsx", b"not a zip at all", "完好"),
        ("表.xlsx", b"PK\x03\x04" + b"\0" * 50, "完好"),
        ("表.csv", b"a" * (reading.MOST_BYTES + 1), "MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused(lived: Flask, name: str, data: bytes, words: str) -> None:
    assert words in only(refused((name, data))).zh


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a zip file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return target.getvalue()


def test_a_zip_bomb_is_refused_by_what_it_unpacks_to(lived: Flask) -> None:
    data = zipped({"xl/worksheets/sheet1.xml": b" " * (reader.MOST_UNPACKED + 1)})
    assert len(data) < reading.MEGABYTE
    assert "解开后超过" in only(refused(("表.xlsx", data))).zh


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too(lived: Flask) -> None:
    size = reader.MOST_UNPACKED + 1
    data = zipped({"xl/worksheets/sheet1.xml": b" " * size}).replace(struct.pack("<I", size), struct.pack("<I", 10))
    assert "解开后超过" in only(refused(("表.xlsx", data))).zh


def test_a_file_of_very_many_parts_is_refused(lived: Flask) -> None:
    data = zipped({f"part{number}": b"" for number in range(reader.MOST_PARTS + 1)})
    assert "部件太多" in only(refused(("表.xlsx", data))).zh


def test_a_cell_far_away_is_refused_before_a_sheet_is_laid_out(lived: Flask, book: Book) -> None:
    name, data = book({"志愿者": volunteers({})})
    parts = {}
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for part in file.namelist():
            parts[part] = file.read(part)
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
    assert "表格太大" in only(refused((name, zipped(parts)))).zh


def test_a_broken_stream_inside_a_workbook_is_refused(lived: Flask, book: Book) -> None:
    name, data = book({"志愿者": volunteers({})})
    begin = data.index(b"xl/worksheets/sheet1.xml") + 30
    assert "完好" in only(refused((name, data[:begin] + b"\xff" * 40 + data[begin + 40 :]))).zh


def test_too_many_rows_are_refused(lived: Flask) -> None:
    data = "编号\n" + "V1\n" * (reader.MOST_ROWS + 1)
    assert "表格太大" in only(refused(("志愿者.csv", data.encode()))).zh


def test_a_file_that_is_not_there_is_said(lived: Flask, tmp_path: Path) -> None:
    assert "没有找到" in only(take_in(tmp_path / "没有.xlsx")).zh


def elder_rows(**changes: object) -> Sequence[Sequence[Any]]:
    """Return the sheet of elders with one row."""
    row: dict[str, Any] = {
        "编号": "E900",
        "姓名": "林守拙",
        "性别": "男",
        "出生年份": 1940,
        "户号": "H900",
        "小区": "正阳关路9号院",
        "楼栋": "东楼",
        "楼层": 2,
        "门牌": "201",
    }
    row |= changes
    return [list(row), list(row.values())]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"楼栋": "三十号楼"}, "楼栋", "请先加上这一栋"),
        ({"楼层": 9}, "楼层", "只有 2 层"),
        ({"饮食": "低糖"}, "同意记录健康", "先征得同意"),
        ({"上门提示": "敲门"}, "同意上门提示", "先征得同意"),
        ({"熟悉的送餐人": "V999"}, "熟悉的送餐人", "没有编号"),
        ({"熟悉的送餐人": "V002", "不搭配": "V002"}, "不搭配", "又熟悉又不搭配"),
        ({"性别": "不详"}, "性别", "可选项"),
    ],
)
def test_an_elders_row_is_refused_with_its_reason(lived: Flask, book: Book, changes: dict[str, Any], column: str, words: str) -> None:
    problem = only(refused(book({"老人": elder_rows(**changes)})))
    assert (problem.sheet, problem.row, problem.column) == ("老人", 2, column)
    assert words in problem.zh


def test_a_couple_with_two_addresses_is_refused(lived: Flask, book: Book) -> None:
    header, first = elder_rows()
    _, second = elder_rows(编号="E901", 姓名="丁若梅", 门牌="202")
    problem = only(refused(book({"老人": [header, first, second]})))
    assert (problem.row, problem.column) == (3, "户号")


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"老人编号": "E999"}, "老人编号"),
        ({"服务项目": "跳伞"}, "服务项目"),
        ({"希望时段": "9:00-9:20"}, "希望时段"),
        ({"可选日期": "2026-11-25,2026-12-02"}, "可选日期"),
        ({"份数": 2}, "份数"),
    ],
)
def test_a_needs_row_is_refused_with_its_reason(lived: Flask, book: Book, changes: dict[str, Any], column: str) -> None:
    row = {"编号": "S900", "老人编号": "E001", "服务项目": "上门理发", "可选日期": "2026-11-25", "希望时段": "", "份数": ""} | changes
    assert only(refused(book({"单次需求": [list(row), list(row.values())]}))).column == column


def test_without_a_community_the_first_step_is_named(empty: Flask, book: Book) -> None:
    assert "先导入带“社区”表" in only(refused(book({"志愿者": volunteers({})}))).zh


def test_many_problems_are_all_told_at_once_in_order(lived: Flask, book: Book) -> None:
    report = refused(book({"志愿者": volunteers({"姓名": "=1"}, {"手机": "1"}, {}, {"纬度": "北"}), "老人": elder_rows(楼层=99)}))
    assert [(problem.sheet, problem.row) for problem in report.problems] == [("志愿者", 2), ("志愿者", 3), ("志愿者", 5), ("老人", 2)]


def test_bad_rows_are_left_out_only_when_asked(lived: Flask, book: Book) -> None:
    before = people()
    report = take_in(book({"志愿者": volunteers({"姓名": "=1"}, {}, {"手机": "17000000002"})}), skip_bad_rows=True)
    assert report.applied
    assert len(report.problems) == 2
    assert people() == before + 1
    assert db.session.scalars(select(Volunteer.name).where(Volunteer.number == "V901")).one() == GOOD["姓名"]


@pytest.mark.parametrize("column", [*VOLUNTEERS.columns, *ELDERS.columns, *ONCE.columns], ids=lambda column: column.header)
def test_no_cell_makes_a_parser_fall_over(column: Column) -> None:
    for cell in ("\0", "\ud800", 10**30, 1e300, float("nan"), float("inf"), "x" * 9999, "=cmd()", "\u202e"):
        with pytest.raises(Invalid) as refusal:
            column.parse(cell)
        assert refusal.value.zh
        assert refusal.value.en


def test_the_elder_of_a_refused_file_is_not_there(lived: Flask, book: Book) -> None:
    refused(book({"老人": elder_rows(楼层=9)}))
    assert db.session.scalars(select(Elder).where(Elder.number == "E900")).all() == []


def test_deflate_is_counted_in_pieces() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(b"a" * 1_000_000) + packer.flush()
    entry = zipfile.ZipInfo("x")
    entry.header_offset, entry.compress_size, entry.compress_type = 0, len(packed), zipfile.ZIP_DEFLATED
    pieces = list(reader._unpacked(b"\0" * 30 + packed, entry))
    assert sum(map(len, pieces)) == 1_000_000
    assert max(map(len, pieces)) <= reader.CHUNK
