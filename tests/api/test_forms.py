"""Whatever a page can do, a program can: each changing page is a door of the API, has one of its own, or stands here with its reason."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.access.addresses import methods, programs, rules
from tests.api.bodies import as_kind
from tests.api.conftest import path_of
from tests.api.program import program_of
from tests.attack import crawl
from tests.attack.conftest import walked
from tests.attack.test_strangers import stored
from tests.attack.town import build_town
from timebank.access.form_doors import PAGES, door_of
from timebank.access.policy import POLICY, PUBLIC, scope_of
from timebank.api.form_table import TAKES
from timebank.api.forms import FREE, body_of
from timebank.api.words import FORMS
from timebank.audit import REFUSED, AuditRow
from timebank.db import db

__all__ = ["walked"]

OWN_DOORS = {
    "account.donate": "api_books.donate",
    "account.give": "api_books.give",
    "books.correct_hour": "api_books.correct_record",
    "cases.new": "api_rooms.take_in",
    "cases.note": "api_rooms.note",
    "certificates.issue": "api_books.issue",
    "certificates.revoke": "api_books.revoke",
    "credit.grant": "api_books.grant",
    "duties.accept": "api_rooms.accept_duty",
    "duties.give_up": "api_rooms.give_up_duty",
    "duties.sign_in": "api_rooms.sign_in",
    "duties.sign_out": "api_rooms.sign_out",
    "duty_desk.fill": "api_rooms.claim",
    "elders.new": "api_people.add_elder",
    "family.cancel": "api_service.cancel",
    "family.confirm": "api_service.confirm_mine",
    "family.object_to": "api_service.object_to",
    "family_away.add": "api_follows.pause",
    "family_away.back": "api_follows.come_back",
    "one_visit.after_all": "api_follows.after_all",
    "one_visit.call_off": "api_follows.call_off",
    "own_time.add_time_off": "api_follows.add_time_off",
    "own_time.drop_time_off": "api_follows.drop_time_off",
    "people.come_back": "api_people.come_back",
    "people.pause": "api_people.pause_elder",
    "phone.accept": "api_service.accept",
    "phone.check_in": "api_service.check_in",
    "phone.check_out": "api_service.check_out",
    "phone.decline": "api_service.decline",
    "phone.deliver": "api_service.deliver",
    "phone.pick_up": "api_service.pick_up",
    "phone.problem": "api_service.outcome",
    "phone.undo": "api_service.undo",
    "planning.assign": "api_weeks.assign",
    "planning.pin": "api_weeks.pin",
    "planning.publish": "api_weeks.publish",
    "planning.replan": "api_weeks.replan",
    "planning.solve": "api_weeks.solve",
    "planning.stop": "api_weeks.stop",
    "planning.take": "api_weeks.take",
    "planning.take_up": "api_weeks.take_up",
    "planning.unassign": "api_weeks.unassign",
    "proposals.agree": "api_books.agree",
    "proposals.refuse": "api_books.refuse",
    "proposals.withdraw": "api_books.withdraw",
    "records.enter": "api_entries.enter",
    "records.post_entry": "api_entries.post",
    "records.refuse_entry": "api_entries.refuse",
    "requests.accept": "api_needs.accept",
    "requests.decline": "api_needs.decline",
    "requests.end": "api_needs.end",
    "requests.new": "api_needs.ask",
    "stations.move": "api_rooms.move",
    "stations.sign_up": "api_rooms.sign_up",
    "today.confirm_one": "api_service.confirm_visit",
    "today.enter_answer": "api_service.enter_yes",
    "volunteers.add_time_off": "api_people.add_time_off",
    "volunteers.drop_time_off": "api_people.drop_time_off",
    "volunteers.new": "api_people.add_volunteer",
    "volunteers.times": "api_people.set_availability",
}
"""Pages whose doing has a door of its own, made for programs."""

SIGNS_IN = "it is how a person comes in, or leaves; a program comes with its token"
A_PERSON_ALONE = "only a person may: the token it would come by is what it makes, ends or widens"
OWN_FACE = "a photo of one's own face is given and taken back by oneself, on the phone that took it"
IN_A_BROWSER = "it changes what one browser shows; a token has its one community and its user's language"
OPEN_TO_ALL = "it changes nothing, and anybody may do it without a token"
A_FILE = "it hands out a file to somebody who signs for it, marked with their name; programs read the same rows from the lists"
NO_CHANGE = "it shows what a form would do and changes nothing; here dry_run does that"
NO_DOOR: dict[str, str] = {
    **dict.fromkeys(
        ("access.code", "access.end_device", "access.leave_everywhere", "access.link", "access.register", "access.sign_in",
         "access.sign_out", "second.begin", "second.check"), SIGNS_IN,
    ),
    **dict.fromkeys(("access.set_mail", "tokens.end", "tokens.make", "own_data.forget", "elders.family_code", "oversight.unmask"), A_PERSON_ALONE),
    **dict.fromkeys(("access.language", "streets.look_at"), IN_A_BROWSER),
    **dict.fromkeys(("badge.take_photo", "badge.drop_photo"), OWN_FACE),
    **dict.fromkeys(("certificates.check", "certificates.check_paper"), OPEN_TO_ALL),
    **dict.fromkeys(
        ("exchange.everything", "exchange.person", "exchange.rosters", "exchange.reconcile", "reports.national_export", "reports.take_along", "today.day_sheets"), A_FILE,
    ),
    **dict.fromkeys(("family.fill", "family.send", "lunch.look", "lunch.send"), "asking by a link is for people; a program asks by /my/requests and enters answers at the desk's doors"),
}  # fmt: skip


def changing(app: Flask) -> set[str]:
    """Return every page that changes something."""
    return {rule.endpoint for rule in rules(app) if set(methods(rule)) - {"GET"}}


def test_whatever_a_page_does_a_program_can_do_or_here_is_why_not(app: Flask) -> None:
    """A page made tomorrow is in none of the three lists, and this fails until somebody says which."""
    parts = [set(PAGES), set(OWN_DOORS), set(NO_DOOR)]
    assert set.union(*parts) == changing(app)
    assert sum(map(len, parts)) == len(changing(app)), "one stands in two lists"
    assert all(reason for reason in NO_DOOR.values())
    assert {door_of(page) for page in PAGES} | set(OWN_DOORS.values()) <= set(app.view_functions)


def test_a_form_opens_to_a_program_exactly_where_its_page_opens_to_its_user(app: Flask) -> None:
    """The same policy: the line of a door is the line of its page, and a door of its own lets nobody in whom its page keeps out."""
    del app
    assert [page for page in PAGES if POLICY[door_of(page)] is not POLICY[page] or scope_of(door_of(page)) is None] == []
    wider = [
        page
        for page, door in OWN_DOORS.items()
        if not isinstance(POLICY[door], str) and not isinstance(POLICY[page], str) and not POLICY[door] <= POLICY[page]
    ]
    assert wider == []
    assert [page for page in PAGES if POLICY[page] == PUBLIC] == []


def test_the_table_names_the_schema_that_each_view_reads(app: Flask) -> None:
    """What the description says of a body is what the view takes: each schema that a view names is the one of the table."""
    assert TAKES.keys() == PAGES.keys() == FORMS.keys()
    wrong = []
    for page, schema in TAKES.items():
        view = inspect.unwrap(app.view_functions[page])
        taken = set(re.findall(r"(?<![\w.])take\((\w+)\(", inspect.getsource(view))) & view.__globals__.keys()
        if taken and schema not in {view.__globals__[each] for each in taken}:
            wrong.append((page, schema, taken))
    assert wrong == []


def body(page: str, form: crawl.Form) -> dict[str, Any]:
    """Return a form of a page as a program sends it: its fields by name, each of the kind that the description says."""
    schema = body_of(page)
    if schema is None:
        return {}
    said: dict[str, Any] = {}
    free: dict[str, Any] = {}
    for name, values in form.filled().to_dict(flat=False).items():
        field = schema().fields.get(name)
        written = [each for each in values if each.strip()]
        if field is None:
            free[name] = written if len(written) > 1 else "".join(written)
        elif written:
            kinds = [as_kind(getattr(field, "inner", field).kind, each) for each in written]
            said[name] = kinds if hasattr(field, "inner") else kinds[0]
    return {**said, "form": free} if page in FREE else said


def audits(app: Flask) -> int:
    """Count what was done."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb != REFUSED)) or 0


GROUND = {"family_bind.end"}
"""What ends the very ground that the rest of the walk stands on."""


@pytest.mark.parametrize("who", ["coordinator", "one", "family"])
def test_every_form_on_the_way_through_the_pages_is_tried_and_then_counts_once(
    app: Flask, walked: Callable[[str], crawl.Walk], who: str
) -> None:
    """Each form as its page shows it, sent by a program: tried it leaves nothing, sent twice it is one deed answered alike, other words are refused."""
    program = program_of(app, build_town(app).users[who])
    sent = []
    for form in walked(who).forms:
        page = crawl.endpoint_of(app, form.action, "POST")
        if form.method == "post" and page in PAGES and page not in GROUND and not form.files:
            sent.append((page, f"/forms{form.action.split('?')[0]}", body(page, form)))
    rows = stored(app)
    tried = {(page, program.send(f"{path}?dry_run=true", said).status_code) for page, path, said in sent}
    assert [each for each in tried if each[1] not in {200, 409, 422}] == []
    assert stored(app) == rows
    wrong, done = [], set()
    for place, (page, path, said) in enumerate(sent):
        key = f"form-{who}-{place}"
        first = program.send(path, said, key=key)
        once = audits(app)
        if first.status_code != 200:
            if first.status_code not in {409, 422} or first.get_json()["code"] == "not_taken":
                wrong.append((page, first.status_code, first.text[:200]))
            continue
        done.add(page)
        second = program.send(path, said, key=key)
        if (second.get_data(), second.headers.get("Idempotency-Replayed"), audits(app)) != (first.get_data(), "true", once):
            wrong.append((page, "twice", second.status_code, second.text[:200]))
        other = program.send(path, {**said, "form": {"one_more": "field"}} if page in FREE else {**said, "one_more": 1}, key=key)
        if other.status_code != 422:
            wrong.append((page, "other words", other.status_code))
    assert wrong == []
    assert len(done) >= {"coordinator": 40, "one": 8, "family": 2}[who], sorted(done)


READ_AT = {
    "alert_id": "/alerts", "application_id": "/star-applications", "attendance_id": "/sessions/{session_id}", "award_id": "/awards",
    "batch_id": "/certificate-batches", "building_id": "/buildings", "call_id": "/call-backs", "canteen_id": "/canteens",
    "certificate_id": "/certificates", "check_up_id": "/check-ups", "claim_id": "/post-claims", "club_id": "/clubs", "course_id": "/courses",
    "duty_id": "/duties", "elder_call_id": "/elder-calls", "elder_id": "/elders", "entry_id": "/gift-entries",
    "family_claim_id": "/family-claims", "feed_id": "/feeds", "finding_id": "/findings", "hand_id": "/hands", "held_id": "/held-skills",
    "import_id": "/imports", "item_id": "/items", "kind_id": "/kinds", "kinship_id": "/kinships", "late_id": "/late-meals",
    "learner_id": "/learners", "lending_id": "/lendings", "link_id": "/gift-links", "meeting_id": "/case-meetings",
    "member_id": "/team-members", "merger_id": "/mergers", "mismatch_id": "/mismatches", "month": "/closed-months", "notice_id": "/notices",
    "objection_id": "/objections", "offer_id": "/offers", "older_id": "/older-batches", "paper_id": "/case-papers", "place_id": "/gift-places",
    "post_id": "/posts", "promise_id": "/promises", "record_id": "/records", "request_id": "/requests", "review_id": "/star-reviews",
    "round_id": "/rounds", "seq": "/transfers", "session_id": "/sessions", "shift_id": "/posts", "station_id": "/stations",
    "swap_id": "/post-swaps", "team_id": "/teams", "ticket_id": "/tickets", "tie_id": "/ties", "training_id": "/trainings",
    "unit_id": "/units", "user_id": "/colleagues", "visit_id": "/visits", "volunteer_id": "/volunteers",
}  # fmt: skip
ANSWERED = {"token": "the check of an import answers it", "one": "/elders or /volunteers", "other": "/elders or /volunteers"}
NO_NUMBER = {"kind": "elders or volunteers", "word": "sms, mail or robot", "weekday": "0 is Monday", "street_id": "an administrator's own"}


def test_whatever_number_a_form_wants_is_read_at_another_door(app: Flask) -> None:
    """A program that comes without a page finds every row it may do something with."""
    wanted = set().union(*(rule.arguments for rule in programs(app) if rule.endpoint.startswith("api_forms.")))
    assert wanted == READ_AT.keys() | ANSWERED.keys() | NO_NUMBER.keys()
    read = {path_of(rule).removeprefix("/api/v1") for rule in programs(app) if "GET" in methods(rule)}
    assert set(READ_AT.values()) <= read
