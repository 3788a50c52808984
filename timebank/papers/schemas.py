"""The edge of papers: months, days, periods and reasons as people type them."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields

from timebank.forms import LAST_PAGE, Day, Form, Whole, Words

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
YEARS = range(2000, 2100)
LONGEST_REASON = 200
LONGEST_WORDS = 500
LONGEST_NUMBER = 40
LARGEST = 999_999_999
LONGEST_TITLE = 60
NO_DATE = _("日期不对，请重新选。")


class Month(fields.Field[date]):
    """A month such as 2026-10; its first day inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the first day."""
        del attr, data, kwargs
        found = MONTH.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or int(found[1]) not in YEARS:
            raise ValidationError(_("月份请写成 2026-10 这样。"))
        return date(int(found[1]), int(found[2]), 1)


class MonthArgs(Form):
    """Which month, whom to look for, and which page of them."""

    month = Month(load_default=None)
    q = Words(LONGEST_NUMBER, load_default="")
    page = Whole(1, LAST_PAGE, load_default=1)


class DayArgs(Form):
    """Which day."""

    day = Day(load_default=None)


class PeriodForm(Form):
    """The period of a certificate."""

    start = Day(required=True, error_messages={"required": _("请填起始日期。"), "invalid": NO_DATE})
    end = Day(required=True, error_messages={"required": _("请填截止日期。"), "invalid": NO_DATE})


class SpanArgs(Form):
    """The days a list looks at."""

    start = Day(load_default=None)
    end = Day(load_default=None)


class ReasonForm(Form):
    """Why."""

    reason = Words(LONGEST_REASON, load_default="")


CHOOSE = {"required": _("请选一项。"), "unknown": _("请选一项。"), "invalid": _("请选一项。")}
