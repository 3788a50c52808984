"""Drawings put things where they belong."""

import itertools

import pytest

from timebank import drawing


def test_the_noon_is_stretched_and_the_break_is_folded() -> None:
    axis = drawing.day_axis()
    morning = axis.at(10 * 60) - axis.at(9 * 60)
    noon = axis.at(12 * 60) - axis.at(11 * 60)
    folded = axis.at(14 * 60) - axis.at(12 * 60 + 30)
    assert noon == pytest.approx(drawing.NOON_STRETCH * morning, rel=0.001)
    assert folded < morning / 2


def test_the_break_unfolds_when_somebody_is_visited_in_it() -> None:
    axis = drawing.day_axis([(13 * 60 + 30, 14 * 60 + 30)])
    assert not axis.folded
    assert axis.fold[1] == 0
    assert axis.at(14 * 60) - axis.at(13 * 60) == pytest.approx(axis.at(10 * 60) - axis.at(9 * 60), rel=0.001)


def test_a_round_across_the_whole_break_leaves_it_folded() -> None:
    assert drawing.day_axis([(12 * 60, 15 * 60)]).folded


def test_the_axis_grows_to_show_an_early_escort_and_a_late_dinner() -> None:
    axis = drawing.day_axis([(7 * 60 + 10, 9 * 60), (16 * 60 + 45, 17 * 60 + 50)])
    assert (axis.first, axis.last) == (7 * 60, 18 * 60)
    assert axis.at(6 * 60) == 0
    assert axis.at(20 * 60) == 100


def test_the_words_of_the_axis_never_touch() -> None:
    axis = drawing.day_axis([(6 * 60, 20 * 60)])
    places = [place for place, _ in axis.ticks]
    assert all(after - before >= drawing.TICK_ROOM for before, after in itertools.pairwise(places))
    assert "12:30" not in [word for _, word in axis.ticks]


def test_a_narrow_block_loses_its_mark_first_and_then_its_icon() -> None:
    axis = drawing.day_axis()
    wide = drawing.block_place(axis, 9 * 60, 11 * 60, "送餐")
    middling = drawing.block_place(axis, 9 * 60, 10 * 60, "送餐")
    narrow = drawing.block_place(axis, 9 * 60, 9 * 60 + 30, "送餐")
    assert (wide.icon, wide.mark) == (True, True)
    assert (middling.icon, middling.mark) == (True, False)
    assert (narrow.icon, narrow.mark) == (False, False)


def test_time_off_does_not_stretch_the_board() -> None:
    rows = [{"blocks": [{"start": 0, "end": 1440, "status": "away"}, {"start": 660, "end": 700, "status": "accepted"}]}]
    assert drawing.board_axis(rows).first == drawing.DAY[0]


def test_the_map_has_one_scale_and_north_up() -> None:
    frame = drawing.frame([(36.060, 120.340), (36.070, 120.350)])
    south_west, north_east = frame.xy(36.060, 120.340), frame.xy(36.070, 120.350)
    assert north_east[0] > south_west[0]
    assert north_east[1] < south_west[1]
    tall = (south_west[1] - north_east[1]) / frame.units_per_metre
    broad = (north_east[0] - south_west[0]) / frame.units_per_metre
    assert tall == pytest.approx(1113, abs=2)
    assert broad == pytest.approx(900, abs=2)


def test_every_point_stands_inside_the_margin() -> None:
    points = [(36.0601, 120.3402), (36.0688, 120.3571), (36.0644, 120.3455)]
    frame = drawing.frame(points, 330, 336, 34)
    for x, y in (frame.xy(lat, lon) for lat, lon in points):
        assert 33.9 <= x <= 296.1
        assert 33.9 <= y <= 302.1


def test_a_map_of_one_door_is_not_a_division_by_nothing() -> None:
    frame = drawing.frame([(36.06, 120.35)])
    assert frame.xy(36.06, 120.35) == (165.0, 168.0)
    assert frame.step == drawing.GRID_METRES


def test_the_grid_widens_when_the_map_shows_a_district() -> None:
    frame = drawing.frame([(36.0, 120.2), (36.2, 120.4)])
    assert frame.step > drawing.GRID_METRES
    assert len(frame.columns) < 12


def test_a_round_is_drawn_from_the_canteen() -> None:
    stops = [{"lat": 2.0, "lon": 3.0}]
    canteen = {"lat": 1.0, "lon": 1.0}
    assert drawing.route_points({"stops": stops}, canteen) == [(1.0, 1.0), (2.0, 3.0)]
    assert drawing.route_points({"stops": stops, "from_canteen": False}, canteen) == [(2.0, 3.0)]


@pytest.mark.parametrize(("low", "high"), [(0, 10), (180, 370), (0, 1), (3, 3), (0, 99_999)])
def test_ticks_are_round_and_cover_the_range(low: float, high: float) -> None:
    ticks = drawing.nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] <= high
    assert 1 <= len(ticks) <= 7
    assert ticks == sorted(set(ticks))


def test_the_curve_climbs_in_steps_to_now_and_the_bound_comes_to_meet_it() -> None:
    points = [{"seconds": 2, "served": 300, "bound": 354}, {"seconds": 20, "served": 344, "bound": 350}]
    curve = drawing.curve(points, 60, 354)
    assert curve is not None
    assert curve.served.startswith("M")
    assert curve.served.endswith(f"V{curve.served_y}")
    assert curve.bound_y is not None
    assert curve.bound_y < curve.served_y
    assert curve.bound_word_y < curve.served_word_y
    assert not curve.words_left


def test_the_curve_puts_its_words_inside_when_time_is_nearly_over() -> None:
    curve = drawing.curve([{"seconds": 58, "served": 10, "bound": None}], 60, 12)
    assert curve is not None
    assert curve.words_left
    assert curve.bound_y is None
    assert curve.bound == ""


def test_there_is_no_curve_before_the_first_point() -> None:
    assert drawing.curve([], 60, 354) is None


def test_columns_keep_their_proportions_and_stand_on_the_line() -> None:
    one, two = drawing.columns([{"label": "9月", "value": 5}, {"label": "10月", "value": 10, "current": True}], 200, 144)
    assert two.height == pytest.approx(2 * one.height)
    assert one.y + one.height == pytest.approx(120)
    assert two.current


def test_two_series_stand_side_by_side_and_share_one_scale() -> None:
    first, second = drawing.columns([{"label": "10月", "value": 8, "second": 4}], 100, 144)
    assert second.second
    assert second.x > first.x + first.width
    assert first.height == pytest.approx(2 * second.height)
    assert second.label == ""


def test_no_figures_draw_no_columns_and_nothing_is_nothing() -> None:
    assert drawing.columns([]) == []
    assert drawing.columns([{"label": "1月", "value": 0}])[0].height == 0
    assert drawing.share(3, 0) == 0
    assert drawing.share(7, 5) == 100


def test_segments_fill_the_row() -> None:
    parts = drawing.segments(7)
    assert len(parts) == 7
    assert parts[-1][0] + parts[-1][1] == pytest.approx(100, abs=0.1)
    assert drawing.segments(0) == []


def test_somebody_is_near_the_ceiling_from_nine_tenths() -> None:
    assert drawing.near_ceiling(324, 360)
    assert not drawing.near_ceiling(323, 360)
    assert not drawing.near_ceiling(10, None)


def test_the_curve_of_a_week_without_needs_is_a_flat_line() -> None:
    line = drawing.curve([{"seconds": 0.0, "served": 0, "bound": 0}, {"seconds": 1.0, "served": 0, "bound": None}], 15, 0)
    assert line is not None
    assert (line.served_y, line.bound) == (line.bottom, "")
