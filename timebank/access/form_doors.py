"""Which forms of pages programs send as well, each with the scope that a token needs; for whom they are is what the page's own line says.

What an older door of the API does already has none here. ``api/forms`` makes the doors.
"""

from typing import Final

from timebank.access.tokens import Scope

DOOR = "api_forms."

FORMS: Final[dict[Scope, str]] = {
    Scope.PEOPLE: """
        doubles.ask doubles.undo
        elders.approve_family elders.bind_family elders.decline_family elders.drop_family elders.edit elders.give_consent elders.match_family
        elders.withdraw_consent
        exchange.check exchange.take_in exchange.undo
        family_bind.agree family_bind.by_code family_bind.claim family_bind.end
        group_messages.send many.change messages.choose
        office.another_community office.building office.buildings office.canteen office.canteens office.colleagues office.community office.end
        office.find_building office.invite_again office.kind office.leave_out office.paste_buildings office.switch_kind office.take_up
        own_data.agree own_data.rename own_data.withdraw own_time.set_weekday
        people.set_state people.tie people.untie proposals.vouch
        streets.drop_officer streets.officers
        volunteers.drop_skill volunteers.edit volunteers.join_team volunteers.lead volunteers.leads volunteers.leave_team volunteers.skills
        volunteers.standing volunteers.teams volunteers.unit
    """,
    Scope.PLAN: """
        late_meals.settle lending.agree lending.ask lending.decline lending.end lending.refuse lending.withdraw one_visit.other_time
        planning.aim planning.ask_advice planning.leave_it planning.make_again planning.place planning.raise_ceiling planning.suppose
        planning.swap planning.take_back planning.throw_away planning.try_again
        posts.add_shifts posts.book posts.claim posts.drop_shift posts.edit posts.end_claim posts.give_back posts.names posts.new
        requests.accept_for_new requests.edit shopping.desk_list shopping.own_list
        today.ask_for today.close_case today.give_up today.hand_over today.need today.rang today.settle_late
    """,
    Scope.SERVICE: """
        alarms.go_on alarms.hand_back alarms.mistaken alarms.stay badge.stand_by
        cases.ask_help cases.begin cases.bring cases.call cases.consent cases.dissolve_club cases.edit_club cases.end cases.end_paper
        cases.end_place cases.enter_gift cases.hold cases.meet cases.name_elder cases.new_club cases.open_place cases.raise_level cases.reopen
        cases.say cases.set_speciality cases.sort cases.take_over cases.take_paper cases.withdraw_gift
        duty_desk.agree duty_desk.call_off duty_desk.enter duty_desk.give_up duty_desk.miss
        feeds.end feeds.make feeds.make_mine
        my_posts.claim my_posts.end_claim my_posts.swap my_posts.take_swap my_posts.take_turn my_posts.withdraw_swap
        notices.channel notices.pass_on notices.quiet notices.switch notices.try_out
        offline.insist own.after_all own.call_off own.fine own.unwell promises.end promises.give
        records.call records.check records.evaluate
        shopping.receipt
        stations.add stations.add_host stations.begin stations.bring stations.call_off stations.call_off_here stations.called stations.change
        stations.close stations.count stations.course_seats stations.drop_host stations.end_check_up stations.end_course stations.finish
        stations.found_course stations.hand_out stations.hold stations.join stations.keep stations.leave stations.move_in_hand stations.note
        stations.reopen stations.schedule stations.set_up stations.sign_up_here stations.take_up stations.told
        swaps.ask swaps.decline swaps.take_it swaps.withdraw
        today.answer today.close_alert today.close_elder_call today.enter today.settle_mismatch today.take_alert
    """,
    Scope.MINUTES: """
        account.ask_link
        books.act_in_name books.answer books.bring_up_passbook books.close_month books.hand_over books.national_number books.object_to_hour
        books.open_passbook books.replace_passbook books.set_statement_day books.write_off
        certificates.batch_go_on certificates.batch_new certificates.certificate_number certificates.my_certificates certificates.replace
        certificates.reported
        credit.change_rules credit.decide_link credit.grant_month credit.pass_on credit.take_back
        records.accept_older records.add_kin records.drop_kin records.refuse_older records.settle records.settle_rules records.take_in_calendar
        records.trainings records.withdraw_training
        reports.national_answer reports.national_one reports.national_withdrawn
        stars.answer_star_objection stars.ask_for_star stars.awards stars.bar_from_stars stars.decide_star stars.object_to_star stars.review_star
        stars.set_honour stars.set_star_rule stars.withdraw_award
        today.confirm_day
    """,
}

PAGES: Final[dict[str, Scope]] = {page: scope for scope, pages in FORMS.items() for page in pages.split()}
"""Each of these forms with its scope."""


def door_of(page: str) -> str:
    """Return the API's own name for a form."""
    return DOOR + page.replace(".", "__")


SCOPES: Final[dict[str, Scope]] = {door_of(page): scope for page, scope in PAGES.items()}
