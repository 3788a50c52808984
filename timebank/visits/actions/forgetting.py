"""What somebody asks to be erased is erased: who they were goes, what was done stays, and every sum of the books stays whole.

Records, transfers and the trail name people by number only, so they need nothing taken out of them.
"""

from sqlalchemy import select, update

from timebank import audit
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.db import db
from timebank.elders import ties
from timebank.elders.models import CareLevel, Elder, ElderState, FamilyClaim, FamilyMember, Purpose
from timebank.errors import Conflict
from timebank.notices.models import Notice
from timebank.visits.actions import homes
from timebank.visits.models import Confirmation, HelpRequest, RequestState, Visit

NOBODY = "（已删除）"


def forget_family(user: User) -> None:
    """Erase a family's own data: the number, the name, what they wrote; their ties end, and so do requests nobody has taken on."""
    if user.role is not Role.FAMILY:
        raise Conflict("您也是志愿者或工作人员，服务记录按规定要留。要删除，请打服务站电话。")
    for link in db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == user.id)):
        ties.drop(link)
    for made in db.session.scalars(select(FamilyClaim).where(FamilyClaim.user_id == user.id)):
        made.name = made.address = made.phone = ""
    for asked in db.session.scalars(select(HelpRequest).where(HelpRequest.asked_by == user.id)):
        if asked.state is RequestState.NEW:
            asked.state = RequestState.ENDED
        _forget_request(asked)
    db.session.execute(update(Notice).where(Notice.user_id == user.id).values(text="", phone=""))
    audit.record("forget", "user", user.id)
    access.forget(user)


def _forget_request(asked: HelpRequest) -> None:
    """Erase what a request says of people in words."""
    asked.for_name = asked.for_address = asked.for_phone = asked.note = None


def forget_elder(elder: Elder, by: User) -> None:
    """Erase an elder's own data, as the elder wishes: nobody is sent any more, then name, number, door and notes go."""
    homes.withdraw_consent(elder, Purpose.SERVICE, by)
    for purpose in (Purpose.HEALTH, Purpose.DOOR):
        homes.withdraw_consent(elder, purpose, by)
    homes.set_state(elder, ElderState.MOVED)
    home = elder.household
    alone = not homes.together(elder)
    with audit.changing("forget", elder):
        elder.name = elder.sort_key = NOBODY
        elder.phone = elder.gender = ""
        elder.birth_year = elder.diet = elder.care_note = None
        elder.lives_alone, elder.level = False, CareLevel.UNKNOWN
    if alone:
        home.door = home.door_note = None
    for asked in db.session.scalars(select(HelpRequest).where(HelpRequest.household_id == home.id)):
        if alone or asked.elder_id == elder.id:
            _forget_request(asked)
    _forget_words(home.id if alone else None, elder)
    for link in db.session.scalars(select(FamilyMember).where(FamilyMember.elder_id == elder.id)):
        ties.drop(link)
    db.session.flush()


def _forget_words(household_id: int | None, elder: Elder) -> None:
    """Erase what was said about visits in words: objections and thanks."""
    mine = select(Visit).join(Visit.request).where(HelpRequest.elder_id == elder.id)
    if household_id is not None:
        mine = select(Visit).where(Visit.household_id == household_id)
    for visit in db.session.scalars(mine):
        visit.doubt = None
        if isinstance(visit.confirmation, Confirmation):
            visit.confirmation.thanks = None
