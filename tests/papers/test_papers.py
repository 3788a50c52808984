"""Papers: what stands on them, that no name becomes markup, and that a paper is whole or is not printed."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from timebank.clock import ZONE
from timebank.errors import Invalid, NotAvailable
from timebank.hours import hours_text, signed_text
from timebank.papers import pdf
from timebank.papers.facts import (
    AccountLine,
    BoxLabel,
    CanteenSheet,
    CertificatePaper,
    DaySheet,
    Issuer,
    KindTotal,
    KitchenRound,
    Language,
    Moved,
    Portion,
    RecordLine,
    SheetStop,
    StatementPaper,
)
from timebank.papers.tables import Figure, Table, TablesPaper, shown
from timebank.sentences import Sentence

NOON = datetime(2026, 11, 25, 12, tzinfo=ZONE)
CERTIFICATE = CertificatePaper(
    number="ZM-QDBDG-2026-000123",
    check_code="7K3M9QXD4T2W",
    check_url="https://bdg.example/check/ZM-QDBDG-2026-000123/7K3M9QXD4T2W",
    check_page="bdg.example/check",
    issued_on=date(2026, 11, 25),
    volunteer_name="王秀芬",
    volunteer_no="BDG-0017",
    period_from=date(2026, 1, 1),
    period_to=date(2026, 10, 31),
    total_minutes=4740,
    visit_count=98,
    by_kind=(
        KindTotal("老年助餐送餐", "Meal delivery", 74, 3804),
        KindTotal("上门探访", "Home visits", 19, 672),
        KindTotal("买菜代购", "Shopping", 5, 264),
    ),
    issuer=Issuer("八大关社区居民委员会（示例）", "54370200MF0000000X", "臧晓东", "衣晓雯", "0532-0000 0123"),
    content_sha256="9f2c41d7" + "0" * 52 + "b06e",
    id_type="居民身份证",
    id_last4="0000",
)
STATEMENT = StatementPaper(
    month=date(2026, 10, 1),
    unit="八大关社区居民委员会（示例）",
    volunteer_name="王秀芬",
    volunteer_no="BDG-0017",
    lines=(
        RecordLine(date(2026, 10, 28), "10:50", "11:42", "送餐 7 户", "auto", "到期自动", 52),
        RecordLine(date(2026, 10, 26), "10:50", "11:37", "送餐 6 户", "two_persons", "两人核准", 47, "补录"),
    ),
    entered_minutes=47,
    lifetime_minutes=12876,
    lifetime_entered=470,
    opening=1644,
    account_lines=(
        AccountLine(date(2026, 10, 31), "服务存入 2 笔", 99),
        AccountLine(date(2026, 10, 18), "转给母亲", -120),
    ),
    moved=Moved(credited=99, spent=120),
    printed_at=NOON,
    object_until=date(2026, 12, 1),
    chain_row=18204,
    chain_head="0123456789abcdef" * 4,
)
SHEET = DaySheet(
    number="D-1126-07",
    on=date(2026, 11, 26),
    title="送餐日单",
    community="八大关社区",
    volunteer_name="于淑珍",
    summary="8 户 9 份 · 步行",
    stops=tuple(
        SheetStop(
            n,
            f"山海关路 {n} 号",
            "曹爷爷",
            portions=(Portion("低盐", 1, special=True),) if n == 3 else (Portion("普通", 1),),
        )
        for n in range(1, 9)
    ),
    station_phone="0532-0000 0123",
    pickup_time="11:00",
    pickup_place="八大关老年食堂",
    finish_time="11:36",
    latest_time="12:15",
)
KITCHEN = CanteenSheet(
    on=date(2026, 11, 26),
    canteen="八大关老年食堂",
    rounds=(
        KitchenRound("R1", "11:00", "于*珍", 4, (Portion("普通", 4), Portion("低盐", 1, special=True))),
        KitchenRound("R2", "11:05", "王*芬", 3, (Portion("普通", 3),)),
    ),
    labels=(BoxLabel("R1", 1, "普通", special=False, eat_before="13:00"),),
    printed_at=NOON,
)
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the papers back")


def words(paper: bytes, folder: Path) -> str:
    """Read a PDF back as text without any white space, as line breaks are the layout's business."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20)
    return "".join(out.stdout.decode().split())


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [(0, "0.0"), (2, "0.0"), (3, "0.1"), (57, "1.0"), (606, "10.1"), (3387, "56.5"), (-120, "-2.0"), (-2, "0.0")],
)
def test_hours_are_minutes_rounded_half_up_to_one_decimal(minutes: int, hours: str) -> None:
    assert hours_text(minutes) == hours


def test_movements_carry_their_sign() -> None:
    assert [signed_text(each) for each in (5, 0, -5)] == ["+5", "0", "−5"]


@needs_poppler
def test_certificate_states_everything_the_rules_ask_for(tmp_path: Path) -> None:
    found = words(pdf.certificate(CERTIFICATE), tmp_path)
    for expected in (
        "志愿服务记录证明",
        "ZM-QDBDG-2026-000123",
        "王秀芬",
        "居民身份证尾号0000",
        "志愿者编号BDG-0017",
        "2026年1月1日至2026年10月31日",
        "79.0小时",
        "共98次",
        "老年助餐送餐74次3804分钟63.4小时",
        "不含往返途中时间",
        "无偿出具",
        "八大关社区居民委员会（示例）",
        "54370200MF0000000X",
        "臧晓东",
        "衣晓雯",
        "单位盖章处",
        "7K3M9QXD4T2W",
        "bdg.example/check",
        "尚未报送",
        "2026年11月25日",
    ):
        assert expected in found, expected


@needs_poppler
def test_certificate_has_an_english_variant(tmp_path: Path) -> None:
    found = words(pdf.certificate(CERTIFICATE, language="en"), tmp_path)
    for expected in (
        "CertificateofVolunteerServiceRecord",
        "志愿服务记录证明",
        "79.0hours",
        "1January2026",
        "Mealdelivery",
        "Notyetreported",
    ):
        assert expected in found, expected


@needs_poppler
def test_certificate_says_when_it_was_reported_and_under_which_number(tmp_path: Path) -> None:
    found = words(pdf.certificate(replace(CERTIFICATE, reported=True, national_no="370200123456")), tmp_path)
    assert "尚未报送" not in found
    assert "已报送" in found
    assert "370200123456" in found


@needs_poppler
@pytest.mark.parametrize(
    "name",
    [
        '#eval("1")',
        "*x*",
        "堃㛃䶮",
        "$",
        "\\",
        '"',
        "O'Neil",
        "_a_",
        "<b>",
        "`c`",
        "#set page(fill:red)",
        "@x",
        "//y",
        "= z",
    ],
)
def test_names_are_printed_as_they_are_and_never_read_as_markup(name: str, tmp_path: Path) -> None:
    found = words(pdf.certificate(replace(CERTIFICATE, volunteer_name=name)), tmp_path)
    assert f"兹证明{''.join(name.split())}（" in found


@pytest.mark.parametrize("name", ["王\0秀芬", "王\x1b秀芬", "王\x7f秀芬"])
def test_control_characters_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        pdf.certificate(replace(CERTIFICATE, volunteer_name=name))


def test_control_characters_are_refused_deep_inside_a_paper() -> None:
    stop = replace(SHEET.stops[0], note="按门铃\0")
    with pytest.raises(Invalid):
        pdf.day_sheets([replace(SHEET, stops=(stop,))], NOON)


def test_a_letter_no_font_can_draw_is_refused_instead_of_printed_as_a_box() -> None:
    with pytest.raises(NotAvailable, match="TIMEBANK_FONT_DIR"):
        pdf.certificate(replace(CERTIFICATE, volunteer_name="王\U00020bb7"))


def test_the_same_certificate_is_the_same_file() -> None:
    assert pdf.certificate(CERTIFICATE) == pdf.certificate(CERTIFICATE)


def test_papers_are_archival_and_accessible() -> None:
    made = pdf.certificate(CERTIFICATE)
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in made
    assert b"pdfuaid:part>1<" in made


@needs_poppler
def test_many_kinds_continue_on_a_second_page_with_number_and_code(tmp_path: Path) -> None:
    kinds = tuple(KindTotal(f"服务项目{n}", f"Kind {n}", n, 60 * n) for n in range(1, 31))
    found = words(pdf.certificate(replace(CERTIFICATE, by_kind=kinds)), tmp_path)
    assert "第2页，共2页" in found
    assert found.count("ZM-QDBDG-2026-000123") == 2
    assert found.count("7K3M9QXD4T2W") == 2
    assert "服务项目30" in found


@needs_poppler
def test_statement_keeps_two_books_apart(tmp_path: Path) -> None:
    found = words(pdf.statements([STATEMENT]), tmp_path)
    for expected in (
        "2026年10月对账单",
        "1.7小时",
        "加入以来累计214.6小时",
        "月初结余1644",
        "+99",
        "−120",
        "月末结余27.1小时1623",
        "补录",
        "到期自动",
        "合计2次，99分钟=1.7小时",
        "2026年12月1日前",
        "30天内",
        "5个工作日",
        "账链第18204笔",
        "0123456789abcdef" * 4,
    ):
        assert expected in found, expected


@needs_poppler
def test_statement_of_an_open_month_says_that_figures_still_change(tmp_path: Path) -> None:
    found = words(pdf.statements([replace(STATEMENT, lines=(), account_lines=(), object_until=None)]), tmp_path)
    assert "这个月没有服务记录" in found
    assert "这个月还没有结束" in found


def test_opening_and_movements_make_the_closing_balance() -> None:
    assert (STATEMENT.opening, STATEMENT.moved.credited, STATEMENT.moved.spent, STATEMENT.closing) == (1644, 99, 120, 1623)


@needs_poppler
def test_day_sheet_holds_at_most_six_doors_a_page(tmp_path: Path) -> None:
    found = words(pdf.day_sheets([SHEET], NOON), tmp_path)
    assert "第1页，共2页" in found
    assert "第2页，共2页" in found
    for expected in (
        "于淑珍",
        "11月26日周四",
        "普通7份",
        "低盐1份",
        "最晚12:15",
        "没人开门",
        "送完请交回服务站",
        "0532-00000123",
    ):
        assert expected in found, expected


def pages_of(paper: bytes, folder: Path) -> list[str]:
    """Read a PDF back page by page, without any white space."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20)
    return ["".join(page.split()) for page in out.stdout.decode().rstrip("\f").split("\f")]


@needs_poppler
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("long", [False, True], ids=["short addresses", "long addresses and notes"])
@pytest.mark.parametrize("doors", [1, 3, 6, 8, 12, 15, 20, 26])
def test_no_page_of_a_day_sheet_stands_without_a_door(doors: int, *, long: bool, language: Language, tmp_path: Path) -> None:
    wide = {
        "address": "嘉峪关路第二十四号大院 3 号楼",
        "door": "3 单元 4 楼 西户 · 无电梯",
        "note": "耳背，多敲一会儿，门铃坏了，放在鞋柜上",
    }
    stops = tuple(replace(SHEET.stops[0], number=n, **(wide if long else {"address": "山海关路"})) for n in range(1, doors + 1))
    pages = pages_of(pdf.day_sheets([replace(SHEET, stops=stops)], NOON, language=language), tmp_path)
    street = "嘉峪关路" if long else "山海关路"
    found = [page.count(street) for page in pages]
    assert sum(found) == doors
    assert all(1 <= each <= 6 for each in found)
    assert len(pages) <= -(-doors // 6) + (0 if language == "zh" and not long else 1 if doors < 12 else 2)
    assert "0532-00000123" in pages[-1]
    assert all(("送完请交回服务站" if language == "zh" else "Pleasehandback") in page for page in pages)


@needs_poppler
def test_two_trips_of_one_volunteer_are_two_sheets(tmp_path: Path) -> None:
    second = replace(SHEET, number="D-1126-07-R2", pickup_time="11:40", stops=SHEET.stops[:3])
    pages = pages_of(pdf.day_sheets([replace(SHEET, stops=SHEET.stops[:3]), second], NOON), tmp_path)
    assert ["11:00八大关" in pages[0], "11:40八大关" in pages[1], len(pages)] == [True, True, 2]


@needs_poppler
@pytest.mark.parametrize("rounds", [1, 2, 3, 13, 14, 15, 16, 20, 26])
def test_the_hand_over_line_stands_with_the_last_rounds(rounds: int, tmp_path: Path) -> None:
    many = tuple(replace(KITCHEN.rounds[0], number=f"R{n}") for n in range(1, rounds + 1))
    pages = pages_of(pdf.canteen_sheet(replace(KITCHEN, rounds=many, labels=())), tmp_path)
    assert f"R{rounds}" in pages[-1]
    assert "交接人" in pages[-1]
    assert sum(page.count("于*珍") for page in pages) == rounds
    assert all("谁来取" in page for page in pages)


@needs_poppler
@pytest.mark.parametrize("boxes", [3, 24, 25, 60])
def test_a_label_never_breaks_over_two_pages(boxes: int, tmp_path: Path) -> None:
    labels = tuple(replace(KITCHEN.labels[0], stop=n) for n in range(1, boxes + 1))
    pages = pages_of(pdf.canteen_sheet(replace(KITCHEN, labels=labels)), tmp_path)[1:]
    assert [page.count("R1-") for page in pages] == [page.count("食用时限") for page in pages]
    assert sum(page.count("R1-") for page in pages) == boxes


@needs_poppler
def test_day_sheet_of_home_visits_shows_times_instead_of_boxes(tmp_path: Path) -> None:
    stop = SheetStop(1, "正阳关路 5 号", "单爷爷", at="14:30", what="理发")
    home = replace(SHEET, title="服务日单", stops=(stop,), pickup_time="")
    found = words(pdf.day_sheets([home], NOON, language="zh"), tmp_path)
    assert "14:30理发" in found
    assert "取餐" not in found
    assert "餐带回" not in found


def test_day_sheets_of_an_empty_day_are_refused() -> None:
    with pytest.raises(Invalid):
        pdf.day_sheets([], NOON)


@needs_poppler
def test_kitchen_sheet_counts_boxes_and_labels_name_nobody(tmp_path: Path) -> None:
    found = words(pdf.canteen_sheet(KITCHEN), tmp_path)
    for expected in ("备餐单", "普通7份", "低盐1份", "R1", "于*珍", "食用时限13:00", "保存2年"):
        assert expected in found, expected


def test_every_paper_has_an_english_variant() -> None:
    assert pdf.statements([STATEMENT], language="en").startswith(b"%PDF")
    assert pdf.day_sheets([SHEET], NOON, language="en", demo=True).startswith(b"%PDF")
    assert pdf.canteen_sheet(KITCHEN, language="en").startswith(b"%PDF")


def test_own_fonts_come_before_the_packaged_ones(tmp_path: Path) -> None:
    source = Path(pdf.serif_path())
    (tmp_path / source.name).write_bytes(source.read_bytes())
    assert pdf.certificate(CERTIFICATE, font_dir=str(tmp_path)).startswith(b"%PDF")


def test_the_column_with_the_longest_words_takes_the_room_and_less_than_nothing_has_a_true_minus() -> None:
    passbook = Table("存折", ("行", "日期", "事由", "分钟"), ((1, date(2026, 11, 30), "服务存入", 21), (2, date(2026, 12, 1), "冲正", -17)))
    since = Table("更正", ("哪天更正", "内容", "相差"), (("2027-01-17", "送餐上门 2 户", -17),))
    assert (passbook.widest, since.widest, Table("空", ("月份", "分钟"), ()).widest) == (2, 1, 0)
    assert [shown(each) for each in passbook.rows[1]] == ["2", "2026-12-01", "冲正", "−17"]
    assert shown("2026-11") == "2026-11"


@pytest.mark.parametrize(("count", "unit"), [(0, "visits"), (1, "visit"), (2, "visits")])
def test_one_of_something_is_said_in_the_singular(count: int, unit: str) -> None:
    label, measure = ("服务", "Service"), Sentence.many_of("figures", count, "次")
    assert Figure.of(label, count, measure, "en") == Figure("Service", str(count), unit)
    assert Figure.of(label, count, measure, "zh") == Figure("服务", str(count), "次")


def test_quotation_marks_between_english_words_are_narrow(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf.tables(TablesPaper("A", "B", "C", NOON.date(), NOON, (), (), ("under “My hours” on",)), language="en"))
    out = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True, timeout=60).stdout.decode()
    (found,) = re.findall(r'xMin="([\d.]+)"[^>]*xMax="([\d.]+)"[^>]*>“My<', out)
    assert float(found[1]) - float(found[0]) < 20
