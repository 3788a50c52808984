"""A small town with one of everything, its people and words marked so that a leak shows: who reads what they may not."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.stations.scene import furnish
from timebank import audit, clock
from timebank.access import actions as access
from timebank.access import guards, tokens
from timebank.access.models import Role, User
from timebank.access.tokens import ApiToken, Scope
from timebank.books import passbooks
from timebank.cases.actions import intake, registering
from timebank.cases.actions.intake import Brought
from timebank.cases.actions.registering import Group
from timebank.cases.models import Door, Sort
from timebank.cases.registers import ClubSort, GiftSort
from timebank.catalogue.models import ServiceKind, Skill
from timebank.certificates import actions as certificates
from timebank.db import db, transaction
from timebank.elders import binding
from timebank.elders.models import Elder, Household, Pause
from timebank.exchange.models import ImportBatch
from timebank.feeds import actions as feeds
from timebank.places.models import Community, Station
from timebank.planning.actions import weeks
from timebank.planning.models import Assignment, Unserved
from timebank.posts import actions as posts
from timebank.posts.actions import About
from timebank.records.actions import keeping, objecting
from timebank.records.models import CallBack, CheckWeek, Finding, OlderBatch
from timebank.stations.models import Attendance, CheckUp, Course, Item, Learner, ServiceSession
from timebank.visits import calls, on_duty
from timebank.visits.actions import confirming, duties, entering, serving
from timebank.visits.models import Outcome, Pairing, ServiceRecord, Tie, Trust, Visit
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Availability, HeldSkill, TimeOff, Unit, Volunteer

NOW = "2026-11-25 12:30"
THURSDAY = make.WEDNESDAY + timedelta(days=1)
ROLES = (Role.COORDINATOR, Role.INSPECTOR, Role.CANTEEN, Role.STEWARD, Role.BUILDING_LEAD, Role.TEAM_LEAD, Role.STREET_OFFICER)


@dataclass
class Town:
    """One community: the users by what they are, the numbers of its rows, and the words that must not leak."""

    community: int = 0
    users: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def browser(self, app: Flask, who: str) -> Browser:
        """Return a browser in which somebody of this town is signed in."""
        browser = open_browser(app)
        with app.app_context(), transaction():
            token, _session = access.sign_in(db.session.get_one(User, self.users[who]))
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser


def build_town(app: Flask, mark: str = "甲") -> Town:
    """Build a town on the Wednesday at noon of the builders' week; ``mark`` stands in every name and word of it."""
    town = Town()
    with app.app_context(), transaction():
        audit.actor.set("system")
        make.set_clock("2026-11-24 09:00")
        _people(town, mark)
        _yesterday(town)
        _today(town)
        _plan(town)
        _on_duty(town)
        _beside_visits(town, mark)
        make.set_clock(NOW)
    return town


def _people(town: Town, mark: str) -> None:
    """Add the community, its office, its volunteers, the elder and her family."""
    community = make.make_community(f"town-{next(make.NUMBERS)}", name=f"{mark}坡社区", phone="0532-1111 2222")
    town.community = community.id
    town.users = {role.value: make.make_user(role, community, name=f"{mark}{role.value}").id for role in ROLES}
    town.users["admin"] = make.make_user(Role.ADMIN, None).id
    canteen = make.make_canteen(community, name=f"{mark}坡食堂")
    building = make.make_building(community, f"{mark}坡路 77 号")
    home = make.make_household(community, building, door=f"{mark}门东户", door_note=f"{mark}钥匙在门垫下")
    elder = make.make_elder(
        home, f"吕{mark}英", phone=f"136555500{ord(mark[0]) % 90 + 10}", care_note=f"{mark}心脏病", diet=f"{mark}糖尿病餐"
    )
    daughter = make.make_user(Role.FAMILY, None, name=f"{mark}家属")
    make.make_family(elder, daughter)
    waiting = make.make_family(elder, make.make_user(Role.FAMILY, None, name=f"{mark}表亲"), approved=False)
    town.users |= {"family": daughter.id}
    for name in ("one", "two"):
        user = make.make_user(Role.VOLUNTEER, community)
        carer = make.make_volunteer(community, f"郭{mark}洁" if name == "one" else f"冯{mark}华", user_id=user.id)
        for weekday in range(7):
            make.add(Availability(volunteer_id=carer.id, weekday=weekday, start=480, end=1080))
        town.users[name] = user.id
        town.rows[f"carer_{name}"] = carer.id
    tokens.make_token(db.session.get_one(User, town.users["one"]), "排班表", [Scope.READ], 90, None)
    town.rows["feed"] = feeds.make(db.session.get_one(Volunteer, town.rows["carer_one"]), db.session.get_one(User, town.users["one"])).id
    town.rows["token"] = db.session.scalars(select(ApiToken.id).where(ApiToken.user_id == town.users["one"])).one()
    skill = make.add(Skill(code=f"skill{next(make.NUMBERS)}", name="理发", name_en="Haircut"))
    team = volunteers.add_team(community.id, f"{mark}坡队")
    for name in ("one", "two"):
        member = volunteers.join_team(team, db.session.get_one(Volunteer, town.rows[f"carer_{name}"]), make.MONDAY, "报名")
        town.rows["member"] = member.id
    for role, thing in ((Role.STEWARD, building.compound), (Role.TEAM_LEAD, team), (Role.BUILDING_LEAD, building), (Role.CANTEEN, canteen)):
        volunteers.look_after(db.session.get_one(User, town.users[role.value]), [thing])
    held = make.add(HeldSkill(volunteer_id=town.rows["carer_one"], skill_id=skill.id, proof="证"))
    away = make.add(TimeOff(volunteer_id=town.rows["carer_one"], day=THURSDAY + timedelta(days=1), reason=f"{mark}体检"))
    pause = make.add(Pause(elder_id=elder.id, first_day=THURSDAY + timedelta(days=3), last_day=THURSDAY + timedelta(days=4)))
    tie = make.add(Pairing(household_id=home.id, volunteer_id=town.rows["carer_two"], tie=Tie.EXCLUDED))
    claimed = binding.Claimed(name=f"{mark}姑姑", address=f"{mark}坡路 8 号", relation="侄女")
    claim = binding.claim(db.session.get_one(User, waiting.user_id), community.id, claimed)
    town.rows |= {
        "team": team.id,
        "user": town.users["coordinator"],
        "family_claim": claim.id,
        "elder_call": calls.call(elder, daughter).id,
        "canteen": canteen.id,
        "building": building.id,
        "home": home.id,
        "elder": elder.id,
        "link": waiting.id,
        "held": held.id,
        "away": away.id,
        "pause": pause.id,
        "tie": tie.id,
    }
    town.secrets = {
        "elder": elder.name,
        "elder_phone": elder.phone,
        "door": f"{mark}门东户",
        "door_note": f"{mark}钥匙在门垫下",
        "care_note": f"{mark}心脏病",
        "diet": f"{mark}糖尿病餐",
        "note": f"{mark}耳背要大声",
        "carer": f"郭{mark}洁",
        "outcome_note": f"{mark}敲门没人",
        "thanks": f"{mark}谢谢您",
        "doubt": f"{mark}没有来",
        "reason": f"{mark}手机没电",
        "time_off": f"{mark}体检",
        "claimed": f"{mark}姑姑",
        "stranger": f"{mark}奶奶",
        "stranger_address": f"{mark}坡路 9 号",
    }


def _kind(code: str) -> ServiceKind:
    """Return a kind of the catalogue, made for the first town."""
    found = db.session.query(ServiceKind).filter_by(code=code).first()
    return found or make.make_kind(code, skills=[])


def _carer(town: Town, name: str = "one") -> Volunteer:
    return db.session.get_one(Volunteer, town.rows[f"carer_{name}"])


def _haircut(town: Town, name: str, day: int, start: int, *, accepted: bool = True) -> Visit:
    """Add a haircut at the elder's door, offered to the first volunteer."""
    on = make.MONDAY + timedelta(days=day)
    community, home = db.session.get_one(Community, town.community), db.session.get_one(Household, town.rows["home"])
    asked = make.make_request(
        community,
        _kind("HAIR"),
        home,
        elder_id=town.rows["elder"],
        asked_by=town.users["family"],
        dates=[on.isoformat()],
        first_day=on,
        window_from=480,
        window_to=1080,
        note=town.secrets["note"],
    )
    visit = make.make_visit(asked, on, code="4827")
    made = make.make_offer(visit, _carer(town), start, on, accepted=accepted)
    town.rows |= {f"{name}_visit": visit.id, f"{name}_offer": made.id, f"{name}_request": asked.id}
    return visit


def _yesterday(town: Town) -> None:
    """Let a haircut be served and confirmed, with a certificate and an objection after it."""
    visit = _haircut(town, "past", 1, 600)
    make.set_clock("2026-11-24 10:00")
    serving.check_in(visit.offers[0], "4827")
    make.set_clock("2026-11-24 10:40")
    serving.check_out(visit.offers[0])
    daughter, coordinator = db.session.get_one(User, town.users["family"]), db.session.get_one(User, town.users["coordinator"])
    record = confirming.confirm(visit, Trust.FAMILY, daughter, town.secrets["thanks"])[0]
    paper = certificates.issue_certificate(_carer(town), make.MONDAY, make.MONDAY + timedelta(days=1), coordinator)
    objection = objecting.object_to(record, _carer(town), "少记了")
    town.rows |= {"record": record.id, "certificate": paper.id, "objection": objection.id}
    passbooks.open_book(_carer(town), coordinator)
    _records(town, record, coordinator)


def _records(town: Town, record: ServiceRecord, coordinator: User) -> None:
    """Let the room of records hold one of each: an entry that waits, a family tie, a training, a week's flag and call-back."""
    draft = entering.Draft(
        volunteer=_carer(town, "two"),
        kind=record.kind,
        started=clock.at(make.MONDAY, 540),
        ended=clock.at(make.MONDAY, 570),
        place="服务站",
        reason=town.secrets["reason"],
        evidence="纸单 7 号",
    )
    entry = entering.enter(draft, coordinator)
    course = keeping.Course(name="急救", content="", minutes=90, held_by="红十字会", day=make.MONDAY)
    training = keeping.add_training(_carer(town), course, coordinator)
    kin = entering.add_kin(coordinator, _carer(town), "姐妹")
    check = make.add(CheckWeek(community_id=town.community, week=make.MONDAY, seed=1, percent=5, checked_at=clock.now()))
    about = {"check_id": check.id, "record_id": record.id}
    finding = make.add(Finding(rule="overlap", key="k", volunteer_id=record.volunteer_id, zh="重叠", en="overlap", **about))
    call = make.add(CallBack(**about))
    rows = {"entry": entry, "training": training, "kinship": kin, "finding": finding, "call": call}
    town.rows |= {name: row.id for name, row in rows.items()}


def _today(town: Town) -> None:
    """Let a round be on its way, a haircut be done and doubted, another alarming, one to come, one still asked for."""
    community = db.session.get_one(Community, town.community)
    _kind("MEAL")
    make.set_clock("2026-11-25 08:00")
    doors = make.make_round(community, _carer(town), doors=2)
    done = _haircut(town, "done", 2, 510)
    alarming = _haircut(town, "alarm", 2, 570)
    _haircut(town, "next", 2, 840)
    _haircut(town, "asked", 3, 840, accepted=False)
    make.set_clock("2026-11-25 08:30")
    serving.check_in(done.offers[0], "4827")
    make.set_clock("2026-11-25 09:10")
    serving.check_out(done.offers[0])
    confirming.object_to(done, town.secrets["doubt"], db.session.get_one(User, town.users["family"]))
    make.set_clock("2026-11-25 09:35")
    alert = serving.report(alarming.offers[0], Outcome.NO_ANSWER, town.secrets["outcome_note"])
    make.set_clock("2026-11-25 10:50")
    meals = doors[0].round
    assert meals is not None
    assert alert is not None
    serving.pick_up(meals, 2)
    make.set_clock("2026-11-25 11:05")
    serving.deliver(doors[0])
    make.make_family(doors[1].visit.household.elders[0], db.session.get_one(User, town.users["family"]))
    asked = make.make_request(
        community,
        _kind("HAIR"),
        None,
        dates=[THURSDAY.isoformat()],
        first_day=THURSDAY,
        asked_by=town.users["family"],
        for_name=town.secrets["stranger"],
        for_address=town.secrets["stranger_address"],
    )
    town.rows |= {"round": meals.id, "door_offer": doors[1].id, "meal_visit": doors[1].visit_id, "alert": alert.id, "request": asked.id}


def _on_duty(town: Town) -> None:
    """Let the first volunteer hold a crossing on Saturdays and offer a turn of it to others; a unit has booked a place, one is nobody's."""
    about = About(name="护学岗", kind=_kind("HAIR"), place="东门", first_day=make.MONDAY)
    post = posts.add_post(town.community, about, db.session.get_one(User, town.users["coordinator"]))
    (shift,) = posts.add_shifts(post, [5], (690, 720), 1, 3)
    claim = posts.claim_shift(shift, _carer(town))
    unit = make.add(Unit(community_id=town.community, name=f"单位{next(make.NUMBERS)}", contact=""))
    saturday = make.MONDAY + timedelta(days=5)
    mine, booked, nobodys = on_duty.duties_of_part("post", post.id, saturday, saturday)
    duties.book([booked], unit, db.session.get_one(User, town.users["coordinator"]))
    swap = posts.offer_swap(mine, _carer(town), None)
    rows = {"turn": mine, "open_turn": nobodys, "post": post, "shift": shift, "claim": claim, "unit": unit, "swap": swap}
    town.rows |= {name: row.id for name, row in rows.items()}


def _beside_visits(town: Town, mark: str) -> None:
    """Furnish a station, let somebody bring a quarrel to the desk, and keep the registers of gifts and groups."""
    community, elder = db.session.get_one(Community, town.community), db.session.get_one(Elder, town.rows["elder"])
    town.secrets |= {"quarrel": f"{mark}楼上漏水", "lamp": f"{mark}台灯"}
    furnish(community, elder, (f"{mark}理发日", f"丁{mark}平", f"{mark}剪纸班", town.secrets["lamp"], f"{mark}量血压"), f"{mark}服务站")
    brought = Brought(sort=Sort.MEDIATION, door=Door.ONLINE, name=f"丁{mark}平", words=town.secrets["quarrel"])
    ticket = intake.take_in(community.id, brought, db.session.get_one(User, town.users["family"]))
    town.rows |= {
        "ticket": ticket.id,
        "place": registering.open_place(community.id, f"{mark}爱心冰箱", GiftSort.FRIDGE).id,
        "import": make.add(ImportBatch(community_id=community.id, at=clock.now(), files=["甲.xlsx"], new=1, changed=0, journal="{}")).id,
        "older": make.add(OlderBatch(community_id=community.id, system="甲网", noted_at=clock.now())).id,
        "club": registering.add_club(community.id, Group(name=f"{mark}合唱队", sort=ClubSort.ARTS)).id,
    }
    mine = {Station: "station", ServiceSession: "session", Course: "course", Item: "item", CheckUp: "check_up"}
    town.rows |= {
        name: db.session.scalars(select(table.id).where(table.community_id == community.id)).first() or 0 for table, name in mine.items()
    }
    for table, name in ((Attendance, "session"), (Learner, "course")):
        whole = getattr(table, f"{name}_id") == town.rows[name]
        town.rows[table.__name__.lower()] = db.session.scalars(select(table.id).where(whole)).first() or 0


def _plan(town: Town) -> None:
    """Lay a plan over the week: what was offered, one visit pinned, one left over."""
    plan = weeks.open_week(town.community, make.MONDAY)
    carer, next_one, asked = town.rows["carer_one"], town.rows["next_visit"], town.rows["asked_visit"]
    make.add(Assignment(plan_id=plan.id, visit_id=next_one, volunteer_id=carer, day=make.WEDNESDAY, window=2, start=840, pinned=True))
    make.add(Unserved(plan_id=plan.id, visit_id=asked, reason="no_window", who=[], zh="没有人有空", en="nobody is free", fix=None))
    town.rows |= {"plan": plan.id, "version": plan.version}
    assert clock.monday_of(plan.week) == plan.week
