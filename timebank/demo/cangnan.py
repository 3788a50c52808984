"""Cangnan, Weifang: the supermarket of services, from shopping with a list and receipt to a medical errand, and the elders' canteen."""

from timebank.access.models import Role
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import Wish

STORY = Story(
    name="cangnan",
    offices=(
        Office(
            "cangnan",
            ("17001900001", "蔺如月"),
            (
                (Role.ADMIN, ("17001900002", "满江春")),
                (Role.INSPECTOR, ("17001900003", "鞠明秀")),
                (Role.TEAM_LEAD, ("17001900005", "展红英")),
                (Role.BUILDING_LEAD, ("17001900006", "麻守成")),
                (Role.CANTEEN, ("17001900004", "辛师傅")),
            ),
        ),
    ),
    wishes=(Wish("SHOP", 8 * 60, 11 * 60), Wish("BILL", 9 * 60, 12 * 60), Wish("NAIL", 14 * 60, 17 * 60)),
)
