"""A time of day in a cell: as people type it, and as Excel keeps it."""

from datetime import time

import pytest

from timebank.errors import Invalid
from timebank.exchange import cells


@pytest.mark.parametrize(("cell", "minutes"), [("16:00", 960), ("9.30", 570), ("１６：００", 960), (time(15, 30), 930), ("24:00", 1440)])
def test_a_time_of_day_is_read_as_it_is_written(cell: object, minutes: int) -> None:
    assert cells.minute(cell) == minutes


@pytest.mark.parametrize("cell", ["4点", "25:00", "16:75", "下午"])
def test_a_time_that_cannot_be_read_names_the_form(cell: str) -> None:
    with pytest.raises(Invalid) as refused:
        cells.minute(cell)
    assert "16:00" in refused.value.zh
