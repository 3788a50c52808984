"""Jiuquanlu, Lanzhou: five communities, each with a speciality of its own, and people who go to those who cannot come."""

from timebank.access.models import Role
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import Wish

STORY = Story(
    name="jiuquanlu",
    offices=(
        Office(
            "changjiaxiang",
            ("17002900001", "把秀云"),
            (
                (Role.ADMIN, ("17002900002", "魏铭远")),
                (Role.INSPECTOR, ("17002900003", "达文静")),
                (Role.TEAM_LEAD, ("17002900004", "者红霞")),
                (Role.BUILDING_LEAD, ("17002900005", "火德福")),
            ),
        ),
        Office("jingerjie", ("17002900011", "苗青兰")),
        Office("gongyuanxiang", ("17002900012", "豆佳慧")),
        Office("mutaxiang", ("17002900013", "虎晓梅")),
        Office("minqinjie", ("17002900014", "蒲海燕")),
    ),
    wishes=(Wish("LEARN", 9 * 60, 11 * 60), Wish("GOV", 9 * 60, 11 * 60 + 30)),
)
