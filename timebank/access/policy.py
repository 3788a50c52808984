"""The one table of who may open what: endpoint -> roles. An endpoint that is not in it is closed to everybody.

Each room keeps its lines together under its own heading. A rule says which *roles* come through the door; which *rows*
they then see is asked in the room's queries, by community and by person.
"""

from typing import Final, Literal

from timebank.access.models import Role

Rule = frozenset[Role] | Literal["public", "any"]

PUBLIC: Final = "public"  # signed out as well
ANY: Final = "any"  # everybody who has signed in

ADMIN = frozenset({Role.ADMIN})
STAFF = frozenset({Role.ADMIN, Role.COORDINATOR})
STREET = frozenset({Role.ADMIN, Role.STREET_OFFICER})
READERS = STAFF | {Role.INSPECTOR, Role.STREET_OFFICER}
DESK = STAFF | {Role.STEWARD, Role.TEAM_LEAD, Role.BUILDING_LEAD}
OFFICE = DESK | READERS | {Role.CANTEEN}
VOLUNTEER = frozenset({Role.VOLUNTEER})
FAMILY = frozenset({Role.FAMILY})
FOLLOWERS = FAMILY | VOLUNTEER

POLICY: dict[str, Rule] = {
    # files
    "static": PUBLIC,
    "vendor": PUBLIC,
    # health
    "health.alive": PUBLIC,
    "health.ready": PUBLIC,
    # access
    "access.home": PUBLIC,
    "access.sign_in": PUBLIC,
    "access.code": PUBLIC,
    "access.link": PUBLIC,
    "access.language": PUBLIC,
    "access.sign_out": ANY,
    "access.devices": ANY,
    "access.leave_everywhere": ANY,
    # notices
    "notices.outbox": STAFF,
    # planning: the week
    "planning.week": READERS,
    "planning.diff": READERS,
    "planning.run": READERS,
    "planning.run_news": READERS,
    "planning.visit": READERS,
    "planning.solve": STAFF,
    "planning.replan": STAFF,
    "planning.stop": STAFF,
    "planning.take": STAFF,
    "planning.publish": STAFF,
    "planning.assign": STAFF,
    "planning.unassign": STAFF,
    "planning.pin": STAFF,
    "planning.take_up": STAFF,
    "planning.raise_ceiling": STAFF,
    "planning.try_again": STAFF,
    "planning.leave_it": STAFF,
    # planning: the day
    "planning.today": OFFICE,
    "planning.tomorrow": DESK | READERS,
    "planning.close_alert": STAFF,
    "planning.ask_for": STAFF,
    "planning.enter_answer": STAFF,
    "planning.give_up": STAFF,
    "planning.settle_late": STAFF | {Role.CANTEEN},
    "planning.cannot_come": STAFF,
    "planning.hand_over": STAFF,
    "planning.now": STAFF,
    "planning.need": STAFF,
    "planning.case": STAFF,
    "planning.rang": STAFF,
    "planning.close_case": STAFF,
    "planning.calls": STAFF,
    "planning.answer": STAFF,
    "planning.confirm": READERS,
    "planning.confirm_one": STAFF,
    "planning.confirm_day": STAFF,
    "planning.desk": STAFF,
    "planning.enter": STAFF,
    # requests: the inbox and the desk
    "requests.inbox": READERS,
    "requests.show": READERS,
    "requests.new": STAFF,
    "requests.accept": STAFF,
    "requests.accept_for_new": STAFF,
    "requests.decline": STAFF,
    "requests.end": STAFF,
    "requests.edit": STAFF,
    "late_meals.index": READERS,
    "late_meals.settle": STAFF,
    # people: elders and volunteers with their visits
    "people.elder": READERS,
    "people.pause": STAFF,
    "people.come_back": STAFF,
    "people.set_state": STAFF,
    "people.tie": STAFF,
    "people.untie": STAFF,
    "people.volunteers": READERS,
    "people.volunteer": READERS,
    "people.search": READERS,
    # elders
    "elders.index": READERS,
    "elders.new": STAFF,
    "elders.edit": STAFF,
    "elders.withdraw_consent": STAFF,
    "elders.approve_family": STAFF,
    "elders.drop_family": STAFF,
    # volunteers
    "volunteers.new": STAFF,
    "volunteers.edit": STAFF,
    "volunteers.standing": STAFF,
    "volunteers.units": STAFF,
    "volunteers.unit": STAFF,
    "volunteers.skills": STAFF,
    "volunteers.drop_skill": STAFF,
    "volunteers.times": STAFF,
    "volunteers.add_time_off": STAFF,
    "volunteers.drop_time_off": STAFF,
    "volunteers.teams": STAFF,
    "volunteers.team": READERS,
    "volunteers.join_team": STAFF,
    "volunteers.leave_team": STAFF,
    "volunteers.leads": STAFF,
    "volunteers.lead": STAFF,
    # streets: the page over its communities, its officers, and which community one looks at
    "streets.overview": STREET,
    "streets.look_at": STREET,
    "streets.officers": ADMIN,
    "streets.drop_officer": ADMIN,
    # the frame
    "frame.kit": PUBLIC,
    # exchange
    "exchange.choose": STAFF,
    "exchange.check": STAFF,
    "exchange.report": STAFF,
    "exchange.take_in": STAFF,
    "exchange.template": STAFF,
    # records
    "records.overdue": READERS,
    "records.calendar": READERS,
    "records.take_in_calendar": ADMIN,
    "records.entries": READERS,
    "records.entry": READERS,
    "records.enter": STAFF,
    "records.post_entry": STAFF,
    "records.refuse_entry": STAFF,
    "records.settle_rules": ADMIN,
    "records.add_kin": STAFF,
    "records.drop_kin": ADMIN,
    "records.trainings": STAFF,
    "records.withdraw_training": STAFF,
    "records.my_trainings": VOLUNTEER,
    "records.evaluate": STAFF,
    "records.checks": READERS,
    "records.check": STAFF,
    "records.settle": STAFF,
    "records.call": STAFF,
    # proposals: what waits for a second person
    "proposals.index": READERS,
    "proposals.agree": STAFF,
    "proposals.refuse": STAFF,
    "proposals.withdraw": STAFF,
    "proposals.vouch": STAFF,
    # oversight: the audit trail, and one's own part of it
    "oversight.trail": ADMIN | {Role.INSPECTOR},
    "oversight.trail_excel": ADMIN | {Role.INSPECTOR},
    "oversight.mine": VOLUNTEER,
    "oversight.of_family": FOLLOWERS,
    # recognition
    "recognition.check": PUBLIC,
    "recognition.check_link": PUBLIC,
    "recognition.check_paper": PUBLIC,
    "recognition.books": READERS,
    "recognition.month": READERS,
    "recognition.month_pdf": READERS,
    "recognition.month_excel": READERS,
    "recognition.group_list": READERS,
    "recognition.group": READERS,
    "recognition.group_pdf": READERS,
    "recognition.group_excel": READERS,
    "recognition.hour": READERS,
    "recognition.correct_hour": STAFF,
    "recognition.owing": READERS,
    "recognition.write_off": STAFF,
    "recognition.issue": STAFF,
    "recognition.register": READERS,
    "recognition.certificate": READERS,
    "recognition.certificate_records": READERS,
    "recognition.print_certificate": STAFF,
    "recognition.batch_new": STAFF,
    "recognition.batch": STAFF,
    "recognition.batch_go_on": STAFF,
    "recognition.batch_bundle": STAFF,
    "recognition.month_bundle": STAFF,
    "recognition.batch_papers": STAFF,
    "recognition.revoke": STAFF,
    "recognition.replace": STAFF,
    "recognition.reported": STAFF,
    "recognition.star_list": READERS,
    "recognition.decide_star": STAFF,
    "recognition.object_to_star": STAFF,
    "recognition.answer_star_objection": STAFF,
    "recognition.review_star": STAFF,
    "recognition.act_in_name": STAFF,
    "recognition.set_star_rule": STAFF,
    "recognition.honours": PUBLIC,
    "recognition.awards": STAFF,
    "recognition.withdraw_award": STAFF,
    "recognition.objections": READERS,
    "recognition.answer": STAFF,
    "recognition.months": READERS,
    "recognition.close_month": STAFF,
    "recognition.set_statement_day": STAFF,
    "recognition.closed_month": READERS,
    "recognition.closed_month_pdf": STAFF,
    "recognition.hand_over": STAFF,
    "recognition.report": READERS,
    "recognition.report_pdf": READERS,
    "recognition.report_excel": READERS,
    "recognition.passbook": READERS,
    "recognition.open_passbook": STAFF,
    "recognition.bring_up_passbook": STAFF,
    "recognition.replace_passbook": STAFF,
    "recognition.passbook_pdf": STAFF,
    "recognition.year_report": READERS,
    "recognition.year_pdf": READERS,
    "recognition.year_excel": READERS,
    "recognition.inspect": READERS,
    "recognition.take_along": READERS,
    "recognition.national_page": READERS,
    "recognition.national_export": STAFF,
    "recognition.national_answer": STAFF,
    "recognition.national_one": STAFF,
    "recognition.national_withdrawn": STAFF,
    "recognition.national_number": STAFF,
    "recognition.certificate_number": STAFF,
    "recognition.sheets": STAFF | {Role.CANTEEN},
    "recognition.day_sheets": STAFF,
    "recognition.kitchen": STAFF | {Role.CANTEEN},
    "recognition.my_month": VOLUNTEER,
    "recognition.my_month_pdf": VOLUNTEER,
    "recognition.my_month_excel": VOLUNTEER,
    "recognition.my_statements": VOLUNTEER,
    "recognition.my_statement_pdf": VOLUNTEER,
    "recognition.my_hour": VOLUNTEER,
    "recognition.object_to_hour": VOLUNTEER,
    "recognition.my_certificates": VOLUNTEER,
    "recognition.my_certificate_records": VOLUNTEER,
    "recognition.print_my_certificate": VOLUNTEER,
    "recognition.my_stars": VOLUNTEER,
    "recognition.ask_for_star": VOLUNTEER,
    "recognition.set_honour": VOLUNTEER,
    # credit: the pool and the rules of the time account
    "credit.office": READERS,
    "credit.decide_link": STAFF,
    "credit.grant": STAFF,
    "credit.grant_month": STAFF,
    "credit.pass_on": STAFF,
    "credit.take_back": STAFF,
    "credit.rules": READERS,
    "credit.change_rules": STAFF,
    # account: one's own time, and a family's elder's
    "account.own": VOLUNTEER,
    "account.give": VOLUNTEER,
    "account.donate": VOLUNTEER,
    "account.ask_link": VOLUNTEER,
    "account.of_family": FOLLOWERS,
    # phone: a volunteer
    "phone.today": VOLUNTEER,
    "phone.week": VOLUNTEER,
    "phone.offers": VOLUNTEER,
    "phone.accept": VOLUNTEER,
    "phone.decline": VOLUNTEER,
    "phone.pick_up": VOLUNTEER,
    "phone.visit": VOLUNTEER,
    "phone.deliver": VOLUNTEER,
    "phone.undo": VOLUNTEER,
    "phone.check_in": VOLUNTEER,
    "phone.check_out": VOLUNTEER,
    "phone.problem": VOLUNTEER,
    "phone.mine": VOLUNTEER,
    "own_time.time_off": VOLUNTEER,
    "own_time.add_time_off": VOLUNTEER,
    "own_time.drop_time_off": VOLUNTEER,
    "own_time.availability": VOLUNTEER,
    "own_time.weekday": VOLUNTEER,
    "own_time.set_weekday": VOLUNTEER,
    # family: asking is open to everybody; following is for whoever asked, a volunteer as well
    "family.size": PUBLIC,
    "family.ask": PUBLIC,
    "family.form": PUBLIC,
    "family.fill": PUBLIC,
    "family.check": PUBLIC,
    "family.send": PUBLIC,
    "family.home": FOLLOWERS,
    "family.visit": FOLLOWERS,
    "family.card": FOLLOWERS,
    "family.confirm": FOLLOWERS,
    "family.object_to": FOLLOWERS,
    "family.request_page": FOLLOWERS,
    "family.cancelling": FOLLOWERS,
    "family.cancel": FOLLOWERS,
    "family_away.days": FOLLOWERS,
    "family_away.add": FOLLOWERS,
    "family_away.back": FOLLOWERS,
}

HOMES: dict[Role, str] = {
    Role.ADMIN: "planning.today",
    Role.STREET_OFFICER: "streets.overview",
    Role.COORDINATOR: "planning.today",
    Role.INSPECTOR: "planning.today",
    Role.STEWARD: "planning.today",
    Role.TEAM_LEAD: "planning.today",
    Role.BUILDING_LEAD: "planning.today",
    Role.CANTEEN: "planning.today",
    Role.VOLUNTEER: "phone.today",
    Role.FAMILY: "family.home",
}


WORDS: dict[Role, tuple[str, str]] = {
    Role.COORDINATOR: ("协调员", "coordinators"),
    Role.ADMIN: ("管理员", "administrators"),
    Role.VOLUNTEER: ("志愿者", "volunteers"),
    Role.FAMILY: ("家属", "families"),
    Role.STREET_OFFICER: ("街道人员", "the street's officers"),
    Role.STEWARD: ("红色管家", "stewards"),
    Role.TEAM_LEAD: ("队长", "team leads"),
    Role.BUILDING_LEAD: ("楼长", "building leads"),
    Role.CANTEEN: ("食堂", "the canteen"),
    Role.INSPECTOR: ("查看人员", "inspectors"),
}


def for_whom(endpoint: str) -> tuple[str, str] | None:
    """Return whom a page is for, in both languages, by the first role it was made for; None when it is listed for nobody."""
    rule = POLICY.get(endpoint)
    if rule is None or isinstance(rule, str):
        return None
    return next((words for role, words in WORDS.items() if role in rule), None)


def allows(endpoint: str, role: Role | None) -> bool:
    """Say whether a role (None = signed out) may open an endpoint; an unlisted endpoint is open to nobody."""
    rule = POLICY.get(endpoint)
    if rule is None:
        return False
    if rule == PUBLIC:
        return True
    return role is not None and (rule == ANY or role in rule)
