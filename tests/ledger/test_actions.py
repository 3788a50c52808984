"""What the verbs do, what they refuse, and what a retry gives."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, Refusal
from timebank.ledger import actions, queries
from timebank.ledger.models import AccountKind, Transfer, record_source
from timebank.ledger.verify import verify

COORDINATOR = "user:1"


def _earn(account: int, minutes: int, record: int = 1, version: int = 1) -> Transfer:
    source = record_source(record, version)
    return actions.earn(account, minutes, source=source, idem=("record", source), actor=COORDINATOR)


def test_the_whole_round_of_a_credit_leaves_every_minute_in_its_place(book: SimpleNamespace) -> None:
    with transaction():
        _earn(book.volunteer, 120)
        actions.grant(book.elder, 90, source="grant:2026-11", idem=("grant", "1"), actor=COORDINATOR)
        actions.gift(book.volunteer, book.elder, 30, source="gift:1", idem=("gift", "1"), actor="user:2")
        actions.donate(book.volunteer, 20, source="donation:1", idem=("donate", "1"), actor="user:2")
        held = actions.hold(book.elder, 60, source="visit:7", idem=("hold", "7"), actor=COORDINATOR)
        actions.settle(held, 45, idem=("settle", "7"), actor=COORDINATOR)
        actions.release(held, 15, idem=("release", "7"), actor=COORDINATOR)
    assert queries.balance(book.volunteer) == 70
    assert queries.balance(book.elder) == 75
    assert queries.totals(1) == {
        AccountKind.MEMBER: 145,
        AccountKind.POOL: 20,
        AccountKind.ISSUED: -210,
        AccountKind.HELD: 0,
        AccountKind.REDEEMED: 45,
        AccountKind.OWED: 0,
    }
    assert queries.open_minutes(held.seq) == 0
    assert queries.fold(1) == {account: queries.balance(account) for account in queries.fold(1)}
    assert verify(1).ok
    assert verify().transfers == 8


def test_the_same_request_again_gives_the_first_transfer(book: SimpleNamespace) -> None:
    with transaction():
        first = _earn(book.volunteer, 60).seq
    with transaction():
        again = _earn(book.volunteer, 60).seq
    assert again == first
    assert queries.balance(book.volunteer) == 60


def test_the_same_key_with_another_effect_is_refused(book: SimpleNamespace) -> None:
    with transaction():
        _earn(book.volunteer, 60)
    with pytest.raises(Invalid, match="differs from the first"), transaction():
        _earn(book.volunteer, 61)
    assert queries.balance(book.volunteer) == 60


def test_a_record_is_credited_once_whatever_the_key(book: SimpleNamespace) -> None:
    with transaction():
        _earn(book.volunteer, 60)
    with pytest.raises(Conflict, match="already been credited"), transaction():
        actions.earn(book.other, 60, source="record:1:v1", idem=("record", "another"), actor=COORDINATOR)


def test_a_new_version_is_credited_only_after_the_old_one_is_reversed(book: SimpleNamespace) -> None:
    with transaction():
        first = _earn(book.volunteer, 60)
    with pytest.raises(Conflict, match="already been credited"), transaction():
        _earn(book.volunteer, 45, version=2)
    with transaction():
        actions.reverse(first, COORDINATOR, "counted wrongly")
        _earn(book.volunteer, 45, version=2)
    assert queries.balance(book.volunteer) == 45
    with pytest.raises(Conflict, match="already been credited"), transaction():
        _earn(book.volunteer, 60, record=1, version=3)
    with transaction():
        _earn(book.volunteer, 60, record=11)
    assert verify().ok


def test_two_volunteers_of_one_crew_each_earn_by_their_own_record(book: SimpleNamespace) -> None:
    with transaction():
        _earn(book.volunteer, 60, record=1)
        _earn(book.other, 60, record=2)
    assert queries.balance(book.volunteer) == queries.balance(book.other) == 60


def test_spending_more_than_there_is_says_what_is_left(book: SimpleNamespace) -> None:
    with transaction():
        _earn(book.volunteer, 75)
    with pytest.raises(Conflict) as refused, transaction():
        actions.donate(book.volunteer, 120, source="donation:1", idem=("donate", "1"), actor="user:2")
    assert "1 小时 15 分钟" in refused.value.zh
    assert "1 h 15 min left, 2 h needed" in refused.value.en


def test_a_limit_lets_an_account_go_below_zero_so_far_and_no_further(book: SimpleNamespace) -> None:
    with transaction():
        poor = actions.open_account(1, limit=30).id
        actions.gift(poor, book.elder, 30, source="gift:1", idem=("gift", "1"), actor="user:2")
    assert queries.balance(poor) == -30
    with pytest.raises(Conflict), transaction():
        actions.gift(poor, book.elder, 1, source="gift:2", idem=("gift", "2"), actor="user:2")


def test_a_reversal_is_made_once_and_is_itself_final(book: SimpleNamespace) -> None:
    with transaction():
        earned = _earn(book.volunteer, 60)
        first = actions.reverse(earned, COORDINATOR, "wrong person")
        assert actions.reverse(earned, COORDINATOR, "wrong person").seq == first.seq
    with pytest.raises(Conflict, match="already been reversed"), transaction():
        actions.reverse(earned, COORDINATOR, "again", idem=("reverse", "other"))
    with pytest.raises(Conflict, match="not reversed"), transaction():
        actions.reverse(first, COORDINATOR, "back again")
    assert queries.balance(book.volunteer) == 0


def test_a_credit_that_is_spent_cannot_simply_be_reversed_but_can_be_corrected(book: SimpleNamespace) -> None:
    with transaction():
        earned = _earn(book.volunteer, 120)
        actions.donate(book.volunteer, 100, source="donation:1", idem=("donate", "1"), actor="user:2")
    with pytest.raises(Conflict, match="20 min left"), transaction():
        actions.reverse(earned, COORDINATOR, "counted wrongly")
    for _try in range(2):
        with transaction():
            standing = actions.correct(
                earned, 110, source="record:1:v2", idem=("record", "1:v2"), actor=COORDINATOR, reason="ten minutes less"
            )
        assert queries.balance(book.volunteer) == 10
    with pytest.raises(Conflict, match="10 min left, 15 min needed"), transaction():
        actions.correct(standing, 95, source="record:1:v3", idem=("record", "1:v3"), actor=COORDINATOR, reason="less")
    assert queries.balance(book.volunteer) == 10
    assert verify().ok


def test_a_hold_is_settled_and_released_for_no_more_than_it_holds(book: SimpleNamespace) -> None:
    with transaction():
        for name in (book.elder, book.other):
            actions.grant(name, 60, source="grant:1", idem=("grant", str(name)), actor=COORDINATOR)
        held = actions.hold(book.elder, 60, source="visit:7", idem=("hold", "7"), actor=COORDINATOR)
        actions.hold(book.other, 60, source="visit:8", idem=("hold", "8"), actor=COORDINATOR)
        settled = actions.settle(held, 40, idem=("settle", "7"), actor=COORDINATOR)
    with pytest.raises(Conflict, match="Only 20 min"), transaction():
        actions.release(held, 21, idem=("release", "7"), actor=COORDINATOR)
    with pytest.raises(Conflict, match="release a hold"), transaction():
        actions.reverse(held, COORDINATOR, "no")
    with transaction():
        actions.reverse(settled, COORDINATOR, "nobody came")
        actions.release(held, 60, idem=("release", "8"), actor=COORDINATOR)
    assert queries.balance(book.elder) == 60


def test_a_credit_by_hand_needs_a_second_person(book: SimpleNamespace) -> None:
    def by_hand(approver: str, reason: str) -> Transfer:
        return actions.credit_by_hand(
            book.volunteer,
            60,
            source="manual:1",
            idem=("manual", "1"),
            actor=COORDINATOR,
            approver=approver,
            note=reason,
        )

    for approver, reason in ((COORDINATOR, "because"), ("", "because"), ("user:2", "")):
        with pytest.raises(Conflict, match="second person"), transaction():
            by_hand(approver, reason)
    with transaction():
        assert by_hand("user:2", "sheet of 3 November").kind == "manual"


@pytest.mark.parametrize("minutes", [0, -1, 44_641, 1.5, True, 2**63])
def test_only_whole_minutes_of_a_month_at_most_are_booked(book: SimpleNamespace, minutes: int) -> None:
    with pytest.raises(Invalid), transaction():
        _earn(book.volunteer, minutes)


def test_minutes_do_not_cross_communities_or_go_the_wrong_way(book: SimpleNamespace) -> None:
    with transaction():
        stranger = actions.open_account(2).id
        _earn(book.volunteer, 60)
    wrong = [
        (book.volunteer, stranger),
        (book.volunteer, book.volunteer),
        (book.volunteer, book.issued),
        (book.volunteer, 999),
    ]
    for number, (giver, receiver) in enumerate(wrong):
        with pytest.raises(Refusal), transaction():
            actions.gift(giver, receiver, 10, source="gift:1", idem=("gift", str(number)), actor="user:2")
    assert queries.balance(book.volunteer) == 60


def test_a_grant_from_what_is_in_the_pool_issues_nothing(book: SimpleNamespace) -> None:
    with pytest.raises(Conflict, match="0 min left"), transaction():
        actions.grant(book.elder, 30, source="grant:1", idem=("grant", "1"), actor=COORDINATOR, fresh=False)
    with transaction():
        actions.fill_pool(1, 40, source="fund:1", idem=("fund", "1"), actor=COORDINATOR)
        actions.grant(book.elder, 30, source="grant:1", idem=("grant", "1"), actor=COORDINATOR, fresh=False)
    assert queries.balance(book.issued) == -40
    assert queries.balance(book.pool) == 10


def test_statements_of_two_periods_add_up_to_the_statement_of_both(book: SimpleNamespace) -> None:
    clock.clock.start_at(clock.at(clock.today(), 600))
    try:
        today = clock.today()
        for day in range(6):
            clock.clock.start_at(clock.at(today + timedelta(days=day), 0 if day % 2 else 1439))
            with transaction():
                earned = _earn(book.volunteer, 10 + day, record=day)
                if day == 3:
                    actions.reverse(earned, COORDINATOR, "wrong")
        start, middle, end = today, today + timedelta(days=3), today + timedelta(days=6)
        first, second = queries.lines(book.volunteer, start, middle), queries.lines(book.volunteer, middle, end)
        whole = queries.lines(book.volunteer, start, end)
    finally:
        clock.clock.reset()
    assert [*first.lines, *second.lines] == whole.lines
    assert first.opening == 0
    assert first.closing == second.opening
    assert second.closing == whole.closing == queries.balance(book.volunteer)
    assert [line.minutes for line in whole.lines] == [10, 11, 12, 13, -13, 14, 15]
    assert [line.is_reversed for line in whole.lines] == [False, False, False, True, False, False, False]


def test_the_session_sees_a_balance_that_the_trigger_moved(book: SimpleNamespace) -> None:
    from timebank.ledger.models import Account

    with transaction():
        account = db.session.get_one(Account, book.volunteer)
        assert account.balance == 0
        _earn(book.volunteer, 60)
        assert account.balance == 60
