"""Messages: what they say, when they wait, which way they go, and who sees them."""

import contextlib
import io
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, build, open_browser
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.access.policy import POLICY
from timebank.access.queries import demo_codes
from timebank.db import Base, db, transaction
from timebank.notices import actions, choices, sending
from timebank.notices.channels import Terminal, carriers
from timebank.notices.models import Notice, State
from timebank.notices.templates import LONGEST, SMS_LENGTH, TEMPLATES, render

ENGLISH_LENGTH = 160
MORNING = datetime(2026, 11, 25, 10, 30, tzinfo=clock.ZONE)
NIGHT = datetime(2026, 11, 25, 21, 0, tzinfo=clock.ZONE)


@pytest.fixture
def printed(app: Flask) -> Iterator[io.StringIO]:
    """Give what the terminal shows; all messages go there."""
    before = carriers.codes, carriers.messages
    out = io.StringIO()
    carriers.codes = carriers.messages = Terminal(out)
    yield out
    carriers.codes, carriers.messages = before


def write(app: Flask, template: str, instant: datetime = MORNING) -> int:
    """Write a message to a new volunteer at an instant."""
    clock.clock.start_at(instant)
    with app.app_context(), transaction():
        user = db.session.scalars(select(User)).first() or access.add_user("13812341234", "林晓梅", Role.VOLUNTEER, community_id=1)
        notice = actions.notify(user.id, template, "八大关社区", **TEMPLATES[template].sample)
        assert notice is not None
        return notice.id


def state_of(app: Flask, notice_id: int) -> State:
    """Return what became of a message."""
    with app.app_context():
        notice = db.session.get(Notice, notice_id)
        assert notice is not None
        return notice.state


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_message_fits_one_sms_under_the_longest_signature(name: str) -> None:
    """A second part would cost twice and arrive alone."""
    sample = TEMPLATES[name].sample
    assert len(render(name, "zh", sample, "八大关街道太平角社区" + "一" * 20)) <= SMS_LENGTH
    assert len(render(name, "zh", sample, "一" * LONGEST)) <= SMS_LENGTH
    assert len(render(name, "en", sample)) <= ENGLISH_LENGTH


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_message_carries_a_link_or_brackets_of_its_own(name: str) -> None:
    """Elders are warned of links, and the brackets belong to the signature."""
    assert not {"http", "www", "【", "】"} & {part for part in ("http", "www", "【", "】") if part in TEMPLATES[name].words}


TO_A_NUMBER = {"code", "session_off", "session_seat", "item_ready", "item_unmended", "ended"}
"""Messages to a number nobody signs in by, or that is no more to be signed in by."""
OF_A_VISIT = {"tomorrow", "day_changed", "soon", "arrived", "delivered"}
"""Messages of one visit lead to that very visit; who sends them names it."""


@pytest.mark.parametrize("name", sorted(TEMPLATES.keys() - TO_A_NUMBER - OF_A_VISIT))
def test_every_message_leads_to_a_page_that_its_readers_may_open(app: Flask, name: str) -> None:
    """A message that leads nowhere has somebody look for what it means."""
    endpoint, _values = app.url_map.bind("localhost").match(TEMPLATES[name].path, method="GET")
    rule = POLICY[endpoint]
    assert rule in ("public", "any") or rule & {Role.VOLUNTEER, Role.FAMILY, Role.COORDINATOR}


def test_a_message_leads_where_its_sender_says_else_where_its_kind_does(app: Flask) -> None:
    with app.app_context():
        assert db.session.get_one(Notice, write(app, "offer")).path == "/phone/offers"
        user = db.session.scalars(select(User)).one().id
        with transaction():
            said = actions.notify(user, "soon", path="/family/visits/7", **TEMPLATES["soon"].sample)
        assert said is not None
        assert said.path == "/family/visits/7"


@pytest.mark.parametrize("kind", choices.KINDS)
def test_a_no_stops_a_kind_and_what_is_urgent_or_was_promised_always_comes(app: Flask, kind: str) -> None:
    """Nobody goes to a closed door because they wanted fewer messages."""
    with app.app_context(), transaction():
        user = access.add_user("13812341234", "林晓梅", Role.VOLUNTEER, community_id=1).id
        choices.choose(user, set(choices.KINDS) - {kind})
        for template in choices.KINDS[kind]:
            assert actions.notify(user, template, **TEMPLATES[template].sample) is None
            assert not TEMPLATES[template].urgent
        for template in ("now", "cancelled", "changed", "handed_over", "number", "correction"):
            assert actions.notify(user, template, **TEMPLATES[template].sample) is not None


def test_a_message_goes_out_once_and_is_remembered(app: Flask, printed: io.StringIO) -> None:
    """Asking again for the same message sends nothing."""
    notice = write(app, "offer")
    assert state_of(app, notice) is State.SENT
    with app.app_context():
        sending.send_notice(notice)
    assert printed.getvalue().count("项邀约") == 1
    assert printed.getvalue().startswith("138****1234 【八大关社区】")


def test_a_message_of_a_write_unit_that_failed_is_never_sent(app: Flask, printed: io.StringIO) -> None:
    """What was not stored is not said."""
    clock.clock.start_at(MORNING)
    with app.app_context():
        with transaction():
            user = access.add_user("13812341234", "林晓梅", Role.VOLUNTEER).id
        with contextlib.suppress(ZeroDivisionError), transaction():
            actions.notify(user, "offer", **TEMPLATES["offer"].sample)
            raise ZeroDivisionError
        assert db.session.scalars(select(Notice)).all() == []
    assert printed.getvalue() == ""


def test_people_are_left_in_peace_at_night_unless_somebody_is_unwell(app: Flask, printed: io.StringIO) -> None:
    """An offer waits for eight o'clock; an alert does not."""
    waiting = write(app, "offer", NIGHT)
    urgent = write(app, "unwell", NIGHT)
    assert state_of(app, waiting) is State.HELD
    assert state_of(app, urgent) is State.SENT
    with app.app_context():
        sending.send_held()
    assert state_of(app, waiting) is State.HELD
    clock.clock.start_at(datetime(2026, 11, 26, 8, 0, tzinfo=clock.ZONE))
    with app.app_context():
        sending.send_held()
    assert state_of(app, waiting) is State.SENT


def test_without_a_channel_messages_wait_for_the_desk(app: Flask) -> None:
    """Nothing says it was sent when it was not."""
    assert state_of(app, write(app, "cancelled")) is State.QUEUED


def test_somebody_who_is_switched_off_gets_no_message(app: Flask) -> None:
    """Neither a row nor a line."""
    with app.app_context(), transaction():
        user = access.add_user("13812341234", "林晓梅", Role.VOLUNTEER)
        access.switch_off(user)
        assert actions.notify(user.id, "offer", **TEMPLATES["offer"].sample) is None


def test_number_and_words_are_sealed_in_the_database(app: Flask) -> None:
    """Reading the table tells nobody who was told what."""
    write(app, "coming")
    with app.app_context():
        stored = db.session.connection().exec_driver_sql("select phone, text from notice").one()
    assert "13812341234" not in stored[0]
    assert "理发" not in stored[1]


def test_a_sign_in_code_is_printed_in_the_terminal_with_the_number_masked(app: Flask, client: Browser, printed: io.StringIO) -> None:
    """The one who started the service can read it out to its owner."""
    client.send("/sign-in", phone="13812341234")
    with app.app_context():
        code = demo_codes()[0].code
    assert f"验证码 {code}" in printed.getvalue()
    assert "13812341234" not in printed.getvalue()


def test_the_coordinator_sees_the_own_communitys_messages_only(
    app: Flask, sign_in_as: Callable[..., Browser], printed: io.StringIO
) -> None:
    """Another community's coordinator sees none of them."""
    with app.app_context(), transaction():
        for slug in ("here", "there"):
            make.make_community(slug)
    write(app, "offer")
    clock.clock.reset()
    assert "项邀约" in sign_in_as(Role.COORDINATOR, 1).get("/notices").text
    assert "项邀约" not in sign_in_as(Role.COORDINATOR, 2).get("/notices").text
    assert "项邀约" not in sign_in_as(Role.COORDINATOR, None).get("/notices").text


@pytest.mark.parametrize("demo", [True, False])
def test_codes_are_shown_at_the_desk_only_in_the_demo(tmp_path_factory: pytest.TempPathFactory, *, demo: bool) -> None:
    """In real use a code is for its owner alone."""
    app = build(tmp_path_factory.mktemp("instance"), demo=demo)
    desk, phone = open_browser(app), open_browser(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            here = make.make_community().id
            token, _session = access.sign_in(access.add_user("13800138000", "周敏", Role.COORDINATOR, community_id=here))
    desk.set_cookie("timebank-user", token)
    phone.send("/sign-in", phone="13812341234")
    with app.app_context():
        code = demo_codes()[0].code
    assert (code in desk.get("/notices").text) is demo
    with app.app_context():
        db.engine.dispose()
