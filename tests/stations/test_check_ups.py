"""Check-ups every so many weeks: due, called, done, due again."""

from datetime import timedelta

import pytest

from tests.stations.conftest import DAY, Corner, whoever
from timebank.db import transaction
from timebank.errors import Conflict, Invalid
from timebank.stations import queries
from timebank.stations.actions import check_ups
from timebank.stations.models import CheckUp, Outcome


def begin(corner: Corner, what: str = "量血压") -> CheckUp:
    """Begin a check-up that is due today."""
    return check_ups.begin(corner.community, check_ups.Rhythm(what=what, every_weeks=4, due=DAY), whoever(corner, "臧玉梅", "13812340001"))


def test_who_was_looked_at_is_due_again_after_their_weeks(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = begin(corner)
        assert row.elder_id == corner.elder
        assert queries.check_ups(corner.community, DAY) == [row]
        check_ups.note(row, Outcome.DONE, "128/76", corner.user())
        assert (row.due, row.last_done) == (DAY + timedelta(weeks=4), DAY)
        assert queries.check_ups(corner.community, DAY) == []


def test_who_was_not_reached_is_called_again_in_two_days(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = begin(corner)
        check_ups.note(row, Outcome.NOT_REACHED, "", corner.user())
        assert (row.due, row.last_done, len(row.recalls)) == (DAY + timedelta(days=2), None, 1)


def test_coming_and_later_want_a_day_to_come(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = begin(corner)
        for due, words in ((None, "next day"), (DAY - timedelta(days=1), "past")):
            with pytest.raises(Invalid, match=words):
                check_ups.note(row, Outcome.COMING, "", corner.user(), due)
        check_ups.note(row, Outcome.LATER, "", corner.user(), DAY + timedelta(days=9))
        assert row.due == DAY + timedelta(days=9)


def test_one_check_up_of_a_kind_and_person_goes_on_at_a_time(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = begin(corner)
        with pytest.raises(Conflict, match="on the list already"):
            begin(corner)
        begin(corner, "测血糖")
        check_ups.end(row)
        with pytest.raises(Conflict, match="was ended"):
            check_ups.note(row, Outcome.DONE, "", corner.user())
        assert begin(corner).id != row.id
