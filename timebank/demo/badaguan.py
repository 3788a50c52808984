"""Badaguan, Qingdao: noon meals carried upstairs to some seventy elders, in all weather."""

from timebank.access.models import Role
from timebank.demo.office import Office
from timebank.demo.story import Story

STORY = Story(
    name="badaguan",
    offices=(
        Office(
            "badaguan",
            ("18653200001", "衣晓雯"),
            (
                (Role.ADMIN, ("18653200002", "綦文远")),
                (Role.INSPECTOR, ("18653200003", "宫映秋")),
                (Role.TEAM_LEAD, ("18653200005", "邢春霞")),
                (Role.BUILDING_LEAD, ("18653200006", "房德顺")),
                (Role.CANTEEN, ("18653200004", "逄师傅")),
            ),
        ),
    ),
)
