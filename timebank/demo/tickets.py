"""What people brought to a demo's desk in the year before its week: each taken in, sorted, worked on, ended and called back on its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from timebank import clock
from timebank.access.models import User
from timebank.cases.actions import handling, intake
from timebank.cases.actions.intake import Brought
from timebank.cases.models import Door, Heard, Outcome, Sort, Ticket, Topic, Way
from timebank.demo.neighbours import invented
from timebank.demo.week import FRIDAY, Week
from timebank.places import queries as places

YEAR_BEGINS = date(2026, 1, 5)
LASTS = (FRIDAY.date() - YEAR_BEGINS).days - 21
"""The days of the year on which people came; whatever is brought then is over by the week of the demo."""
DOORS = (Door.DESK, Door.PHONE, Door.DESK)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something people bring: its sort and topic, in their words, and the answer they get when it is settled."""

    sort: Sort
    topic: Topic
    words: str
    answer: str


MATTERS = (
    Matter(Sort.PROBLEM, Topic.REPAIR, "楼道灯坏了，晚上看不见", "当天换了灯泡和开关"),
    Matter(Sort.PROBLEM, Topic.CLEANLINESS, "垃圾桶满了两天没人收", "联系环卫，改成一天收两次"),
    Matter(Sort.PROBLEM, Topic.PARKING, "有车停在消防通道", "打电话挪了车，画了线"),
    Matter(Sort.CONSULTATION, Topic.BENEFITS, "高龄津贴怎么办", "讲清要带的证件，约好了日子"),
    Matter(Sort.PROBLEM, Topic.PROPERTY, "单元门关不严，冬天冷", "物业换了闭门器"),
    Matter(Sort.SUGGESTION, Topic.LEISURE, "想在广场边装几条长椅", "装了四条，靠墙避风"),
    Matter(Sort.PROBLEM, Topic.REPAIR, "下水道返味", "疏通了，加了防臭地漏"),
    Matter(Sort.CONSULTATION, Topic.INFORMATION, "医保异地备案怎么弄", "在手机上一起办好了"),
)


def bring(week: Week, count: int, settled: int, matters: Sequence[Matter] = MATTERS) -> None:
    """Let so many things have been brought over the year, of which so many were settled; the rest was passed on or could not be done."""
    office = week.coordinator
    buildings = places.buildings(week.community_id)
    for place, person in enumerate(islice(invented(week, 400), count)):
        day = YEAR_BEGINS + timedelta(days=place * LASTS // count)
        clock.clock.start_at(clock.at(day, 9 * 60 + place * 7 % 420))
        matter = matters[place % len(matters)]
        said = Brought(
            sort=matter.sort,
            door=DOORS[place % len(DOORS)],
            name=person.name,
            phone=person.phone,
            words=matter.words,
            building=buildings[place * 5 % len(buildings)],
        )
        ticket = intake.take_in(week.community_id, said, office)
        # Spread evenly: the settled are settled wherever their running share passes the next whole number.
        _finish(ticket, matter, office, place, settled=(place + 1) * settled // count > place * settled // count)
    clock.clock.start_at(FRIDAY)


def _finish(ticket: Ticket, matter: Matter, office: User, place: int, *, settled: bool) -> None:
    """Bring one thing to its end, in some days."""
    handling.sort_out(ticket, office, sort=matter.sort, topic=matter.topic, charge=handling.Charge(user=office))
    clock.clock.start_at(clock.now() + timedelta(days=1))
    handling.begin(ticket, office)
    clock.clock.start_at(clock.now() + timedelta(days=1 + place % 4))
    outcome = Outcome.SETTLED if settled else (Outcome.PASSED_ON, Outcome.NOT_SETTLED)[place % 2]
    handling.end(ticket, office, outcome, matter.answer if settled else "已转街道和有关单位研究，有消息再回话")
    clock.clock.start_at(clock.now() + timedelta(days=1))
    heard = (Heard.SATISFIED if place % 11 else Heard.PARTLY) if settled else (Heard.PARTLY, Heard.NOT)[place % 2]
    handling.call_back(ticket, office, heard, Way.PHONE, "" if heard is Heard.SATISFIED else "希望再快些，有消息来电话")


def just_brought(week: Week, matters: Sequence[Matter], first: int = 380) -> list[Ticket]:
    """Let things have been brought lately that wait at their first steps: to be sorted, begun, called back."""
    office = week.coordinator
    found = []
    for place, (matter, person) in enumerate(zip(matters, invented(week, first), strict=False)):
        said = Brought(sort=matter.sort, door=DOORS[place % len(DOORS)], name=person.name, phone=person.phone, words=matter.words)
        ticket = intake.take_in(week.community_id, said, office)
        if place % 4:
            handling.sort_out(ticket, office, sort=matter.sort, topic=matter.topic, charge=handling.Charge(user=office))
        if place % 4 > 1:
            handling.begin(ticket, office)
        if place % 4 == 3:
            handling.end(ticket, office, Outcome.SETTLED, matter.answer)
        found.append(ticket)
    return found
