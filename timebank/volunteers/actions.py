"""Verbs of volunteers: who they are and what they hold, time off, and the free times of the ordinary week."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import delete

from timebank import audit, clock
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.sorting import same_name, sort_key
from timebank.catalogue.models import Skill
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.ledger.actions import open_account
from timebank.ledger.models import Account
from timebank.notices.actions import tell_number
from timebank.phones import mask_phone
from timebank.places.models import Building, Canteen, Compound
from timebank.proposals import actions as proposals
from timebank.proposals import carriers, vouching
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.proposals.vouching import Registered
from timebank.sentences import Sentence, the_moment
from timebank.volunteers import queries, sight, standing
from timebank.volunteers.models import Availability, Charge, Gender, HeldSkill, Team, TeamMember, TimeOff, Travel, Unit, Volunteer

WHOLE_DAY = (0, 1440)
UNDATED = {"staff", "collective"}
"""What earlier versions asked for together with a name or number."""
WAIT = timedelta(hours=24)
"""How long another name or number waits when no second person says anything."""
COLUMNS: dict[type[sight.Thing], str] = {Compound: "compound_id", Team: "team_id", Building: "building_id", Canteen: "canteen_id"}
KINDS = {Role.STEWARD: "compound_id", Role.TEAM_LEAD: "team_id", Role.BUILDING_LEAD: "building_id", Role.CANTEEN: "canteen_id"}
Span = tuple[int, int]


def add_time_off(volunteer: Volunteer, day: date, span: Span = WHOLE_DAY, reason: str = "") -> TimeOff:
    """Note that a volunteer is away; the same time noted twice stays one."""
    check_time_off(day, span)
    for known in queries.time_off_from(volunteer, day):
        if known.day == day and known.start <= span[0] and span[1] <= known.end:
            return known
    away = TimeOff(volunteer_id=volunteer.id, day=day, start=span[0], end=span[1], reason=reason.strip())
    db.session.add(away)
    db.session.flush()
    audit.record("add", "time_off", away.id, volunteer=volunteer.id, day=day.isoformat())
    return away


def check_time_off(day: date, span: Span) -> None:
    """Refuse a time off that is past or ends before it begins."""
    if day < clock.today():
        raise Invalid("这一天已经过去了，请选今天以后的日期。", fields={"day": Sentence("日期已过")})
    _check(span)


def drop_time_off(away: TimeOff) -> None:
    """Take a time off back."""
    audit.record("drop", "time_off", away.id, volunteer=away.volunteer_id, day=away.day.isoformat())
    db.session.delete(away)


def set_availability(volunteer: Volunteer, weekday: int, spans: Iterable[Span]) -> list[Span]:
    """Set the free times of one weekday of the ordinary week; times that touch become one."""
    merged = _merged(spans)
    before = queries.availability_of(volunteer)[weekday]
    db.session.execute(delete(Availability).where(Availability.volunteer_id == volunteer.id, Availability.weekday == weekday))
    db.session.add_all(Availability(volunteer_id=volunteer.id, weekday=weekday, start=start, end=end) for start, end in merged)
    db.session.flush()
    db.session.expire(volunteer, ["availability"])
    audit.record("set_availability", "volunteer", volunteer.id, weekday=weekday, before=before, after=merged)
    return merged


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch or overlap joined."""
    joined: list[Span] = []
    for span in sorted(spans):
        _check(span)
        if joined and span[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span[1]))
        else:
            joined.append(span)
    return joined


def _check(span: Span) -> None:
    """Refuse a time that ends before it begins."""
    if not 0 <= span[0] < span[1] <= 1440:
        raise Invalid("结束时间要晚于开始时间，都在一天之内。", fields={"start": Sentence("时间不对")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a volunteer is, how they get about, and how much they wish to be asked for; ``home`` is where they start from."""

    name: str
    phone: str
    gender: Gender | None = None
    birth_year: int | None = None
    unit: Unit | None = None
    home: Building | None = None
    travel: Travel = Travel.WALK
    boxes: int = 6
    radius: int | None = None
    max_day: int = 180
    max_week: int = 360
    has_phone: bool = True
    staff: bool = False
    collective: bool = False
    insured_until: date | None = None
    active: bool = True


def add_volunteer(community_id: int, person: Person) -> Volunteer:
    """Write down a volunteer with an empty time account; one with a smartphone can sign in."""
    if person.home is None:
        raise Invalid("请选从哪一栋出发。", fields={"home": Sentence("请选楼栋")})
    _check_ceilings(person)
    check_phone(community_id, None, person)
    volunteer = Volunteer(
        community_id=community_id,
        account_id=open_account(community_id).id,
        number=queries.next_number(),
        name=person.name,
        sort_key=sort_key(person.name),
        phone=person.phone,
        lat=person.home.lat,
        lon=person.home.lon,
        travel=person.travel,
    )
    volunteer.staff, volunteer.collective, volunteer.unit_id = person.staff, person.collective, person.unit.id if person.unit else None
    _set(volunteer, person)
    db.session.add(volunteer)
    db.session.flush()
    standing.begin(volunteer)
    let_sign_in(volunteer)
    audit.record("add", "volunteer", volunteer.id)
    return volunteer


def edit_volunteer(volunteer: Volunteer, person: Person) -> Proposal | None:
    """Change what is known of a volunteer but their standing; the sign-in ends when they stop. Another name or number waits and is returned."""
    _check_ceilings(person)
    check_phone(volunteer.community_id, volunteer, person)
    waits = hold_back(volunteer, person.name, person.phone)
    if waits is not None:
        person = replace(person, name=volunteer.name, phone=volunteer.phone)
    with audit.changing("edit", volunteer):
        if person.home is not None:
            volunteer.lat, volunteer.lon = person.home.lat, person.home.lon
            volunteer.address = person.home.name
        _set(volunteer, person)
    let_sign_in(volunteer)
    return waits


def hold_back(volunteer: Volunteer, name: str, phone: str) -> Proposal | None:
    """Ask for another name or number of somebody known: hours and a sign-in would change hands by it.

    It takes effect when a second person agrees; a number also after a day in which nobody objects. The old one and the new are told. Somebody
    only whoever registered them has looked at yet is corrected at once by that one, as long as nothing is on their account and nobody
    has come in by their sign-in, and so is what the machine's own commands change.
    """
    by = audit.acting_user()
    if by is None or (name, phone) == (volunteer.name, volunteer.phone):
        return None
    fresh = volunteer.vouched_by is None and not db.session.get_one(Account, volunteer.account_id).last_seq
    if volunteer.registered_by == by and fresh and not _is_somebodys(volunteer.user):
        return None
    if waiting_on(Kind.IDENTITY, f"volunteer:{volunteer.id}") is not None:
        raise wrong("phone", "上一次改的姓名或手机号还在等第二个人核准，定了以后再改。")
    terms = {"name": [volunteer.name, name], "phone": [volunteer.phone, phone]}
    user = db.session.get_one(User, by)
    due = None if name != volunteer.name else proposals.lapse_after(WAIT, volunteer.community_id)
    asked = proposals.propose(Kind.IDENTITY, volunteer.community_id, f"volunteer:{volunteer.id}", terms, user, due_at=due)
    when = the_moment(due) if due is not None else proposals.AGREED_TO
    for number in {volunteer.phone, phone}:
        tell_number(number, volunteer.community_id, "number", proposals.name_of(asked), when=when)
    return asked


def _is_somebodys(user: User | None) -> bool:
    """Say whether a sign-in is somebody's already: they have come in by it, or it was a relative's before it was a volunteer's."""
    if user is None:
        return False
    return users.has_signed_in(user) or audit.last("user", user.id, verbs={"become_volunteer"}) is not None


def _carry_identity(proposal: Proposal, _by: User | None) -> None:
    """Give somebody the name and number that were asked for, and end every session of theirs."""
    volunteer = db.session.get_one(Volunteer, proposal.about)
    (_, name), (_, phone) = proposal.terms["name"], proposal.terms["phone"]
    if UNDATED & proposal.terms.keys():
        raise Conflict("这一件是以前提请的，没有写从哪天起。请不同意，再到志愿者的“身份和单位”里写明日期和原因重新提请。")
    check_phone(volunteer.community_id, volunteer, Person(name=name, phone=phone, has_phone=volunteer.has_phone))
    volunteer.name, volunteer.sort_key, volunteer.phone = name, sort_key(name), phone
    let_sign_in(volunteer)
    if volunteer.user is not None:
        access.sign_out_everywhere(volunteer.user)
    audit.record("change_identity", "volunteer", volunteer.id, proposal=proposal.id)


def _show_identity(proposal: Proposal) -> Shown:
    """Return another name or number in words."""
    volunteer, terms = db.session.get_one(Volunteer, proposal.about), proposal.terms
    names, numbers = terms["name"], [mask_phone(each) for each in terms["phone"]]
    found = []
    if names[0] != names[1]:
        found.append(Change(Sentence("姓名"), (names[0], names[0]), (names[1], names[1])))
    if terms["phone"][0] != terms["phone"][1]:
        found.append(Change(Sentence.of("volunteers", "手机号"), (numbers[0], numbers[0]), (numbers[1], numbers[1])))
    return Shown(Sentence("志愿者 %(number)s 改姓名或手机号", number=volunteer.number), tuple(found))


carriers.register(Kind.IDENTITY, Carrier(_carry_identity, _show_identity))


def _set(volunteer: Volunteer, person: Person) -> None:
    """Write what a form says of a volunteer."""
    volunteer.name, volunteer.sort_key, volunteer.phone = person.name, sort_key(person.name), person.phone
    volunteer.gender, volunteer.birth_year = person.gender, person.birth_year
    volunteer.travel, volunteer.boxes, volunteer.radius = person.travel, person.boxes, person.radius
    volunteer.max_day, volunteer.max_week = person.max_day, person.max_week
    volunteer.has_phone, volunteer.active, volunteer.insured_until = person.has_phone, person.active, person.insured_until


def _check_ceilings(person: Person) -> None:
    """Refuse ceilings that cannot hold."""
    if person.max_week < person.max_day:
        raise Invalid("每周上限比每天还小，请核对。", fields={"max_week": Sentence("比每天的还小")})


def check_phone(community_id: int, volunteer: Volunteer | None, person: Person) -> None:
    """Refuse a number that is somebody else's; where nobody signs in by it, volunteers may share it."""
    for other in queries.volunteers_with_phone(community_id, person.phone):
        if other is not volunteer:
            _check_shared(other, person)
    user = users.user_of(person.phone)
    own = volunteer.user_id if volunteer else None
    if person.has_phone and user is not None and user.id != own:
        _check_sign_in(user, person, community_id, own)


def _check_shared(other: Volunteer, person: Person) -> None:
    """Refuse a number that another volunteer has, unless two different people without a smartphone share it."""
    if same_name(other.name, person.name):
        raise _in_use(Sentence("同名的志愿者 %(other_number)s 已经用这个手机号；同一个人请用同一个编号。", other_number=other.number))
    if person.has_phone or other.has_phone or (other.user is not None and other.user.phone == person.phone):
        raise _in_use(
            Sentence(
                "手机号和志愿者 %(other_number)s 重复。登录用的号码不能共用，请核对；两人都没有智能手机才可以共用一个号码。",
                other_number=other.number,
            )
        )


def _check_sign_in(user: User, person: Person, community_id: int, own: int | None) -> None:
    """Refuse a number by which somebody else signs in; the sign-in of the same person's family serves for both."""
    if user.role not in {Role.VOLUNTEER, Role.FAMILY}:
        raise _in_use(Sentence("这个手机号是工作人员登录用的，志愿者请用另一个号码。"))
    if user.name and not same_name(user.name, person.name):
        known = user.name if user.community_id == community_id else mask_name(user.name)
        raise _in_use(
            Sentence(
                "这个手机号登记的是“%(known)s”，和“%(person)s”不同名。请核对号码和姓名；一个登录号码只给一个人。",
                known=known,
                person=person.name,
            )
        )
    if own is not None or queries.is_taken(user.id):
        raise _in_use(Sentence("这个手机号已经用于另一个登录用户，请核对。"))


def _in_use(words: Sentence) -> Invalid:
    """Return the refusal of a number."""
    return Invalid(words, fields={"phone": Sentence("号码已被使用：%(why)s", why=words)})


def let_sign_in(volunteer: Volunteer, *, is_free: bool = False) -> bool:
    """Give a volunteer with a smartphone a sign-in, keep its number and name, switch it off when they stop; say whether one was given.

    ``is_free`` says that nobody signs in by the number yet.
    """
    user = volunteer.user
    given = user is None and volunteer.has_phone and volunteer.active
    if given:
        known = None if is_free else users.user_of(volunteer.phone)
        user = known or access.add_user(volunteer.phone, volunteer.name, Role.VOLUNTEER, community_id=volunteer.community_id, is_free=True)
        access.become_volunteer(user, volunteer.community_id)
        volunteer.user, volunteer.user_id = user, user.id
    if user is None:
        return False
    phone = volunteer.phone if volunteer.has_phone else user.phone
    wanted = {"name": volunteer.name, "phone": phone, "active": user.active or volunteer.active}
    if any(getattr(user, field) != value for field, value in wanted.items()):
        with audit.changing("edit", user):
            for field, value in wanted.items():
                setattr(user, field, value)
    if not volunteer.active and user.active:
        access.switch_off(user)
    return given


def hold_skill(volunteer: Volunteer, skill: Skill, proof: str = "", expires: date | None = None) -> HeldSkill:
    """Note a skill with its proof, or a newer proof of a skill that is held."""
    if skill.needs_proof and not proof.strip():
        raise Invalid("“%(skill)s”要有证明才能算，请填证书或培训的名称。", skill=skill.words, fields={"proof": Sentence("请填证明")})
    if expires is not None and expires < clock.today():
        raise Invalid("这份证明已经过期了。", fields={"expires": Sentence("已经过期")})
    held = next((each for each in volunteer.skills if each.skill_id == skill.id), None)
    if held is None:
        held = HeldSkill(skill_id=skill.id)
        volunteer.skills.append(held)
    held.proof, held.expires = proof.strip(), expires
    db.session.flush()
    audit.record("hold_skill", "volunteer", volunteer.id, skill=skill.code)
    return held


def drop_skill(volunteer: Volunteer, held: HeldSkill) -> None:
    """Note that a skill is held no more."""
    if held not in volunteer.skills:
        raise Conflict("这项技能已经去掉了。")
    audit.record("drop_skill", "volunteer", volunteer.id, skill=held.skill_id)
    volunteer.skills.remove(held)
    db.session.flush()


def add_team(community_id: int, name: str) -> Team:
    """Found a team in a community; its name tells it from the others there."""
    if any(each.name == name for each in queries.teams(community_id)):
        raise Invalid("已经有“%(name)s”了，请换一个名字。", fields={"name": Sentence("重名")}, name=name)
    team = Team(community_id=community_id, name=name)
    db.session.add(team)
    db.session.flush()
    audit.record("add", "team", team.id)
    return team


def join_team(team: Team, volunteer: Volunteer, joined: date, reason: str) -> TeamMember:
    """Note that a volunteer is in a team from a day on, and why; what comes on record counts for the team from then."""
    standing.must_be_said(reason)
    if volunteer.community_id != team.community_id:
        raise Invalid("只能加入本社区的服务队。")
    if joined > clock.today():
        raise wrong("joined", "入队日期还没有到，最晚填今天。")
    before = [each for each in team.members if each.volunteer_id == volunteer.id]
    if any(each.left is None for each in before):
        raise wrong("joined", "%(volunteer)s已经在队里了。", volunteer=volunteer.name)
    if any(each.left is not None and joined < each.left for each in before):
        raise wrong("joined", "这一天还在上一次的队期里，请填离队以后的日期。")
    standing.must_touch_nothing(volunteer, joined, "joined")
    member = TeamMember(team=team, volunteer=volunteer, joined=joined, joined_reason=reason.strip())
    db.session.add(member)
    db.session.flush()
    audit.record("join", "team", team.id, volunteer=volunteer.id)
    return member


def leave_team(member: TeamMember, reason: str) -> None:
    """Note that a volunteer is no longer in a team, and why: from today on, or from tomorrow where today's service is on record."""
    if member.left is not None:
        raise Conflict("已经离队了。")
    standing.must_be_said(reason)
    member.left, member.left_reason = leaves_from(member), reason.strip()
    db.session.flush()
    audit.record("leave", "team", member.team_id, volunteer=member.volunteer_id)


def leaves_from(member: TeamMember) -> date:
    """Return from which day on somebody who leaves a team now is no longer in it."""
    served = queries.last_on_record(member.volunteer)
    return max(clock.today(), member.joined, *([served + timedelta(days=1)] if served is not None else []))


def add_lead(community_id: int, phone: str, name: str, role: Role) -> User:
    """Let somebody sign in as a lead or for a kitchen; they see nothing before it is said what they look after."""
    access.must_be_free(phone)
    return access.add_user(phone, name, role, community_id=community_id)


def look_after(lead: User, things: Iterable[sight.Thing]) -> None:
    """Let a lead look after these compounds, teams, buildings or canteens and nothing else; each role has its own kind of thing."""
    wanted = {(COLUMNS[type(each)], each.id) for each in things}
    if any(KINDS[lead.role] != column for column, _number in wanted):
        raise Invalid("红色管家管小区，队长带服务队，楼长管楼栋，食堂的人管食堂。请重新勾选。")
    kept = {(KINDS[lead.role], getattr(each, KINDS[lead.role])): each for each in sight.charges_of(lead)}
    for key, row in kept.items():
        if key not in wanted:
            db.session.delete(row)
    db.session.add_all(Charge(user_id=lead.id, **{column: number}) for column, number in sorted(wanted) if (column, number) not in kept)
    db.session.flush()
    audit.record("look_after", "user", lead.id, before=sorted(number for _, number in kept), after=sorted(number for _, number in wanted))


def _vouched(person: Registered) -> None:
    """Note that a second person has looked at somebody whom a colleague registered."""
    audit.record("vouch", "volunteer", person.id, registered_by=person.registered_by)


vouching.register("volunteer", vouching.Book(Sentence.of("volunteers", "志愿者"), queries.unseen, _vouched, frozenset({"name", "phone"})))
