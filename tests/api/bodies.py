"""What programs send in tests: for each changing door a body as it might come, its numbers those of a town's rows."""

from typing import Any

from tests.attack.test_strangers import COMMUNITYS_OWN, FILLED
from tests.attack.test_strangers import ROWS as PAGES_ROWS
from tests.attack.town import Town
from timebank.access.form_doors import PAGES, door_of
from timebank.api.forms import body_of

ROWS = {name: rows[0] for name, rows in (PAGES_ROWS | COMMUNITYS_OWN).items()} | {
    "elder_id": "elder",
    "volunteer_id": "carer_one",
    "time_off_id": "away",
    "pause_id": "pause",
    "entry_id": "entry",
    "request_id": "request",
    "visit_id": "next_visit",
    "run_id": "run",
    "offer_id": "next_offer",
    "round_id": "round",
    "record_id": "record",
    "link_id": "link",
    "certificate_id": "certificate",
    "proposal_id": "proposal",
    "duty_id": "turn",
    "session_id": "session",
    "attendance_id": "attendance",
    "ticket_id": "ticket",
    "webhook_id": "webhook",
    "building_id": "building",
    "team_id": "team",
    "member_id": "member",
    "user_id": "user",
}
NOT_THERE = 999_999
"""The number of no row: what no town has one of yet."""
ABSENT = [
    "application_id",
    "award_id",
    "batch_id",
    "hand_id",
    "kind_id",
    "late_id",
    "lending_id",
    "meeting_id",
    "merger_id",
    "mismatch_id",
    "notice_id",
    "one",
    "other",
    "paper_id",
    "promise_id",
    "review_id",
    "seq",
    "street_id",
]
PLAIN = {"week": "2026-W48", "month": "2026-11", "day": "2026-11-25", "kind": "elders", "token": "x", "word": "sms", "weekday": 2}
WORDS: dict[str, Any] = PLAIN | dict.fromkeys(ABSENT, NOT_THERE)
BODIES: dict[str, dict[str, Any]] = {
    "api_people.add_elder": {"name": "乐平", "building": "row:building", "floor": 1},
    "api_people.change_elder": {"name": "乐平"},
    "api_people.pause_elder": {"first_day": "2026-11-30", "last_day": "2026-12-01"},
    "api_people.come_back": {"back": "2026-11-30"},
    "api_people.add_volunteer": {"name": "乐平", "phone": "13912340001", "home": "row:building"},
    "api_people.change_volunteer": {"boxes": 4},
    "api_people.set_availability": {"spans": [{"weekday": 0, "start": "08:30", "end": "11:30"}]},
    "api_people.add_time_off": {"day": "2026-12-30"},
    "api_needs.ask": {"elder": "row:elder", "kind": "HAIR", "dates": ["2026-11-30"], "window_from": "09:00", "window_to": "11:00"},
    "api_needs.accept": {"elder": "row:elder"},
    "api_needs.decline": {"reason": "太远"},
    "api_needs.end": {"last_day": "2026-11-30"},
    "api_weeks.solve": {"seconds": 1},
    "api_weeks.publish": {"version": 1},
    "api_weeks.assign": {"version": 1, "volunteers": ["row:carer_two"]},
    "api_weeks.unassign": {"version": 1},
    "api_weeks.pin": {"version": 1, "pinned": True},
    "api_weeks.take_up": {"version": 1},
    "api_service.accept": {"offers": ["row:asked_offer"]},
    "api_service.decline": {"offers": ["row:asked_offer"], "reason": "没空"},
    "api_service.pick_up": {"counted": 2},
    "api_service.check_in": {"code": "4827"},
    "api_service.outcome": {"outcome": "no_answer"},
    "api_service.enter_no": {"reason": "没空"},
    "api_service.ask": {"elder": "row:elder", "kind": "HAIR", "dates": ["2026-11-30"], "window_from": "09:00", "window_to": "11:00"},
    "api_service.object_to": {"doubt": "没有来"},
    "api_follows.pause": {"first_day": "2026-12-10", "last_day": "2026-12-11"},
    "api_follows.add_time_off": {"day": "2026-12-30"},
    "api_entries.enter": {
        "volunteer": "row:carer_one",
        "kind": "HAIR",
        "day": "2026-11-24",
        "started": "09:00",
        "ended": "09:30",
        "place": "海棠苑",
        "reason": "没带手机",
        "evidence": "纸质签到表",
    },
    "api_entries.refuse": {"decision": "时间不对"},
    "api_books.correct_record": {"minutes": 20, "reason": "签退晚了"},
    "api_books.give": {"minutes": 5},
    "api_books.donate": {"minutes": 5},
    "api_books.grant": {"minutes": 5},
    "api_books.issue": {"start": "2026-11-23", "end": "2026-11-24"},
    "api_books.revoke": {"reason": "开错了"},
    "api_books.refuse": {"decision": "不用"},
    "api_rooms.claim": {"volunteer": "row:carer_two"},
    "api_rooms.sign_up": {"elder": "row:elder"},
    "api_rooms.move": {"turn": "called"},
    "api_rooms.take_in": {"sort": "problem", "name": "郎秋生", "words": "楼道灯坏了"},
    "api_hooks.register": {"url": "https://203.0.113.7/x", "events": ["plan.published"]},
    "api_rooms.note": {"words": "去看过了"},
}


def of_form(page: str) -> dict[str, Any]:
    """Return what a stranger writes into a form: whatever of the ordinary words it has a field for, each of its kind."""
    schema = body_of(page)
    parts = schema().fields if schema else {}
    said: dict[str, Any] = {}
    for name, field in parts.items():
        kind = getattr(getattr(field, "inner", field), "kind", None)
        if name in FILLED and kind is not None:
            value = as_kind(kind, FILLED[name])
            said[name] = [value] if hasattr(field, "inner") else value
    return said


def as_kind(kind: str, said: str) -> Any:
    """Return a word of a form as the kind of value it means."""
    if kind == "boolean":
        return said not in {"0", "false", ""}
    return int(said) if kind == "integer" and said.lstrip("-").isdigit() else said


BODIES |= {door_of(page): of_form(page) for page in PAGES}


def filled(body: Any, town: Town) -> Any:
    """Return a body with the numbers of a town's rows where it names them."""
    if isinstance(body, dict):
        return {name: filled(value, town) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(each, town) for each in body]
    return town.rows[body.removeprefix("row:")] if isinstance(body, str) and body.startswith("row:") else body
