"""Binhu, Hefei: 6,327 volunteers in 67 teams of nine neighbourhoods, where whoever gives may be whoever receives.

1,216 posts are taken in the 189 buildings, one person each; at 11:30 of every school day the 老乡长 stand at the crossing, as they did for
more than 800 days; 45 projects have their sessions every month, where some 19,500 times somebody came, counted apart from persons and from
hours, and of 2,352 suggestions 783 are settled, with 53 groups to talk them over. 460 learn in nine classes, 78 clubs meet, and clothes are
given and taken outside the time ledger.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import select

from timebank import clock
from timebank.access.models import Role
from timebank.cases.actions import registering
from timebank.cases.actions.registering import Group, Line
from timebank.cases.counting import shares
from timebank.cases.models import Sort, Topic
from timebank.cases.registers import ClubSort, GiftSort, GiftWay
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.demo import tickets
from timebank.demo.neighbours import invented
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.tickets import Matter
from timebank.demo.week import FRIDAY, WEEK, Week, Wish
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.posts import actions as posts
from timebank.posts.actions import About
from timebank.posts.models import Post
from timebank.posts.queries import PART, colleagues_of
from timebank.stations import figures
from timebank.stations.actions import courses, sessions
from timebank.stations.actions.courses import Syllabus
from timebank.stations.actions.sessions import Draft
from timebank.stations.models import Kind
from timebank.visits import on_duty
from timebank.volunteers.models import Team, TeamMember, Volunteer

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
FIRST_HOOD = "惠园社区"
POSTS, BUILDINGS, MEMBERS, SUGGESTIONS, SETTLED, PROJECTS = 1216, 189, 3853, 2352, 783, 45
DUTIES = ("楼栋长岗", "卫生监督岗", "邻里互助岗", "文明劝导岗", "治安巡查岗", "政策宣传岗", "文体活动岗")
CROSSING = "老乡长护学岗"
DAYS_BEFORE = 812
MATTERS = (
    Matter(Sort.SUGGESTION, Topic.PARKING, "地下车库加几个充电桩", "物业装了六个"),
    Matter(Sort.SUGGESTION, Topic.LEISURE, "广场晚上音乐小一点", "定了九点收声"),
    Matter(Sort.SUGGESTION, Topic.CLEANLINESS, "楼道旧家具清一清", "约了车，统一清运"),
    Matter(Sort.SUGGESTION, Topic.PROPERTY, "单元门口加扶手", "两边都装了"),
    Matter(Sort.SUGGESTION, Topic.OTHER, "开一路到医院的小巴", "已转区里研究"),
)
WORKS = ("四点半课堂", "老年大学", "邻里节", "暑期托管", "法律讲堂")
"""The five projects of each neighbourhood: 45 together, each held once a month."""
MONTHS, TIMES = range(1, 12), 19_500
"""Until the week of the demo, and how many times somebody came within one month: 703,000 in three years."""
COUNCILS, AT_COUNCIL = 53, 11
"""The groups in which neighbours talk suggestions over; how many sit there is ours."""
LEARNERS, CLASSES = 460, ("合唱", "书法", "国画", "舞蹈", "太极", "摄影", "智能手机", "葫芦丝", "戏曲")
CLUBS, CLUB_MEMBERS = 78, 20_000
MEETINGS = (
    (ClubSort.ARTS, "合唱队"),
    (ClubSort.SPORT, "太极队"),
    (ClubSort.READING, "读书会"),
    (ClubSort.CRAFT, "手工社"),
    (ClubSort.SPORT, "乒乓球队"),
    (ClubSort.HOBBY, "摄影社"),
    (ClubSort.ARTS, "广场舞队"),
    (ClubSort.HOBBY, "棋友会"),
    (ClubSort.HELP, "妈妈团"),
)
CLOTHES = 1_050
"""So many pieces of clothing came in each of ten months: more than ten thousand."""
THURSDAY = WEEK + timedelta(days=3)


def _set_up(week: Week, place: int) -> None:
    """Let the posts of the buildings be taken, the crossing be kept, and the year's suggestions and projects have been."""
    buildings = places.buildings(week.community_id)
    first = place * len(buildings)
    for number, building in enumerate(buildings, start=first):
        _take_posts(week, building, _share(POSTS, number))
        group = Group(
            name=f"{building.compound.name}{building.name}楼栋小组", sort=ClubSort.HELP, members=_share(MEMBERS, number), meets="每月一次"
        )
        registering.add_club(week.community_id, group)
    if week.name == FIRST_HOOD:
        _keep_crossing(week)
        _give_clothes(week)
    _hold_projects(week, place)
    _teach_and_meet(week, place)
    _talk_over(week, place)
    hoods = BUILDINGS // len(buildings)
    brought, settled = (all_of * (place + 1) // hoods - all_of * place // hoods for all_of in (SUGGESTIONS, SETTLED))
    tickets.bring(week, brought, settled, MATTERS)
    registering.set_speciality(
        week.community_id,
        "滨湖帮客 · 睦邻互助合作社",
        "你帮我、我帮你：今天去帮人的，明天也有人来帮",
        [Sort.SUGGESTION],
        ["邻里互助", "护学"],
    )


def _share(all_of: int, number: int) -> int:
    """Return how many of something fall on one of the 189 buildings, so that together they are all of it."""
    return all_of * (number + 1) // BUILDINGS - all_of * number // BUILDINGS


def _kind(code: str) -> ServiceKind:
    """Return a kind of service by its code."""
    return db.session.scalars(select(ServiceKind).where(ServiceKind.code == code)).one()


def _take_posts(week: Week, building: Building, count: int) -> None:
    """Write down the posts of a building, an hour a week each, and let somebody who lives there take each."""
    address = f"{building.compound.name}{building.name}"
    mine = select(Volunteer).where(Volunteer.community_id == week.community_id, Volunteer.address == address)
    # Those without meals to carry come first: nobody is to be at a post when the noon meals go.
    living = db.session.scalars(mine.order_by(Volunteer.boxes, Volunteer.id).limit(count)).all()
    for place, volunteer in enumerate(living):
        name = f"{address}{DUTIES[place]}"
        post = posts.add_post(
            week.community_id, About(name=name, kind=_kind("WATCH"), building=building, first_day=FRIDAY.date()), week.coordinator
        )
        start = 9 * 60 if place % 2 else 15 * 60
        (shift,) = posts.add_shifts(post, [(place * 2 + building.id) % 7], (start, start + 60), 1, 1)
        posts.claim_shift(shift, volunteer)


def _keep_crossing(week: Week) -> None:
    """Let the 老乡长 stand at the crossing at 11:30 of every school day, eight of the 38 at a time."""
    about = About(
        name=CROSSING, kind=_kind("GUARD"), place="惠园小学门口", workdays_only=True, earlier_days=DAYS_BEFORE, first_day=FRIDAY.date()
    )
    post = posts.add_post(week.community_id, about, week.coordinator)
    shifts = posts.add_shifts(post, range(5), (11 * 60 + 20, 12 * 60), 4, 8)
    team = select(Volunteer).join(TeamMember).join(Team).where(Team.community_id == week.community_id, Team.name == "惠园护学队")
    people = db.session.scalars(team.order_by(Volunteer.id)).all()
    for place in range(len(shifts) * 8):
        posts.claim_shift(shifts[place % len(shifts)], people[place % len(people)])
    _swap_a_turn(post)


def _swap_a_turn(post: Post) -> None:
    """Let two who stand there have swapped their Thursday, and a third look for somebody to take hers."""
    turns = [each for each in on_duty.duties_of_part(PART, post.id, THURSDAY, THURSDAY) if each.volunteer is not None]
    for place, each in enumerate(turns[:2]):
        if each.volunteer is not None:
            offered = posts.offer_swap(each, each.volunteer, None)
            if place == 0:
                posts.take_swap(offered, colleagues_of(each.volunteer, each)[0])


def _give_clothes(week: Week) -> None:
    """Let clothes have been given and taken every month of the year; none of it is time."""
    stand = registering.open_place(week.community_id, "衣旧传情", GiftSort.CLOTHES, "惠园社区一楼")
    for month in range(1, 11):
        for way, count in ((GiftWay.IN, CLOTHES), (GiftWay.OUT, CLOTHES - 60)):
            line = Line(day=date(2026, month, 20), way=way, count=count, what="旧衣", who="居民")
            registering.enter(stand, line, week.coordinator)


def _teach_and_meet(week: Week, place: int) -> None:
    """Found the neighbourhood's class of the university for elders with its learners, and write its clubs down."""
    learners, clubs = _of_hoods(LEARNERS, place), _of_hoods(CLUBS, place)
    syllabus = Syllabus(
        title=f"老年大学{CLASSES[place]}班",
        kind=Kind.COURSE,
        seats=60,
        teacher_name=next(invented(week, 900)).name,
        place=f"{week.name}帮客点",
    )
    course = courses.found_course(week.community_id, syllabus)
    for person in islice(invented(week, 1000), learners):
        courses.join(course, person)
    first, met = CLUBS * place // len(CLASSES), CLUB_MEMBERS
    for number in range(clubs):
        members = met * (first + number + 1) // CLUBS - met * (first + number) // CLUBS
        sort, name = MEETINGS[number % len(MEETINGS)]
        registering.add_club(
            week.community_id, Group(name=f"{week.name.removesuffix('社区')}{name}", sort=sort, members=members, meets="每周一次")
        )


def _talk_over(week: Week, place: int) -> None:
    """Write down the groups of the neighbourhood in which suggestions are talked over."""
    for number in range(_of_hoods(COUNCILS, place)):
        group = Group(
            name=f"{week.name.removesuffix('社区')}居民议事小组{number + 1}", sort=ClubSort.HELP, members=AT_COUNCIL, meets="每月一次"
        )
        registering.add_club(week.community_id, group)


def _of_hoods(all_of: int, place: int) -> int:
    """Return how many of something fall on one of the nine neighbourhoods, so that together they are all of it."""
    return all_of * (place + 1) // len(CLASSES) - all_of * place // len(CLASSES)


def _hold_projects(week: Week, place: int) -> None:
    """Let each project of the neighbourhood have been held every month, with how often somebody came."""
    for month in MONTHS:
        for number, title in enumerate(WORKS):
            day = date(2026, month, 3 + 4 * number)
            clock.clock.start_at(clock.at(day, 14 * 60))
            draft = Draft(kind=Kind.OTHER, title=title, day=day, start=14 * 60, end=16 * 60, seats=500, place=f"{week.name}帮客点")
            held = sessions.hold(week.community_id, draft)
            project = place * len(WORKS) + number
            sessions.count(held, TIMES * (project + 1) // PROJECTS - TIMES * project // PROJECTS, 0)
            clock.clock.start_at(clock.at(day, 16 * 60 + 10))
            sessions.close(held, week.coordinator)
    clock.clock.start_at(FRIDAY)


def _place(week: Week) -> int:
    """Return which of the nine neighbourhoods a week is of."""
    return [office.coordinator[0] for office in STORY.offices].index(week.phone)


def _tell(week: Week) -> Iterator[str]:
    """Say how many came to the projects, and how many suggestions were settled."""
    found, share = figures.served(week.community_id, date(2026, 1, 1), WEEK), shares(week.community_id, WEEK.year).whole
    yield (
        f"{week.name} {len(WORKS)} 个项目办了 {found.sessions} 场、{found.times} 人次；建议 {share.received} 条，办成 {share.settled} 条"
        f" / {len(WORKS)} projects, {found.sessions} sessions, {found.times} person-times; {share.received} suggestions, {share.settled} settled"
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
    sets_up=lambda week: _set_up(week, _place(week)),
    tells=_tell,
)
