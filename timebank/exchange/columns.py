"""The four workbooks a coordinator hands in: sheets, columns, what must be filled in and how each cell is read.

A sheet is known by its name, a column by its header, a row by its key fields. Reader, blank templates, seed script and
tests all use these lists, so a header is written once.
"""

from dataclasses import dataclass
from typing import Any

from timebank.exchange import cells
from timebank.exchange.cells import Parser
from timebank.hours import DAY_AT_MOST
from timebank.places.points import DATUMS
from timebank.sentences import Pair, Sentence

NOTES_SHEET = "填表说明"
GENDERS = {"女": "F", "男": "M"}
MODES = {"步行": "walk", "电动车": "ebike"}
LEVELS = {"未评估": "unknown", "能自理": "able", "部分失能": "partly", "失能": "lost"}
CHANNELS = {"纸质": "paper", "电话": "phone", "当面": "in_person", "网上": "web"}
REPEATS = {"每周": 1, "隔周": 2, "每3周": 3, "每4周": 4, "每8周": 8}
SPREADS = {"每天都要": "each_day", "任选一天": "one_of"}
STATUSES = {"志愿者": False, "专职": True}
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAYS = tuple(enumerate(zip(WEEK, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)))
FREE_HELP = "如 9:00-11:30,14:00-17:00；没空写“无”"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: header, field name, how a cell is read, whether it must be filled in or may be cleared, and a line of help."""

    words: Pair
    field: str
    parse: Parser
    help: str = ""
    required: bool = False
    width: int = 12
    default: Any = None
    stays: bool = False

    @property
    def header(self) -> str:
        """The header, by which the column is known."""
        return self.words[0]

    @property
    def english(self) -> str:
        """The header in English, as remarks name it."""
        return self.words[1]

    def clears(self, cell: object) -> bool:
        """Say whether a cell bids what stands in the register to be cleared."""
        return cells.is_clear(cell) or (self.parse is cells.windows and isinstance(cell, str) and cells.trimmed(cell) in cells.NOT_FREE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, the fields that name a row, and its columns."""

    words: Pair
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The name, by which the sheet is known."""
        return self.words[0]

    @property
    def english(self) -> str:
        """The name in English."""
        return self.words[1]

    def column(self, field: str) -> Column:
        """Return the column of a field."""
        return next(column for column in self.columns if column.field == field)

    @property
    def headers(self) -> list[str]:
        """The headers in their order."""
        return [column.header for column in self.columns]


@dataclass(frozen=True, slots=True)
class Workbook:
    """One Excel file of several sheets."""

    stem: str
    words: Pair
    sheets: tuple[Sheet, ...]

    @property
    def title(self) -> str:
        """What the file is called."""
        return self.words[0]


_NUMBER = Column(
    Sentence.of("exchange", "编号"), "number", cells.code, "同一个编号就是同一个人或同一条；再次导入时按编号更新。", required=True, width=8
)
_LAT = Column(Sentence("纬度"), "lat", cells.number(3, 54), "如 36.0559", required=True, width=10)
_LON = Column(Sentence("经度"), "lon", cells.number(73, 136), "如 120.3521", required=True, width=10)
_DATUM = Column(
    Sentence("坐标系"), "datum", cells.Choice(DATUMS), "高德、腾讯选 GCJ-02，百度选 BD-09；不填为 WGS-84", default="wgs84", width=9
)

_COMMUNITY = Column(
    Sentence("社区代码"),
    "community",
    cells.code,
    "几个社区的行写在一份表里时填，与“社区”表的代码一致；只有一个社区不用填",
    default="",
    width=12,
)

COMMUNITY = Sheet(
    Sentence.of("exchange", "社区"),
    ("code",),
    (
        Column(Sentence("代码"), "code", cells.code, "英文字母或拼音，如 badaguan", required=True),
        Column(Sentence.of("exchange", "街道"), "street", cells.text(50), required=True, width=16),
        Column(Sentence.of("exchange", "社区"), "name", cells.text(50), required=True, width=16),
        Column(Sentence.of("exchange", "记录单位"), "issuer", cells.text(60), "出具志愿服务记录证明的单位全称", required=True, width=30),
        Column(Sentence.of("exchange", "统一社会信用代码"), "issuer_code", cells.text(18), "18 位，可以以后再填", default="", width=20),
        Column(Sentence.of("exchange", "负责人"), "responsible", cells.name, required=True),
        Column(Sentence.of("exchange", "电话"), "phone", cells.telephone, required=True, width=15),
    ),
)
BUILDINGS = Sheet(
    Sentence("小区楼栋"),
    ("community", "compound", "building"),
    (
        Column(Sentence.of("exchange", "小区"), "compound", cells.text(50), "小区或院落，如 正阳关路9号院", required=True, width=20),
        Column(Sentence.of("exchange", "楼栋"), "building", cells.text(30), "如 3号楼", required=True),
        Column(Sentence("层数"), "floors", cells.whole(1, 200), required=True, width=7),
        Column(Sentence.of("exchange", "电梯"), "lift", cells.yes_no, "是或否", default=False, width=7),
        Column(Sentence.of("exchange", "进门分钟"), "access", cells.whole(0, 60), "从路边走到单元门口的分钟数", default=1, width=9),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
CANTEENS = Sheet(
    Sentence.of("exchange", "食堂"),
    ("community", "name"),
    (
        Column(Sentence.of("exchange", "名称"), "name", cells.text(50), required=True, width=20),
        Column(Sentence.of("exchange", "地址"), "address", cells.text(100), required=True, width=24),
        Column(Sentence("取餐时段"), "pickup", cells.window, "如 10:50-11:40", required=True, width=14),
        Column(Sentence("截单时间"), "closes", cells.minute, "前一天几点以后订餐、退餐算晚改，如 16:00", default=960, width=10),
        Column(Sentence("热餐时限"), "hot", cells.whole(1, 240), "从取餐到最后一户的分钟数", default=45, width=9),
        Column(Sentence.of("exchange", "进门分钟"), "access", cells.whole(0, 60), default=1, width=9),
        Column(Sentence.of("exchange", "电话"), "phone", cells.telephone, default="", width=15),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
STATIONS = Sheet(
    Sentence.of("exchange", "服务站"),
    ("community", "name"),
    (
        Column(Sentence.of("exchange", "名称"), "name", cells.text(50), required=True, width=22),
        Column(Sentence.of("exchange", "地址"), "address", cells.text(100), required=True, width=24),
        Column(Sentence("开放时间"), "hours", cells.text(60), "如 周一至周五 8:30-17:00", default="", width=24),
        Column(Sentence.of("exchange", "电话"), "phone", cells.telephone, default="", width=15),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
UNITS = Sheet(
    Sentence.of("exchange", "单位"),
    ("community", "name"),
    (
        Column(Sentence.of("exchange.2", "单位"), "name", cells.text(50), required=True, width=26),
        Column(Sentence.of("exchange", "联系人"), "contact", cells.text(50), "联系人或电话", default="", width=20),
        _COMMUNITY,
    ),
)
TEAMS = Sheet(
    Sentence.of("exchange", "服务队"),
    ("community", "name"),
    (Column(Sentence.of("exchange.2", "服务队"), "name", cells.text(50), required=True, width=26), _COMMUNITY),
)
VOLUNTEERS = Sheet(
    Sentence.of("exchange", "志愿者"),
    ("community", "number"),
    (
        _NUMBER,
        Column(Sentence.of("exchange", "姓名"), "name", cells.name, required=True),
        Column(Sentence.of("exchange", "性别"), "gender", cells.Choice(GENDERS), "女或男", width=6),
        Column(Sentence.of("exchange", "出生年份"), "birth_year", cells.whole(1900, 2100), width=9),
        Column(
            Sentence.of("exchange", "手机"),
            "phone",
            cells.mobile,
            "登录用，不能与别人重复；都没有智能手机的可以共用一个",
            required=True,
            width=13,
        ),
        Column(Sentence("智能手机"), "has_phone", cells.yes_no, "没有智能手机的由服务台代为登记", default=True, width=9),
        Column(
            Sentence.of("exchange", "身份"), "staff", cells.Choice(STATUSES), "专职人员也安排、也记录，但不计时间", default=False, width=8
        ),
        Column(Sentence.of("exchange.2", "单位"), "unit", cells.text(50), "与“单位”表一致；个人可空", default="", width=24),
        Column(Sentence("住址"), "address", cells.text(100), default="", width=24),
        _LAT,
        _LON,
        _DATUM,
        Column(Sentence.of("exchange", "出行方式"), "travel", cells.Choice(MODES), "步行或电动车", default="walk", width=9),
        Column(Sentence("最多餐盒"), "boxes", cells.whole(0, 100), "一次最多带几份餐；不送餐填 0", default=6, width=9),
        Column(Sentence("服务半径"), "radius", cells.whole(100, 50_000), "米，不填为不限", width=9),
        Column(Sentence("每天上限"), "max_day", cells.whole(1, DAY_AT_MOST), "分钟，含路上时间", default=180, width=9),
        Column(Sentence.of("exchange", "每周上限"), "max_week", cells.whole(1, 5040), "分钟，含路上时间", default=360, width=9),
        *(Column((day, f"free on {en}"), f"free_{n}", cells.windows, FREE_HELP, default=(), width=14) for n, (day, en) in DAYS),
        Column(Sentence("保险有效期至"), "insured_until", cells.day, "意外险；没有保险的不安排要求保险的服务", width=13),
        Column(Sentence("其他技能"), "skills", cells.words_list, "不需证明的技能，用分号隔开", default=(), width=24),
        Column(
            Sentence.of("exchange", "服务队"),
            "teams",
            cells.words_list,
            "与“服务队”表一致，几个队用分号隔开；离队请在志愿者页面上办",
            default=(),
            width=24,
            stays=True,
        ),
        _COMMUNITY,
    ),
)
PROOFS = Sheet(
    Sentence.of("exchange", "技能证明"),
    ("community", "volunteer", "skill"),
    (
        Column(Sentence.of("exchange", "志愿者编号"), "volunteer", cells.code, required=True, width=11),
        Column(Sentence.of("exchange", "技能"), "skill", cells.text(40), "与服务目录一致，如 理发", required=True, width=16),
        Column(Sentence.of("exchange", "证明"), "proof", cells.text(80), "证书或培训的名称和编号", required=True, width=34),
        Column(Sentence("有效期至"), "expires", cells.day, "长期有效可空", width=12),
        _COMMUNITY,
    ),
)
ELDERS = Sheet(
    Sentence.of("exchange", "老人"),
    ("community", "number"),
    (
        _NUMBER,
        Column(Sentence.of("exchange", "姓名"), "name", cells.name, required=True),
        Column(Sentence.of("exchange", "性别"), "gender", cells.Choice(GENDERS), "女或男", required=True, width=6),
        Column(Sentence.of("exchange", "出生年份"), "birth_year", cells.whole(1900, 2100), required=True, width=9),
        Column(Sentence("户号"), "household", cells.code, "夫妻填同一个户号：一户一站，地址也要相同", required=True, width=8),
        Column(Sentence.of("exchange", "小区"), "compound", cells.text(50), "与“小区楼栋”表一致", required=True, width=20),
        Column(Sentence.of("exchange", "楼栋"), "building", cells.text(30), required=True),
        Column(Sentence.of("exchange", "单元"), "entrance", cells.text(10), default="", width=7),
        Column(Sentence.of("exchange", "楼层"), "floor", cells.whole(1, 200), required=True, width=7),
        Column(Sentence("门牌"), "door", cells.text(20), "只给当天上门的人看", required=True, width=8),
        Column(Sentence.of("exchange", "电话"), "phone", cells.telephone, "手机或座机", default="", width=15),
        Column(Sentence.of("exchange", "独居"), "lives_alone", cells.yes_no, default=False, width=7),
        Column(Sentence.of("exchange", "自理程度"), "level", cells.Choice(LEVELS), "、".join(LEVELS), default="unknown", width=10),
        Column(Sentence.of("exchange", "饮食"), "diet", cells.text(100), "如 软食、低盐、忌花生", default="", width=18),
        Column(Sentence.of("exchange", "照护提示"), "care_note", cells.text(200), default="", width=28),
        Column(Sentence("熟悉的送餐人"), "usual", cells.codes, "志愿者编号", default=(), width=14),
        Column(Sentence("不搭配"), "excluded", cells.codes, "志愿者编号", default=(), width=12),
        Column(Sentence.of("exchange", "上门提示"), "door_note", cells.text(200), "只给当天上门的人看", default="", width=28),
        Column(Sentence("同意上门服务"), "consent_service", cells.day, "同意的日期", width=13, stays=True),
        Column(
            Sentence("同意记录健康"),
            "consent_health",
            cells.day,
            "填自理程度、饮食、照护提示前须单独同意",
            width=13,
            stays=True,
        ),
        Column(Sentence("同意上门提示"), "consent_door", cells.day, "填上门提示前须单独同意", width=13, stays=True),
        Column(Sentence("同意方式"), "channel", cells.Choice(CHANNELS), "、".join(CHANNELS), default="paper", width=9, stays=True),
        _COMMUNITY,
    ),
)
FAMILY = Sheet(
    Sentence.of("exchange", "家属"),
    ("community", "elder", "phone"),
    (
        Column(Sentence("老人编号"), "elder", cells.code, required=True, width=10),
        Column(Sentence.of("exchange", "姓名"), "name", cells.name, required=True),
        Column(Sentence.of("exchange", "手机"), "phone", cells.mobile, "登录用", required=True, width=13),
        Column(Sentence("关系"), "relation", cells.text(20), "如 女儿、儿子、孙女、邻居", required=True, width=10),
        Column(Sentence("可代办"), "approved", cells.yes_no, "已核实可以替老人提出和确认服务", default=False, width=8, stays=True),
        Column(
            Sentence("共用手机"),
            "shared",
            cells.yes_no,
            "这个手机是别人登录用的、确实共用时填“是”；这样的家属要在老人页面上再批准",
            default=False,
            width=8,
        ),
        _COMMUNITY,
    ),
)
_ELDER = Column(Sentence("老人编号"), "elder", cells.code, required=True, width=10)
_KIND = Column(Sentence("服务项目"), "kind", cells.text(20), "服务目录里的名称或代码，如 上门理发", required=True, width=16)
_WISHED = Column(Sentence("希望时段"), "window", cells.window, "如 9:00-11:00；不填用服务目录的第一个时段", width=14)
_BOXES = Column(Sentence.of("exchange", "份数"), "boxes", cells.whole(0, 20), "送餐几份；别的服务不填", default=0, width=7)
_MINUTES = Column(Sentence("分钟"), "minutes", cells.whole(1, DAY_AT_MOST), "不填用服务目录的时长", width=7)
_WISH = Column(Sentence("希望性别"), "gender", cells.Choice(GENDERS), "希望女或男志愿者；不填为都可以", default="", width=9)
_NOTE = Column(Sentence.of("exchange", "备注"), "note", cells.text(300), default="", width=30)
STANDING = Sheet(
    Sentence("固定需求"),
    ("community", "number"),
    (
        _NUMBER,
        _ELDER,
        _KIND,
        Column(Sentence("频次"), "every_weeks", cells.Choice(REPEATS), "、".join(REPEATS), required=True, width=8),
        Column(Sentence("星期"), "weekdays", cells.weekdays, "如 工作日 或 一,三,五", required=True, width=10),
        Column(Sentence("安排方式"), "pattern", cells.Choice(SPREADS), "所列每天都要，或任选其中一天", default="each_day", width=10),
        _WISHED,
        _BOXES,
        _MINUTES,
        _WISH,
        Column(Sentence("起始日期"), "first_day", cells.day, "隔周、每4周从这一周起算", required=True, width=12),
        Column(Sentence("截止日期"), "last_day", cells.day, width=12),
        _NOTE,
        _COMMUNITY,
    ),
)
ONCE = Sheet(
    Sentence("单次需求"),
    ("community", "number"),
    (
        _NUMBER,
        _ELDER,
        _KIND,
        Column(Sentence("可选日期"), "dates", cells.days, "同一周内一天或几天，如 2026-11-25,2026-11-26", required=True, width=34),
        _WISHED,
        _BOXES,
        _MINUTES,
        _WISH,
        _NOTE,
        _COMMUNITY,
    ),
)

WORKBOOKS = (
    Workbook("places", Sentence.of("exchange", "地点"), (COMMUNITY, BUILDINGS, CANTEENS, STATIONS)),
    Workbook("volunteers", Sentence("志愿者"), (UNITS, TEAMS, VOLUNTEERS, PROOFS)),
    Workbook("elders", Sentence("老人"), (ELDERS, FAMILY)),
    Workbook("needs", Sentence("需求"), (STANDING, ONCE)),
)
HISTORY = Sheet(
    Sentence("历史服务"),
    ("community", "system", "number"),
    (
        Column(Sentence("原系统"), "system", cells.text(40), "从哪个系统带来的，如 市志愿者网", required=True, width=16),
        Column(
            Sentence.of("exchange", "原编号"),
            "number",
            cells.text(60),
            "在原系统里的记录编号；同一个编号就是同一条",
            required=True,
            width=16,
        ),
        Column(Sentence.of("exchange", "志愿者编号"), "volunteer", cells.code, required=True, width=11),
        Column(Sentence.of("exchange", "日期"), "day", cells.day, required=True, width=12),
        Column(Sentence("分钟"), "minutes", cells.whole(1, 1440), required=True, width=7),
        Column(Sentence.of("exchange", "服务内容"), "what", cells.text(80), required=True, width=20),
        Column(Sentence.of("exchange.2", "地点"), "place", cells.text(80), default="", width=20),
        Column(Sentence.of("exchange", "原标记"), "mark", cells.text(40), "原系统怎样确认的，如 扫码签到、人工录入", default="", width=16),
        _COMMUNITY,
    ),
)
"""What another system recorded: it comes in beside the hours signed here and is never among them."""
HISTORY_BOOK = Workbook("history", Sentence.of("exchange", "历史服务"), (HISTORY,))
EVERY_BOOK = (*WORKBOOKS, HISTORY_BOOK)
SHEETS = {sheet.name: sheet for workbook in EVERY_BOOK for sheet in workbook.sheets}
