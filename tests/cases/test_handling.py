"""What may become of a ticket, and what may not: by the verbs, and by the database where somebody goes past them."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.cases.scenes import Scene, bring, bring_to, user
from timebank import clock
from timebank.access.models import Role
from timebank.cases import queries, reading
from timebank.cases.actions import following, handling, intake
from timebank.cases.actions.following import Gathering
from timebank.cases.actions.handling import Charge
from timebank.cases.models import (
    CaseMeeting,
    CasePaper,
    Consent,
    Deed,
    Door,
    Heard,
    Level,
    Outcome,
    PaperFate,
    Sort,
    State,
    Ticket,
    TicketStep,
    Topic,
    Way,
)
from timebank.cases.queries import Asked
from timebank.cases.states import ALLOWED
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.visits.actions.asking import Wish
from timebank.volunteers import actions as volunteers


def wish() -> Wish:
    kind = db.session.query(ServiceKind).filter_by(code="VISIT").one()
    return Wish(kind=kind, window=(540, 690), dates=(clock.today() + timedelta(days=1),))


def test_a_ticket_goes_from_the_desk_to_the_return_call_and_every_step_stays_with_its_day_and_author(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.CLOSED)
        assert [each.deed for each in ticket.steps] == [Deed.TAKE_IN, Deed.SORT, Deed.BEGIN, Deed.END, Deed.CALL]
        assert {each.by_user for each in ticket.steps} == {scene.office}
        assert (ticket.outcome, ticket.heard, ticket.due) == (Outcome.SETTLED, Heard.SATISFIED, None)
        assert ticket.number == "2026-00001"
        assert bring(scene).number == "2026-00002"


def test_something_new_is_to_be_sorted_within_a_working_day_and_an_outcome_called_back_within_two(scene: Scene) -> None:
    with transaction():
        make.set_clock("2026-11-27 16:00")
        assert bring(scene).due.isoformat() == "2026-11-30"
        assert bring_to(scene, State.ENDED).due.isoformat() == "2026-12-01"


def test_without_words_or_a_name_nothing_is_taken_in(scene: Scene) -> None:
    with pytest.raises(Invalid, match="Write down what it is"), transaction():
        bring(scene, words="  ")
    with pytest.raises(Invalid, match="Write down their name"), transaction():
        bring(scene, name="")


def test_a_report_about_somebody_else_says_whom_it_is_about(scene: Scene) -> None:
    with pytest.raises(Invalid, match="write down whom"), transaction():
        bring(scene, door=Door.INFORMANT)
    with transaction():
        assert bring(scene, door=Door.INFORMANT, about="楼上的阮奶奶").consent is Consent.ASKED


def test_it_is_sorted_to_somebody_with_a_day_that_has_not_passed(scene: Scene) -> None:
    with transaction():
        number = bring(scene).id
    for charge, due, said in (
        (Charge(), clock.today(), "Choose who does it"),
        (Charge(name="物业"), clock.today() - timedelta(days=1), "That day is past"),
        (Charge(name="物业"), clock.today() + timedelta(days=500), "At most a year"),
    ):
        with pytest.raises(Invalid, match=said), transaction():
            handling.sort_out(
                db.session.get_one(Ticket, number), user(scene.office), sort=Sort.PROBLEM, topic=Topic.REPAIR, charge=charge, due=due
            )
    with transaction():
        ticket = db.session.get_one(Ticket, number)
        handling.sort_out(ticket, user(scene.office), sort=Sort.PROBLEM, topic=Topic.REPAIR, charge=Charge(name="物业"))
        assert (ticket.state, ticket.charge_name, ticket.due.isoformat()) == (State.SORTED, "物业", "2026-12-02")


def test_there_is_no_way_past_the_return_call(scene: Scene) -> None:
    with transaction():
        number = bring_to(scene, State.IN_HAND).id
    with pytest.raises(Conflict, match="no outcome yet"), transaction():
        handling.call_back(db.session.get_one(Ticket, number), user(scene.office), Heard.SATISFIED, Way.PHONE)
    with transaction():
        ticket = db.session.get_one(Ticket, number)
        handling.end(ticket, user(scene.office), Outcome.NOT_SETTLED, "物业没有来")
        with pytest.raises(Invalid, match="why"):
            handling.call_back(ticket, user(scene.office), Heard.NOT, Way.PHONE)


def test_who_is_not_reached_is_tried_three_times_on_three_days_before_it_closes_so(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.ENDED)
        for tries in (1, 2, 3):
            handling.call_back(ticket, user(scene.office), Heard.UNREACHED, Way.PHONE)
            assert (ticket.state, ticket.tries) == (State.ENDED, tries)
        handling.call_back(ticket, user(scene.office), Heard.UNREACHED, Way.DOOR)
        assert (ticket.state, ticket.heard) == (State.CLOSED, Heard.UNREACHED)


def test_a_reopened_ticket_has_a_new_day_and_keeps_its_earlier_outcome_among_its_steps(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.CLOSED)
        with pytest.raises(Conflict, match="Reopen it first"):
            handling.note(ticket, user(scene.office), "又坏了")
        with pytest.raises(Invalid, match="why"):
            handling.reopen(ticket, user(scene.office), " ")
        handling.reopen(ticket, user(scene.office), "又坏了")
        assert (ticket.state, ticket.outcome, ticket.heard) == (State.IN_HAND, None, None)
        assert ticket.due.isoformat() == "2026-12-02"
        assert [each.detail.get("outcome") for each in ticket.steps if each.deed is Deed.END] == ["settled"]


def test_papers_that_are_out_keep_an_errand_open_until_each_has_gone_somewhere(scene: Scene) -> None:
    with transaction():
        ticket, office = bring_to(scene, State.IN_HAND, sort=Sort.ERRAND), user(scene.office)
        card, copy = following.take_paper(ticket, office, "身份证"), following.take_paper(ticket, office, "户口本复印件", original=False)
        handling.end(ticket, office, Outcome.SETTLED, "高龄津贴办好了")
        following.end_paper(ticket, copy, office, PaperFate.HANDED_IN, "街道民政窗口")
        number = ticket.id
        with pytest.raises(Conflict, match="身份证"):
            handling.call_back(ticket, office, Heard.SATISFIED, Way.PHONE)
        with pytest.raises(Invalid, match="who has it now"):
            following.end_paper(ticket, card, office, PaperFate.BACK, "")
    with pytest.raises(IntegrityError, match="papers are out"), transaction():
        db.session.execute(update(Ticket).where(Ticket.id == number).values(state=State.CLOSED, heard=Heard.SATISFIED, due=None))
    with transaction():
        ticket = db.session.get_one(Ticket, number)
        following.end_paper(ticket, ticket.papers[0], user(scene.office), PaperFate.BACK, "本人")
        handling.call_back(ticket, user(scene.office), Heard.SATISFIED, Way.PHONE)
        with pytest.raises(Conflict, match="already"):
            following.end_paper(ticket, ticket.papers[0], user(scene.office), PaperFate.LOST, "x")


def test_mediation_goes_up_level_by_level_to_the_street_and_no_further(scene: Scene) -> None:
    with transaction():
        ticket, office = bring_to(scene, State.IN_HAND, sort=Sort.MEDIATION), user(scene.office)
        assert ticket.level is Level.BUILDING
        with pytest.raises(Invalid, match="did not succeed"):
            handling.raise_level(ticket, office, "", charge=Charge(user=office))
        for level in (Level.COMMUNITY, Level.STREET):
            handling.raise_level(ticket, office, "两家都不让", charge=Charge(user=office))
            assert (ticket.level, ticket.state) == (level, State.SORTED)
        with pytest.raises(Conflict, match="passed on"):
            handling.raise_level(ticket, office, "还是不让", charge=Charge(user=office))
        number = ticket.id
    with pytest.raises(IntegrityError, match="never down"), transaction():
        db.session.execute(update(Ticket).where(Ticket.id == number).values(level=Level.BUILDING))
    with transaction(), pytest.raises(Conflict, match="Only mediation"):
        handling.raise_level(bring_to(scene, State.IN_HAND), user(scene.office), "x", charge=Charge(name="y"))


def test_a_long_case_has_its_meetings_and_what_was_agreed_stays(scene: Scene) -> None:
    with transaction():
        ticket, office = bring_to(scene, State.IN_HAND, sort=Sort.MEDIATION), user(scene.office)
        for day in (10, 13, 17, 24):
            meeting = following.meet(ticket, office, Gathering(day=clock.today().replace(day=day), who="两家和楼长"))
            following.hold(ticket, meeting, office, f"{day} 日各让一步")
        with pytest.raises(Conflict, match="stays"):
            following.hold(ticket, meeting, office, "改口")
        coming = following.meet(ticket, office, Gathering(day=clock.today() + timedelta(days=2), who="两家"))
        with pytest.raises(Conflict, match="not come yet"):
            following.hold(ticket, coming, office, "说定了")
        with pytest.raises(Invalid, match="who takes part"):
            following.meet(ticket, office, Gathering(day=clock.today(), who=""))
        number = meeting.id
    for change in (update(CaseMeeting).where(CaseMeeting.id == number).values(agreed="x"), CaseMeeting.__table__.delete()):
        with pytest.raises(IntegrityError, match="stays"), transaction():
            db.session.execute(change)


def test_nobody_is_sent_to_a_person_who_was_not_asked_or_does_not_want_it(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.IN_HAND, door=Door.INFORMANT, about="臧玉梅")
        office = user(scene.office)
        with pytest.raises(Conflict, match="nobody has asked them"):
            following.ask_help(ticket, office, wish())
        intake.set_consent(ticket, Consent.REFUSED, office, "不要麻烦人")
        with pytest.raises(Conflict, match="do not want"):
            following.ask_help(ticket, office, wish())
        intake.set_consent(ticket, Consent.GIVEN, office)
        intake.name_elder(ticket, db.session.get_one(Elder, scene.elder), office)
        made = following.ask_help(ticket, office, wish())
        assert (made.elder_id, ticket.building_id) == (scene.elder, scene.building)
        db.session.refresh(ticket)
        assert [each.id for each in ticket.requests] == [made.id]


def test_a_request_for_somebody_unknown_carries_the_name_and_the_place(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.IN_HAND, building=db.session.get_one(make.Building, scene.building))
        made = following.ask_help(ticket, user(scene.office), wish())
        assert (made.elder_id, made.for_name) == (None, "郎秋生")
        assert made.for_address.endswith("松坡路 12 号")


def test_a_mediation_is_worked_on_by_whoever_has_it_until_a_colleague_takes_it_over_with_a_reason(scene: Scene) -> None:
    with transaction():
        ticket, colleague = bring_to(scene, State.IN_HAND, sort=Sort.MEDIATION), user(scene.colleague)
        with pytest.raises(NotAllowed, match="take it over"):
            handling.note(ticket, colleague, "我也说两句")
        with pytest.raises(Invalid, match="why"):
            handling.take_over(ticket, colleague, "")
        handling.take_over(ticket, colleague, "衣晓雯休假")
        handling.note(ticket, colleague, "约了明天")
        assert ticket.charge_id == scene.colleague


def test_a_lead_works_on_what_is_in_their_hands_and_reads_the_rest(scene: Scene) -> None:
    with transaction():
        lead, office = user(scene.lead), user(scene.office)
        ticket = bring_to(scene, State.SORTED, building=db.session.get_one(make.Building, scene.building))
        with pytest.raises(NotAllowed, match="not in your hands"):
            handling.begin(ticket, lead)
        handling.sort_out(ticket, office, sort=Sort.PROBLEM, topic=Topic.REPAIR, charge=Charge(user=lead))
        handling.begin(ticket, lead)
        handling.end(ticket, lead, Outcome.SETTLED, "灯换了")


def test_a_lead_sees_the_tickets_of_their_buildings_only(scene: Scene) -> None:
    with transaction():
        here, there = (db.session.get_one(make.Building, number) for number in (scene.building, scene.other_building))
        seen, _hidden = bring(scene, building=here), bring(scene, building=there)
        bring(scene)
        listed = queries.listed(scene.community, user(scene.lead), Asked())
        assert [each.id for each in listed.rows] == [seen.id]
        assert queries.counts(scene.community, user(scene.lead)) == {State.RECEIVED: 1}
        assert queries.listed(scene.community, user(scene.office), Asked()).count == 3


def test_a_steward_sees_what_concerns_their_compound_whether_a_building_is_named_or_not(scene: Scene) -> None:
    with transaction():
        here, there = (db.session.get_one(make.Building, number) for number in (scene.building, scene.other_building))
        steward = make.make_user(Role.STEWARD, db.session.get_one(make.Community, scene.community))
        volunteers.look_after(steward, [here.compound])
        seen = {bring(scene, building=here).id, bring(scene, compound=here.compound).id}
        bring(scene, building=there)
        bring(scene)
        assert {each.id for each in queries.listed(scene.community, steward, Asked()).rows} == seen


def test_a_mediation_that_has_come_to_the_street_is_read_and_settled_by_its_officer(scene: Scene) -> None:
    with transaction():
        street = db.session.get_one(make.Community, scene.community).street_id
        officer, office = make.make_user(Role.STREET_OFFICER, street_id=street), user(scene.office)
        ticket = bring_to(scene, State.IN_HAND, sort=Sort.MEDIATION)
        handling.raise_level(ticket, office, "两家都不让", charge=Charge(user=office))
        with pytest.raises(NotAllowed):
            handling.begin(ticket, officer)
        assert not reading.reads_words(ticket, officer)
        assert officer in queries.hands(scene.community)[0]
        handling.raise_level(ticket, office, "还是不让", charge=Charge(user=officer))
        handling.begin(ticket, officer)
        handling.end(ticket, officer, Outcome.SETTLED, "签了协议")
        assert ticket.state is State.ENDED


def test_a_lost_ticket_is_found_by_number_name_sound_or_telephone_its_own_or_the_elders(scene: Scene) -> None:
    with transaction():
        ticket = bring(scene, elder=db.session.get_one(Elder, scene.elder))
        bring(scene, name="别人", phone="13999990000")
        for words in ("郎秋生", "5678", "lang", "2026-00001", "zang", "00001234"):
            assert [each.id for each in queries.listed(scene.community, user(scene.office), Asked(words=words)).rows] == [ticket.id]


def test_the_database_walks_the_drawn_lines_only(scene: Scene) -> None:
    for before in State:
        for after in State:
            if after is before or after in ALLOWED[before]:
                continue
            with transaction():
                number = bring_to(scene, before).id
            ended, closed = after in {State.ENDED, State.CLOSED}, after is State.CLOSED
            values = {
                "state": after,
                "outcome": Outcome.SETTLED if ended else None,
                "heard": Heard.SATISFIED if closed else None,
                "due": None if closed else clock.today(),
                "topic": Topic.REPAIR,
                "charge_id": scene.office,
            }
            with pytest.raises(IntegrityError, match="drawn lines"), transaction():
                db.session.execute(update(Ticket).where(Ticket.id == number).values(**values))


def test_the_database_refuses_a_ticket_that_does_not_hold_together(scene: Scene) -> None:
    with transaction():
        bring(scene)
    for broken in (
        "state = 'sorted'",
        "outcome = 'settled'",
        "heard = 'satisfied'",
        "due = NULL",
        "consent = 'given'",
        "level = 'street'",
        "name = ''",
        "tries = -1",
        "number = '2026-99999'",
    ):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE ticket SET {broken}"))


def test_steps_and_the_fate_of_papers_stay_and_nothing_of_a_case_is_deleted(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.IN_HAND)
        paper = following.take_paper(ticket, user(scene.office), "老年证")
        following.end_paper(ticket, paper, user(scene.office), PaperFate.LOST, "已带去补办")
    for change in (
        update(TicketStep).values(note="x"),
        TicketStep.__table__.delete(),
        update(CasePaper).values(whom="y"),
        CasePaper.__table__.delete(),
        text("DELETE FROM ticket"),
    ):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(change)


def test_a_place_or_an_elder_of_another_community_is_refused_by_the_database(scene: Scene) -> None:
    with transaction():
        number = bring(scene).id
        elsewhere = make.make_community("elsewhere")
        building = make.make_building(elsewhere)
        values = [
            {"building_id": building.id, "compound_id": building.compound_id},
            {"compound_id": building.compound_id},
            {"elder_id": make.make_elder(make.make_household(elsewhere, building)).id},
        ]
    for each in values:
        with pytest.raises(IntegrityError, match="of its community"), transaction():
            db.session.execute(update(Ticket).where(Ticket.id == number).values(**each))


def test_words_of_a_case_are_sealed_in_the_database(scene: Scene) -> None:
    with transaction():
        ticket = bring_to(scene, State.ENDED, words="两口子吵架")
        following_words = [each.note for each in ticket.steps if each.note]
        assert following_words == ["物业换了灯"]
    stored = " ".join(
        str(value) for table in ("ticket", "ticket_step") for value in db.session.execute(text(f"SELECT * FROM {table}")).all()
    )
    assert "两口子吵架" not in stored
    assert "物业换了灯" not in stored
