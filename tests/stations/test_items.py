"""Things left at a station: a number, mended by somebody or not, its owner told, fetched once and for good."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.stations.conftest import DAY, Corner, people, whoever
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.notices.models import Notice
from timebank.places.models import Station
from timebank.stations import queries
from timebank.stations.actions import items
from timebank.stations.models import Item, Progress, Sort


def bring(corner: Corner, name: str = "郑国", phone: str = "13800138000", sort: Sort = Sort.REPAIR) -> Item:
    """Leave something at the station in the open write unit."""
    station = db.session.get_one(Station, corner.station)
    return items.bring(station, items.Brought(sort=sort, what="电饭锅"), whoever(corner, name, phone))


def test_a_thing_goes_from_brought_in_to_fetched_and_its_owner_hears_of_it(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        item = bring(corner)
        assert (item.number, item.progress) == ("W0001", Progress.BROUGHT)
        assert bring(corner).number == "W0002"
        items.take_up(item)
        assert items.finish(item, barber, "换了插头", mended=True)
        assert item.told_at is not None
        items.hand_out(item, "郑国", corner.user(), had_ticket=True)
        assert item.progress is Progress.COLLECTED
    assert corner.count(Notice, Notice.template == "item_ready") == 1


def test_without_a_mobile_the_owner_stands_on_the_call_list_until_reached(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        item = bring(corner, phone="0532-88887777")
        assert not items.finish(item, barber, "", mended=True)
        assert queries.to_call(corner.community) == [item]
        items.called(item, reached=False)
        assert queries.to_call(corner.community) == [item]
        items.called(item, reached=True)
        assert (queries.to_call(corner.community), item.tries) == ([], 2)
    assert corner.count(Notice) == 0


def test_mended_wants_its_mender_and_not_mended_the_reason(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        item = bring(corner)
        with pytest.raises(Invalid, match="who mended"):
            items.finish(item, None, "", mended=True)
        with pytest.raises(Invalid, match="cannot be mended"):
            items.finish(item, None, " ", mended=False)
        items.finish(item, None, "主板坏了", mended=False)
        assert item.progress is Progress.CANNOT
        items.hand_out(item, "郑国", corner.user(), had_ticket=True)
        assert item.progress is Progress.RETURNED


def test_nothing_is_fetched_before_it_is_ready_or_twice(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        item = bring(corner, sort=Sort.PARCEL)
        items.hand_out(item, "郑国", corner.user(), had_ticket=True)
        with pytest.raises(Conflict) as refused:
            items.hand_out(item, "郑丽", corner.user(), had_ticket=True)
        assert "郑国" in refused.value.zh
        with pytest.raises(Conflict, match="step does not fit"):
            items.called(item, reached=True)
        number = item.id
    for change in ({"progress": Progress.READY}, {"handed_to": "郑丽"}):
        with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
            db.session.execute(update(Item).where(Item.id == number).values(**change))


def test_what_is_still_being_mended_is_not_handed_out(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        item = bring(corner)
        with pytest.raises(Conflict, match="not been mended"):
            items.hand_out(item, "郑国", corner.user(), had_ticket=True)
        assert item.progress is Progress.BROUGHT


def test_a_lost_ticket_is_found_by_name_or_telephone_and_wants_a_note(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        item = bring(corner, sort=Sort.PARCEL)
        for words in ("郑国", "13800138000", "B0001", "电饭锅"):
            assert queries.items(corner.community, words) == [item]
        with pytest.raises(Invalid, match="how you knew"):
            items.hand_out(item, "郑国", corner.user(), had_ticket=False)
        with pytest.raises(Invalid, match="who fetched"):
            items.hand_out(item, " ", corner.user(), had_ticket=True)
        items.hand_out(item, "郑国", corner.user(), had_ticket=False, check_note="说对了电话和颜色")
        assert (queries.items(corner.community), queries.items(corner.community, gone=True)) == ([], [item])


def test_a_parcel_is_somebodys_and_is_kept_for_a_week_or_longer(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        with pytest.raises(Invalid, match="Say who"):
            bring(corner, name="", sort=Sort.PARCEL)
        item = bring(corner, sort=Sort.PARCEL)
        assert (item.until, item.progress, queries.is_late(item)) == (DAY + timedelta(days=7), Progress.READY, False)
        make.set_clock("2026-12-03 09:00")
        assert queries.is_late(item)
        assert queries.waiting(corner.community).over_date == 1
        with pytest.raises(Invalid, match="past"):
            items.keep_longer(item, DAY)
        items.keep_longer(item, DAY + timedelta(days=20))
        assert not queries.is_late(item)


def test_what_is_ready_for_long_is_asked_after(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        item = bring(corner)
        items.finish(item, barber, "", mended=True)
        make.set_clock("2026-12-03 09:00")
        assert queries.waiting(corner.community).long_ready == 1
        items.hand_out(item, "郑国", corner.user(), had_ticket=True)
        assert queries.waiting(corner.community).long_ready == 0
