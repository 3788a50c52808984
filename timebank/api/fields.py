"""The fields that shapes are made of: what is read is bounded and says what is wrong in both languages, what is shown says its type."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank import clock
from timebank.forms import Words
from timebank.web import LARGEST

HHMM = r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
WEEK = r"^20[0-9]{2}-W(?:0[1-9]|[1-4][0-9]|5[0-3])$"
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
NEEDED: dict[str, Any] = {"required": _("这一项要填。"), "null": _("这一项要填。")}


class Between(validate.Range):
    """Within two bounds; said in the reader's language when it is shown."""

    def _format_error(self, value: Any, message: str) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the sentence as it waits for a language."""
        del value, message
        return [_("请填 %(low)s 到 %(high)s 之间的整数。", low=self.min, high=self.max)]


class Sized(validate.Length):
    """Not more, and not fewer, than so many."""

    def _format_error(self, value: Any, message: str) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the sentence as it waits for a language."""
        del value, message
        return [_("这里要有 %(low)s 到 %(high)s 项。", low=self.min or 0, high=self.max)]


class Among(validate.OneOf):
    """One of some words."""

    def _format_error(self, value: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the sentence as it waits for a language."""
        del value
        return [_("只能是其中一项：%(words)s", words=self.choices_text)]


class Written(validate.Regexp):
    """Written in a certain way."""

    def _format_error(self, value: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the sentence as it waits for a language."""
        del value
        return [_("写法不对，应当符合 %(pattern)s", pattern=self.regex.pattern)]


def text(longest: int, **given: Any) -> Words:  # noqa: ANN401 - passed on to marshmallow
    """Return a field of a few words."""
    more = {"maxLength": longest, **({"minLength": 1} if given.get("required") else {}), **given.pop("metadata", {})}
    return Words(longest, error_messages=NEEDED, metadata=more, **given)


def number(low: int = 1, high: int = LARGEST, **given: Any) -> fields.Integer:  # noqa: ANN401 - passed on to marshmallow
    """Return a field of a whole number between two bounds; without bounds the number of a row."""
    wrong: Any = _("请填 %(low)s 到 %(high)s 之间的整数。", low=low, high=high)
    said = {**NEEDED, "invalid": wrong, "too_large": wrong}
    return fields.Integer(strict=True, validate=Between(low, high), error_messages=said, **given)


def whether(**given: Any) -> fields.Boolean:  # noqa: ANN401 - passed on to marshmallow
    """Return a field of yes or no."""
    return fields.Boolean(truthy={True}, falsy={False}, error_messages={**NEEDED, "invalid": _("请填 true 或 false。")}, **given)


def one_of(words: type[StrEnum], **given: Any) -> fields.Enum[Any]:  # noqa: ANN401 - passed on to marshmallow
    """Return a field that takes one of an enum's words."""
    return fields.Enum(words, by_value=True, error_messages={**NEEDED, "unknown": _("请选一项。")}, **given)


def word_of(words: type[StrEnum], **given: Any) -> fields.Enum[Any]:  # noqa: ANN401 - passed on to marshmallow
    """Return a field that shows one of an enum's words."""
    return fields.Enum(words, by_value=True, dump_only=True, **given)


class Day(fields.Date):
    """A day of this century's forms."""

    default_error_messages = {**NEEDED, "invalid": _("日期写成 2026-11-25 这样。")}  # noqa: RUF012 - marshmallow's own name

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the day; one outside is a slip."""
        found: date = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(value, str) or not FIRST <= found <= LAST:
            raise self.make_error("invalid")
        return found


class Moment(fields.AwareDateTime):
    """An instant with its offset."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own name
        **NEEDED,
        "invalid": _("时刻写成 2026-11-25T10:30:00+08:00 这样。"),
        "invalid_awareness": _("时刻写成 2026-11-25T10:30:00+08:00 这样。"),
    }


class DayTime(fields.String):
    """A time of day such as 09:30; minutes inside."""

    default_error_messages = {**NEEDED, "invalid": _("时间写成 09:30 这样。")}  # noqa: RUF012 - marshmallow's own name

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Say in the description how it is written."""
        super().__init__(metadata={"pattern": HHMM, "example": "09:30"}, **given)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ANN401 - marshmallow's own signature
        """Show minutes as a time."""
        del attr, obj, kwargs
        return None if value is None else clock.hhmm(int(value))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the minutes."""
        del attr, data, kwargs
        if not isinstance(value, str) or not re.fullmatch(HHMM, value):
            raise self.make_error("invalid")
        return int(value[:2]) * 60 + int(value[3:])


class Week(fields.String):
    """A week such as 2026-W48; its Monday inside."""

    default_error_messages = {**NEEDED, "invalid": _("没有这一周。周请写成 2026-W48 这样。")}  # noqa: RUF012 - marshmallow's own name

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Say in the description how it is written."""
        super().__init__(metadata={"pattern": WEEK, "example": "2026-W48"}, **given)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ANN401 - marshmallow's own signature
        """Show a Monday as its week."""
        del attr, obj, kwargs
        return None if value is None else clock.week_name(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the Monday."""
        del attr, data, kwargs
        if not isinstance(value, str) or not re.fullmatch(WEEK, value):
            raise self.make_error("invalid")
        try:
            return clock.parse_week(value)
        except ValueError as error:
            raise self.make_error("invalid") from error


class Mark(fields.String):
    """Words that are shown and never read."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Show only."""
        super().__init__(dump_only=True, **given)
