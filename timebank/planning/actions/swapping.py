"""A visit changes hands between two volunteers who both say yes: judged as whoever is asked, the plan with them, the office told."""

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.db import db, hold
from timebank.errors import Conflict, Invalid
from timebank.notices.actions import notify
from timebank.planning import cover, taking
from timebank.planning.actions import covering
from timebank.sentences import Sentence
from timebank.visits.models import Offer
from timebank.visits.swaps import Hand, HandState, hand_of, is_to_come, together
from timebank.volunteers.models import Volunteer


def must_be_mine(made: Offer) -> list[Offer]:
    """Return what is given away together; refuse what has begun and what two people do together."""
    offers = together(made)
    if not offers or not all(is_to_come(each) for each in offers):
        raise Conflict("只有已经接受、还没到时间的才能换给别人。来不了请打电话给服务站。")
    if any(each.visit.crew > 1 for each in offers):
        raise Conflict("这一件要两个人一起去，换人要服务站来安排。请打电话说一声。")
    return offers


def who_could(made: Offer) -> list[Volunteer]:
    """Return the colleagues who could go instead, to all of it and by every rule, whoever fits best first; only who has a page to answer on."""
    offers = must_be_mine(made)
    line = cover.lines_of(made.volunteer, offers)[0]
    plan = covering.plan_for(made.visit.community_id, made.day)
    found = taking.ways(plan, line, without=made.volunteer)
    whole = {each.visit_id for each in offers}
    numbers = [way.volunteer.id for way in found if len(way.volunteers) == 1 and whole <= set(way.visits)]
    people = {each.id: each for each in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(numbers)))}
    return [people[each] for each in numbers if people[each].user_id is not None]


def named(made: Offer, words: str) -> Volunteer:
    """Return the colleague of this very name who could go; who does not exist and who cannot are told alike, so that nobody is found out about."""
    found = [each for each in who_could(made) if each.name == words.strip()]
    if len(found) != 1:
        raise Invalid(
            "那时候这位同事排不进去，或者名字不对。请换一位，或打电话给服务站。", fields={"name": Sentence("请换一位，或看看名字写对没有")}
        )
    return found[0]


def ask(made: Offer, to: Volunteer) -> Hand:
    """Ask a colleague to go instead; until they say yes it stays one's own."""
    first = must_be_mine(made)[0]
    if hand_of(made) is not None:
        raise Conflict("这一件已经在问一位同事了。要问别人，先收回来。")
    hand = Hand(offer=first, giver=first.volunteer, to=to, asked_at=clock.now())
    db.session.add(hand)
    db.session.flush()
    audit.record("ask_hand", "offer", first.id, hand=hand.id, volunteer=to.id)
    if to.user_id is not None:
        notify(to.user_id, "hand", who=mask_name(first.volunteer.name), what=covering.offering_words(together(first)))
    return hand


def take(hand: Hand, by: User) -> list[Offer]:
    """Go instead of a colleague: judged once more as it stands now, agreed at once; both and the coordinators have it in words."""
    offers = must_be_mine(_open(hand).offer)
    words = covering.offering_words(offers)
    fresh = covering.hand_over(offers, hand.to, by)
    _end(hand, HandState.TAKEN)
    audit.record("take_hand", "offer", fresh[0].id, hand=hand.id, volunteer=hand.to_id)
    if hand.giver.user_id is not None:
        notify(hand.giver.user_id, "handed", who=mask_name(hand.to.name), what=words)
    for each in users_with(Role.COORDINATOR, fresh[0].visit.community_id):
        notify(each.id, "swapped", giver=mask_name(hand.giver.name), taker=mask_name(hand.to.name), what=words)
    return fresh


def decline(hand: Hand) -> None:
    """Say that one cannot go instead; the colleague hears that it is theirs still."""
    _end(_open(hand), HandState.DECLINED)
    audit.record("decline_hand", "offer", hand.offer_id, hand=hand.id)
    if hand.giver.user_id is not None:
        notify(hand.giver.user_id, "not_handed", who=mask_name(hand.to.name), what=covering.offering_words(together(hand.offer)))


def withdraw(hand: Hand) -> None:
    """Go oneself after all."""
    _end(_open(hand), HandState.WITHDRAWN)
    audit.record("withdraw_hand", "offer", hand.offer_id, hand=hand.id)


def _open(hand: Hand) -> Hand:
    """Return what waits for an answer; of two at one moment the second is refused."""
    hold(hand)
    if hand.state is not HandState.ASKED:
        raise Conflict("这一件已经答复过，或者收回去了。")
    return hand


def _end(hand: Hand, state: HandState) -> None:
    """Let the question be over."""
    hand.state, hand.over_at = state, clock.now()
    db.session.flush()
