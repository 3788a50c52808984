"""The four workbooks a coordinator hands in: sheets, columns, what must be filled in and how each cell is read.

A sheet is known by its name, a column by its header, a row by its key fields. Reader, blank templates, seed script and
tests all use these lists, so a header is written once.
"""

from dataclasses import dataclass
from typing import Any

from timebank.exchange import cells
from timebank.exchange.cells import Parser
from timebank.places.points import DATUMS

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

    header: str
    english: str
    field: str
    parse: Parser
    help: str = ""
    required: bool = False
    width: int = 12
    default: Any = None
    stays: bool = False

    def clears(self, cell: object) -> bool:
        """Say whether a cell bids what stands in the register to be cleared."""
        return cells.is_clear(cell) or (self.parse is cells.windows and isinstance(cell, str) and cells.trimmed(cell) in cells.NOT_FREE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, the fields that name a row, and its columns."""

    name: str
    english: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

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
    title: str
    english: str
    sheets: tuple[Sheet, ...]


_NUMBER = Column("编号", "number", "number", cells.code, "同一个编号就是同一个人或同一条；再次导入时按编号更新。", required=True, width=8)
_LAT = Column("纬度", "latitude", "lat", cells.number(3, 54), "如 36.0559", required=True, width=10)
_LON = Column("经度", "longitude", "lon", cells.number(73, 136), "如 120.3521", required=True, width=10)
_DATUM = Column(
    "坐标系", "datum", "datum", cells.Choice(DATUMS), "高德、腾讯选 GCJ-02，百度选 BD-09；不填为 WGS-84", default="wgs84", width=9
)

_COMMUNITY = Column(
    "社区代码",
    "community code",
    "community",
    cells.code,
    "几个社区的行写在一份表里时填，与“社区”表的代码一致；只有一个社区不用填",
    default="",
    width=12,
)

COMMUNITY = Sheet(
    "社区",
    "community",
    ("code",),
    (
        Column("代码", "code", "code", cells.code, "英文字母或拼音，如 badaguan", required=True),
        Column("街道", "street", "street", cells.text(50), required=True, width=16),
        Column("社区", "community", "name", cells.text(50), required=True, width=16),
        Column("记录单位", "record unit", "issuer", cells.text(60), "出具志愿服务记录证明的单位全称", required=True, width=30),
        Column("统一社会信用代码", "credit code", "issuer_code", cells.text(18), "18 位，可以以后再填", default="", width=20),
        Column("负责人", "person in charge", "responsible", cells.name, required=True),
        Column("电话", "telephone", "phone", cells.telephone, required=True, width=15),
    ),
)
BUILDINGS = Sheet(
    "小区楼栋",
    "buildings",
    ("community", "compound", "building"),
    (
        Column("小区", "compound", "compound", cells.text(50), "小区或院落，如 正阳关路9号院", required=True, width=20),
        Column("楼栋", "building", "building", cells.text(30), "如 3号楼", required=True),
        Column("层数", "floors", "floors", cells.whole(1, 200), required=True, width=7),
        Column("电梯", "lift", "lift", cells.yes_no, "是或否", default=False, width=7),
        Column("进门分钟", "minutes to the door", "access", cells.whole(0, 60), "从路边走到单元门口的分钟数", default=1, width=9),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
CANTEENS = Sheet(
    "食堂",
    "canteens",
    ("community", "name"),
    (
        Column("名称", "name", "name", cells.text(50), required=True, width=20),
        Column("地址", "address", "address", cells.text(100), required=True, width=24),
        Column("取餐时段", "pick-up times", "pickup", cells.window, "如 10:50-11:40", required=True, width=14),
        Column("截单时间", "orders until", "closes", cells.minute, "前一天几点以后订餐、退餐算晚改，如 16:00", default=960, width=10),
        Column("热餐时限", "hot-food minutes", "hot", cells.whole(1, 240), "从取餐到最后一户的分钟数", default=45, width=9),
        Column("进门分钟", "minutes to the door", "access", cells.whole(0, 60), default=1, width=9),
        Column("电话", "telephone", "phone", cells.telephone, default="", width=15),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
STATIONS = Sheet(
    "服务站",
    "stations",
    ("community", "name"),
    (
        Column("名称", "name", "name", cells.text(50), required=True, width=22),
        Column("地址", "address", "address", cells.text(100), required=True, width=24),
        Column("开放时间", "opening hours", "hours", cells.text(60), "如 周一至周五 8:30-17:00", default="", width=24),
        Column("电话", "telephone", "phone", cells.telephone, default="", width=15),
        _LAT,
        _LON,
        _DATUM,
        _COMMUNITY,
    ),
)
UNITS = Sheet(
    "单位",
    "units",
    ("community", "name"),
    (
        Column("单位", "unit", "name", cells.text(50), required=True, width=26),
        Column("联系人", "contact", "contact", cells.text(50), "联系人或电话", default="", width=20),
        _COMMUNITY,
    ),
)
TEAMS = Sheet(
    "服务队",
    "teams",
    ("community", "name"),
    (Column("服务队", "team", "name", cells.text(50), required=True, width=26), _COMMUNITY),
)
VOLUNTEERS = Sheet(
    "志愿者",
    "volunteers",
    ("community", "number"),
    (
        _NUMBER,
        Column("姓名", "name", "name", cells.name, required=True),
        Column("性别", "gender", "gender", cells.Choice(GENDERS), "女或男", width=6),
        Column("出生年份", "year of birth", "birth_year", cells.whole(1900, 2100), width=9),
        Column("手机", "mobile", "phone", cells.mobile, "登录用，不能与别人重复；都没有智能手机的可以共用一个", required=True, width=13),
        Column("智能手机", "smartphone", "has_phone", cells.yes_no, "没有智能手机的由服务台代为登记", default=True, width=9),
        Column("身份", "status", "staff", cells.Choice(STATUSES), "专职人员也安排、也记录，但不计时间", default=False, width=8),
        Column("单位", "unit", "unit", cells.text(50), "与“单位”表一致；个人可空", default="", width=24),
        Column("住址", "address", "address", cells.text(100), default="", width=24),
        _LAT,
        _LON,
        _DATUM,
        Column("出行方式", "means of travel", "travel", cells.Choice(MODES), "步行或电动车", default="walk", width=9),
        Column("最多餐盒", "boxes", "boxes", cells.whole(0, 100), "一次最多带几份餐；不送餐填 0", default=6, width=9),
        Column("服务半径", "radius in metres", "radius", cells.whole(100, 50_000), "米，不填为不限", width=9),
        Column("每天上限", "minutes a day", "max_day", cells.whole(1, 720), "分钟，含路上时间", default=180, width=9),
        Column("每周上限", "minutes a week", "max_week", cells.whole(1, 5040), "分钟，含路上时间", default=360, width=9),
        *(Column(day, f"free on {en}", f"free_{n}", cells.windows, FREE_HELP, default=(), width=14) for n, (day, en) in DAYS),
        Column("保险有效期至", "insured until", "insured_until", cells.day, "意外险；没有保险的不安排要求保险的服务", width=13),
        Column("其他技能", "skills without proof", "skills", cells.words_list, "不需证明的技能，用分号隔开", default=(), width=24),
        Column(
            "服务队",
            "teams",
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
    "技能证明",
    "proofs of skills",
    ("community", "volunteer", "skill"),
    (
        Column("志愿者编号", "volunteer", "volunteer", cells.code, required=True, width=11),
        Column("技能", "skill", "skill", cells.text(40), "与服务目录一致，如 理发", required=True, width=16),
        Column("证明", "proof", "proof", cells.text(80), "证书或培训的名称和编号", required=True, width=34),
        Column("有效期至", "valid until", "expires", cells.day, "长期有效可空", width=12),
        _COMMUNITY,
    ),
)
ELDERS = Sheet(
    "老人",
    "elders",
    ("community", "number"),
    (
        _NUMBER,
        Column("姓名", "name", "name", cells.name, required=True),
        Column("性别", "gender", "gender", cells.Choice(GENDERS), "女或男", required=True, width=6),
        Column("出生年份", "year of birth", "birth_year", cells.whole(1900, 2100), required=True, width=9),
        Column("户号", "household", "household", cells.code, "夫妻填同一个户号：一户一站，地址也要相同", required=True, width=8),
        Column("小区", "compound", "compound", cells.text(50), "与“小区楼栋”表一致", required=True, width=20),
        Column("楼栋", "building", "building", cells.text(30), required=True),
        Column("单元", "entrance", "entrance", cells.text(10), default="", width=7),
        Column("楼层", "floor", "floor", cells.whole(1, 200), required=True, width=7),
        Column("门牌", "door", "door", cells.text(20), "只给当天上门的人看", required=True, width=8),
        Column("电话", "telephone", "phone", cells.telephone, "手机或座机", default="", width=15),
        Column("独居", "lives alone", "lives_alone", cells.yes_no, default=False, width=7),
        Column("自理程度", "level", "level", cells.Choice(LEVELS), "、".join(LEVELS), default="unknown", width=10),
        Column("饮食", "diet", "diet", cells.text(100), "如 软食、低盐、忌花生", default="", width=18),
        Column("照护提示", "care note", "care_note", cells.text(200), default="", width=28),
        Column("熟悉的送餐人", "usual deliverer", "usual", cells.codes, "志愿者编号", default=(), width=14),
        Column("不搭配", "do not pair", "excluded", cells.codes, "志愿者编号", default=(), width=12),
        Column("上门提示", "door note", "door_note", cells.text(200), "只给当天上门的人看", default="", width=28),
        Column("同意上门服务", "consent to service", "consent_service", cells.day, "同意的日期", width=13, stays=True),
        Column(
            "同意记录健康",
            "consent to health notes",
            "consent_health",
            cells.day,
            "填自理程度、饮食、照护提示前须单独同意",
            width=13,
            stays=True,
        ),
        Column("同意上门提示", "consent to door notes", "consent_door", cells.day, "填上门提示前须单独同意", width=13, stays=True),
        Column(
            "同意方式", "consent given by", "channel", cells.Choice(CHANNELS), "、".join(CHANNELS), default="paper", width=9, stays=True
        ),
        _COMMUNITY,
    ),
)
FAMILY = Sheet(
    "家属",
    "family",
    ("community", "elder", "phone"),
    (
        Column("老人编号", "elder", "elder", cells.code, required=True, width=10),
        Column("姓名", "name", "name", cells.name, required=True),
        Column("手机", "mobile", "phone", cells.mobile, "登录用", required=True, width=13),
        Column("关系", "relation", "relation", cells.text(20), "如 女儿、儿子、孙女、邻居", required=True, width=10),
        Column("可代办", "may speak for", "approved", cells.yes_no, "已核实可以替老人提出和确认服务", default=False, width=8, stays=True),
        Column(
            "共用手机",
            "shared mobile",
            "shared",
            cells.yes_no,
            "这个手机是别人登录用的、确实共用时填“是”；这样的家属要在老人页面上再批准",
            default=False,
            width=8,
        ),
        _COMMUNITY,
    ),
)
_ELDER = Column("老人编号", "elder", "elder", cells.code, required=True, width=10)
_KIND = Column("服务项目", "service", "kind", cells.text(20), "服务目录里的名称或代码，如 上门理发", required=True, width=16)
_WISHED = Column("希望时段", "wished time", "window", cells.window, "如 9:00-11:00；不填用服务目录的第一个时段", width=14)
_BOXES = Column("份数", "portions", "boxes", cells.whole(0, 20), "送餐几份；别的服务不填", default=0, width=7)
_MINUTES = Column("分钟", "minutes", "minutes", cells.whole(1, 720), "不填用服务目录的时长", width=7)
_WISH = Column("希望性别", "wished gender", "gender", cells.Choice(GENDERS), "希望女或男志愿者；不填为都可以", default="", width=9)
_NOTE = Column("备注", "note", "note", cells.text(300), default="", width=30)
STANDING = Sheet(
    "固定需求",
    "standing needs",
    ("community", "number"),
    (
        _NUMBER,
        _ELDER,
        _KIND,
        Column("频次", "repeats", "every_weeks", cells.Choice(REPEATS), "、".join(REPEATS), required=True, width=8),
        Column("星期", "weekdays", "weekdays", cells.weekdays, "如 工作日 或 一,三,五", required=True, width=10),
        Column("安排方式", "pattern", "pattern", cells.Choice(SPREADS), "所列每天都要，或任选其中一天", default="each_day", width=10),
        _WISHED,
        _BOXES,
        _MINUTES,
        _WISH,
        Column("起始日期", "from", "first_day", cells.day, "隔周、每4周从这一周起算", required=True, width=12),
        Column("截止日期", "until", "last_day", cells.day, width=12),
        _NOTE,
        _COMMUNITY,
    ),
)
ONCE = Sheet(
    "单次需求",
    "one-time needs",
    ("community", "number"),
    (
        _NUMBER,
        _ELDER,
        _KIND,
        Column("可选日期", "possible days", "dates", cells.days, "同一周内一天或几天，如 2026-11-25,2026-11-26", required=True, width=34),
        _WISHED,
        _BOXES,
        _MINUTES,
        _WISH,
        _NOTE,
        _COMMUNITY,
    ),
)

WORKBOOKS = (
    Workbook("places", "地点", "Places", (COMMUNITY, BUILDINGS, CANTEENS, STATIONS)),
    Workbook("volunteers", "志愿者", "Volunteers", (UNITS, TEAMS, VOLUNTEERS, PROOFS)),
    Workbook("elders", "老人", "Elders", (ELDERS, FAMILY)),
    Workbook("needs", "需求", "Needs", (STANDING, ONCE)),
)
HISTORY = Sheet(
    "历史服务",
    "history of service",
    ("community", "system", "number"),
    (
        Column("原系统", "older system", "system", cells.text(40), "从哪个系统带来的，如 市志愿者网", required=True, width=16),
        Column("原编号", "number there", "number", cells.text(60), "在原系统里的记录编号；同一个编号就是同一条", required=True, width=16),
        Column("志愿者编号", "volunteer", "volunteer", cells.code, required=True, width=11),
        Column("日期", "day", "day", cells.day, required=True, width=12),
        Column("分钟", "minutes", "minutes", cells.whole(1, 1440), required=True, width=7),
        Column("服务内容", "service", "what", cells.text(80), required=True, width=20),
        Column("地点", "place", "place", cells.text(80), default="", width=20),
        Column("原标记", "mark there", "mark", cells.text(40), "原系统怎样确认的，如 扫码签到、人工录入", default="", width=16),
        _COMMUNITY,
    ),
)
"""What another system recorded: it comes in beside the hours signed here and is never among them."""
HISTORY_BOOK = Workbook("history", "历史服务", "History of service", (HISTORY,))
EVERY_BOOK = (*WORKBOOKS, HISTORY_BOOK)
SHEETS = {sheet.name: sheet for workbook in EVERY_BOOK for sheet in workbook.sheets}
