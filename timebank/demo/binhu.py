"""Binhu, Hefei: 6,327 volunteers in 67 teams of nine neighbourhoods, where whoever gives may be whoever receives."""

from timebank.access.models import Role
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import Wish

HOODS = (
    ("kangyuan", "练青山"),
    ("fuyuan", "郁金兰"),
    ("heyuan", "步云轩"),
    ("runyuan", "都雅文"),
    ("xinyuan", "耿秋实"),
    ("shunyuan", "满园春"),
    ("qingyuan", "弓长远"),
    ("anyuan", "国泰宁"),
)

STORY = Story(
    name="binhu",
    officer=("17004900002", "竺清风"),
    offices=(
        Office(
            "huiyuan",
            ("17004900001", "宓雨荷"),
            (
                (Role.ADMIN, ("17004900003", "麦穗丰")),
                (Role.INSPECTOR, ("17004900004", "劳永正")),
                (Role.TEAM_LEAD, ("17004900005", "解思源")),
                (Role.BUILDING_LEAD, ("17004900006", "堵桂香")),
                (Role.CANTEEN, ("17004900007", "甄师傅")),
            ),
        ),
        *(Office(code, (f"170049001{place:02d}", name)) for place, (code, name) in enumerate(HOODS, start=1)),
    ),
    wishes=(Wish("SHOP", 8 * 60, 11 * 60), Wish("PHONE", 14 * 60, 16 * 60)),
)
