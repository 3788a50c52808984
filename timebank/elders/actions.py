"""Verbs of elders: a door and who lives behind it, consents before anything sensitive is written, pauses, families."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.access.sorting import same_name, sort_key
from timebank.db import db
from timebank.elders import consents, own_number, queries, ties
from timebank.elders.models import CareLevel, Elder, ElderState, FamilyMember, Household, Pause, Purpose, Said
from timebank.errors import Conflict, Invalid, wrong
from timebank.notices.actions import notify, tell_number
from timebank.phones import mask_phone, mobile
from timebank.places.models import Building
from timebank.proposals import actions as proposals
from timebank.proposals import carriers, vouching
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.vouching import Registered
from timebank.sentences import Sentence, the_moment

LONGEST_PAUSE = 366
WAIT = timedelta(hours=24)
"""How long a new relative waits when no second person says anything."""
UNDO_HOURS = 24
"""For so long noting that somebody is gone is a mistake that is taken back; afterwards whoever comes back is new here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where somebody lives; ``note`` is what to know at the door and needs a consent when it is new."""

    building: Building
    entrance: str = ""
    floor: int = 1
    door: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody is; level, diet and care note need a consent when they are new."""

    name: str
    gender: str = ""
    birth_year: int | None = None
    phone: str = ""
    lives_alone: bool = False
    level: CareLevel = CareLevel.UNKNOWN
    diet: str = ""
    care_note: str = ""

    def tells_more_than(self, elder: Elder) -> bool:
        """Say whether it tells anything about an elder's health that is not written down yet."""
        graded = self.level not in (CareLevel.UNKNOWN, elder.level)
        return graded or is_news(self.diet, elder.diet) or is_news(self.care_note, elder.care_note)


def is_news(words: str, written: str | None) -> bool:
    """Say whether words add to what is written down; the same ones, sent again by a form, do not, nor do none at all."""
    return bool(words.strip()) and _plain(words) != _plain(written or "")


def _plain(words: str) -> list[str]:
    """Return words without what only differs between a page and a file: kinds of blanks, line ends and widths."""
    return unicodedata.normalize("NFKC", words).split()


def add_elder(community_id: int, door: Door, person: Person) -> Elder:
    """Write down an elder behind a new door; what they agree to is written down when they have been asked."""
    _check_floor(door)
    home = Household(
        community_id=community_id,
        number=queries.next_number(community_id, Household.number, "H"),
        building=door.building,
        entrance=door.entrance,
        floor=door.floor,
        door=door.door or None,
    )
    db.session.add(home)
    db.session.flush()
    return add_to_household(home, person)


class SameDoor(Conflict):
    """Somebody is registered behind this very door already: ``homes``. The desk says whether it is one household."""

    def __init__(self, homes: list[Household]) -> None:
        """Keep the doors and name who lives there."""
        names = [each.name for home in homes for each in home.elders if each.state is ElderState.ACTIVE]
        super().__init__(Sentence("这一户已经登记了%(names)s，是同一家吗？", names=names))
        self.homes = homes


def register(community_id: int, door: Door, person: Person, *, same: int | None = None) -> Elder:
    """Write down an elder who is new here: behind a new door, or in the household (``same``, 0 for none) that lives there already."""
    _check_floor(door)
    homes = queries.homes_at(community_id, door.building.id, door.entrance, door.floor, door.door)
    chosen = next((each for each in homes if each.id == same), None)
    if homes and chosen is None and same != 0:
        raise SameDoor(homes)
    return add_to_household(chosen, person) if chosen else add_elder(community_id, door, person)


def add_to_household(home: Household, person: Person) -> Elder:
    """Write down an elder behind a door that is known."""
    elder = Elder(
        community_id=home.community_id,
        household=home,
        number=queries.next_number(home.community_id, Elder.number, "E"),
        name=person.name,
        sort_key=sort_key(person.name),
        gender=person.gender,
        birth_year=person.birth_year,
        phone=person.phone,
        lives_alone=person.lives_alone,
    )
    db.session.add(elder)
    db.session.flush()
    audit.record("add", "elder", elder.id, household=home.id)
    return elder


def edit_elder(elder: Elder, person: Person, *, agrees: bool = False) -> None:
    """Change who somebody is; new words about health need a consent that holds, or one given now."""
    if person.tells_more_than(elder):
        _must_agree(elder, Purpose.HEALTH, "agrees_health", agrees=agrees)
    number = elder.phone
    with audit.changing("edit", elder):
        look_anew(elder, person.name)
        elder.name, elder.sort_key = person.name, sort_key(person.name)
        elder.gender, elder.birth_year, elder.phone = person.gender, person.birth_year, person.phone
        elder.lives_alone, elder.level = person.lives_alone, person.level
        elder.diet, elder.care_note = person.diet or None, person.care_note or None
    own_number.follow_number(elder, number)


def look_anew(elder: Elder, name: str) -> None:
    """Let whoever gives an elder another name stand for them as if they had registered them: a second person looks before hours rest on it."""
    if not same_name(elder.name, name):
        _stand_for(elder)


def _stand_for(elder: Elder) -> None:
    """Let whoever is signed in stand for an elder as if they had registered them; nobody does where the machine's own commands act."""
    by = audit.first_hand()
    if by is not None:
        elder.registered_by, elder.vouched_by = by, None


def edit_door(elder: Elder, door: Door, *, agrees: bool = False) -> None:
    """Change the door of an elder's household; a new note about it needs a consent, one that stands there is not asked about."""
    _check_floor(door)
    if is_news(door.note, elder.household.door_note):
        _must_agree(elder, Purpose.DOOR, "agrees_door", agrees=agrees)
    home = elder.household
    with audit.changing("edit", home):
        home.building, home.entrance, home.floor = door.building, door.entrance, door.floor
        home.door, home.door_note = door.door or None, door.note or None


def _check_floor(door: Door) -> None:
    """Refuse a floor that the building does not have."""
    if not 1 <= door.floor <= door.building.floors:
        raise Invalid(
            "这一栋登记的是 %(floors)s 层，请核对楼层。",
            fields={"floor": Sentence("这一栋共 %(floors)s 层", floors=door.building.floors)},
            floors=door.building.floors,
        )


def _must_agree(elder: Elder, purpose: Purpose, field: str, *, agrees: bool) -> None:
    """Refuse to write down what nobody has agreed to; note a consent that is given now."""
    if purpose in queries.consents(elder):
        return
    if not agrees:
        raise Invalid("这几项要先征得老人同意。问过了请勾上“已同意”，没有就先清空。", fields={field: Sentence("请先征得同意再记")})
    consents.give(elder, purpose, Said.DESK, heard_by=audit.first_hand())


def set_state(elder: Elder, state: ElderState) -> None:
    """Note that an elder lives here, has moved away or has died.

    Whoever brings somebody back later than a mistake is taken back stands for them as if they had registered them.
    """
    if elder.state is state:
        return
    since = queries.state_set_at(elder)
    if state is ElderState.ACTIVE and (since is None or clock.now() - since > timedelta(hours=UNDO_HOURS)):
        _stand_for(elder)
    audit.record("set_state", "elder", elder.id, before=elder.state.value, after=state.value)
    elder.state = state


def add_pause(elder: Elder, first: date, last: date, reason: str = "") -> Pause:
    """Note the days on which an elder needs nobody; it ends by itself."""
    if last < first:
        raise Invalid("结束的日子早于开始的日子，请核对。", fields={"last_day": Sentence("早于开始")})
    if last < clock.today():
        raise Invalid("这几天已经过去了，请选今天以后的日子。", fields={"last_day": Sentence("日期已过")})
    if (last - first).days > LONGEST_PAUSE:
        raise Invalid("最长暂停一年。更久请改为“已搬走”。", fields={"last_day": Sentence("最长一年")})
    known = next((each for each in elder.pauses if each.first_day == first and each.last_day == last), None)
    if known is not None:
        return known
    pause = Pause(elder_id=elder.id, first_day=first, last_day=last, reason=reason.strip())
    elder.pauses.append(pause)
    db.session.flush()
    audit.record("pause", "elder", elder.id, first=first.isoformat(), last=last.isoformat())
    return pause


def end_pause(elder: Elder, pause: Pause, back: date) -> None:
    """Note that an elder is back from a day on: what is left of the pause is dropped."""
    if back > pause.last_day:
        return
    if back <= pause.first_day:
        elder.pauses.remove(pause)
    else:
        pause.last_day = back - timedelta(days=1)
    db.session.flush()
    audit.record("resume", "elder", elder.id, day=back.isoformat())


def read_door(elder: Elder) -> None:
    """Note that somebody has read the door and the notes of an elder."""
    audit.record("read_door", "household", elder.household_id, elder=elder.id)


def approve_family(link: FamilyMember, by: User, said: Said | None = None) -> Proposal | None:
    """Ask that somebody may speak for an elder: they see the visits and their codes, and confirm them; None where they may already.

    ``said`` is how the elder's word was heard, where the elder has not given it by code or on their own telephone.

    It takes effect when a second person agrees, or after a day without objection where the elder's own number was told of it, which
    whoever asks neither wrote down nor changed.
    """
    if link.approved_at is not None:
        return None
    if link.user_id == by.id:
        raise Conflict("不能批准自己，请另一位同事来批。")
    _heard(link, by, said)
    elder, user = link.elder, db.session.get_one(User, link.user_id)
    due = proposals.lapse_after(WAIT, elder.community_id) if _hears(elder, by) else None
    ties.lay_down_stale(link)
    terms = {"elder": elder.id, "user": user.id}
    asked = proposals.propose(Kind.FAMILY, elder.community_id, queries.tie_named(link), terms, by, due_at=due)
    when = the_moment(due) if due is not None else proposals.AGREED_TO
    words: dict[str, Any] = {"who": mask_name(user.name) if user.name else mask_phone(user.phone), "when": when}
    if elder.phone:
        tell_number(elder.phone, elder.community_id, "family", proposals.name_of(asked), **words)
    for other, _user in queries.family_of(elder):
        if other.approved_at is not None:
            notify(other.user_id, "family", **words)
    return asked


def _heard(link: FamilyMember, by: User, said: Said | None) -> None:
    """Note how the elder's word was heard; refuse to go on without it."""
    if link.elder_said is not None:
        return
    if said is None:
        raise wrong("said", "还没有问过老人。请打电话或当面问一声，再选“电话问过”或“当面问过”。")
    link.elder_said = said
    link.heard_by = one_hand.maker(by) if said in {Said.CALL, Said.DESK} else None
    db.session.flush()
    audit.record("agree_family", "elder", link.elder_id, user=link.user_id, how=said.value)


def _hears(elder: Elder, by: User) -> bool:
    """Say whether a message reaches the elder whom nobody could have steered to themselves: a mobile that somebody else wrote down."""
    written = audit.last("elder", elder.id, fields={"phone"})
    own_hand = one_hand.is_one(elder.registered_by, by) or (written is not None and one_hand.is_one(audit.hand_in(written), by))
    return mobile(elder.phone) is not None and not own_hand


def _carry_family(proposal: Proposal, by: User | None) -> None:
    """Let somebody speak for an elder; Conflict when the tie was dropped meanwhile, also when another one has its number."""
    link = queries.tie_of(proposal)
    if link is None:
        raise Conflict("当时提请的那位家属已经解除了。还要连的，请在老人页面上重新提请。")
    link.approved_at, link.approved_by = clock.now(), (by or proposal.proposer).id
    audit.record("approve_family", "elder", link.elder_id, user=link.user_id)
    notify(link.user_id, "family_bound", who=queries.courtesy_name(link.elder))


def _show_family(proposal: Proposal) -> Shown:
    """Return who is to speak for whom, in words."""
    link, elder = queries.tie_of(proposal), db.session.get_one(Elder, proposal.terms["elder"])
    user = db.session.get_one(User, link.user_id) if link is not None else None
    who = f"{user.shown_name} {mask_phone(user.phone)}" if user is not None else "—"
    relation = link.relation if link is not None else ""
    change = Change(Sentence.of("elders", "家属"), ("—", "—"), (f"{who} {relation}", f"{who} {relation}"))
    return Shown(Sentence("%(name)s：谁能替老人说话", name=elder.name), (change,))


carriers.register(Kind.FAMILY, Carrier(_carry_family, _show_family))


def _vouched(person: Registered) -> None:
    """Note that a second person has looked at somebody whom a colleague registered."""
    audit.record("vouch", "elder", person.id, registered_by=person.registered_by)


vouching.register(
    "elder",
    vouching.Book(
        Sentence.of("elders", "老人"), queries.unseen, _vouched, frozenset({"name", "phone", "birth_year", "lives_alone", "level"})
    ),
)
