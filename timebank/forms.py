"""What forms share at the edge: words, numbers, days and times as people type them, and one sentence for each that is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from timebank import phones
from timebank.errors import Invalid
from timebank.web import Carried, invalid_fields, sending, voiced

LAST_PAGE = 100_000
"""The largest page number that is taken from an address."""
CLOCK = re.compile(r"(\d{1,2})[:.]?(\d{2})", re.ASCII)
WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)


class Form(Schema):
    """A form carries its own key and token as well."""

    class Meta:
        """What a schema does not know is left alone."""

        unknown = EXCLUDE


class Words(fields.String):
    """A few words: trimmed, of a bounded length, without control characters."""

    default_error_messages = {"required": _("这一项要填。"), "invalid": _("这一项要填文字。")}  # noqa: RUF012 - marshmallow's own name

    def __init__(self, longest: int, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Keep the length."""
        super().__init__(**kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return the trimmed words."""
        said = super()._deserialize(value, attr, data, **kwargs).strip()
        if any(unicodedata.category(sign) == "Cc" and sign not in "\r\n\t" for sign in said):
            raise ValidationError(_("这里有看不见的字符，请重新打一遍。"))
        if self.required and not said:
            raise ValidationError(_("这一项要填。"))
        if len(said) > self.longest:
            raise ValidationError(_("最多 %(count)s 个字，请写短一些。", count=self.longest))
        return said


class DayTime(fields.Field[int | None]):
    """A time of day such as 9:30, 930 or ９：３０; minutes inside, nothing when left empty."""

    default_error_messages = {"required": _("请填时间。")}  # noqa: RUF012 - marshmallow's own name

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:  # noqa: ANN401 - marshmallow's own signature
        """Return the minutes after midnight."""
        del attr, data, kwargs
        said = unicodedata.normalize("NFKC", str(value)).strip()
        if not said:
            return None
        minutes = minutes_of(said)
        if minutes is None:
            raise ValidationError(_("时间写成 9:30 这样。"))
        return minutes


def minutes_of(said: str) -> int | None:
    """Return the minutes after midnight of a time as people type it, None when it is not one."""
    read = CLOCK.fullmatch(unicodedata.normalize("NFKC", said).strip())
    if read is None or int(read[2]) >= 60 or int(read[1]) * 60 + int(read[2]) > 1440:
        return None
    return int(read[1]) * 60 + int(read[2])


class Telephone(Words):
    """A telephone number as somebody groups it, its digits and signs in half width however they are typed."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return the number."""
        return unicodedata.normalize("NFKC", super()._deserialize(value, attr, data, **kwargs))


class Reachable(Telephone):
    """A telephone number that somebody is going to be rung at: a whole one, or none."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return the number; one that lacks digits is a slip of the finger."""
        number = super()._deserialize(value, attr, data, **kwargs)
        if number and not phones.can_be_rung(number):
            raise ValidationError(_("这个号码打不通：手机 11 位，座机 7 或 8 位，前面可以有区号。请再看一眼。"))
        return number


class Day(fields.Date):
    """A date chosen on the page."""

    default_error_messages = {"required": _("请选日期。"), "invalid": _("日期不对，请重新选。")}  # noqa: RUF012 - marshmallow's own name

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the day; one outside this century's forms is a slip of the keyboard."""
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= day.year <= 2100:
            raise ValidationError(_("日期不对，请重新选。"))
        return day


class Whole(fields.Field[int]):
    """A whole number between two bounds, full-width digits allowed."""

    default_error_messages = {"required": _("请填一个数。")}  # noqa: RUF012 - marshmallow's own name

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Keep the bounds."""
        super().__init__(**kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ANN401 - marshmallow's own signature
        """Return the number."""
        del attr, data, kwargs
        said = unicodedata.normalize("NFKC", str(value)).strip()
        if not WHOLE.fullmatch(said) or not self.low <= int(said) <= self.high:
            raise ValidationError(_("请填 %(low)s 到 %(high)s 之间的整数。", low=self.low, high=self.high))
        return int(said)


def one_of(words: Any) -> fields.Enum[Any]:  # noqa: ANN401 - marshmallow's own arguments
    """Return a field that takes one of an enum's words."""
    return fields.Enum(words, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})


def filled(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    """Return a form as a schema reads it: trimmed, empty fields left out, the fields that may come several times as lists."""
    many = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
    said = {name: [value.strip() for value in values if value.strip()] for name, values in form.lists()}
    return {name: values if name in many else values[0] for name, values in said.items() if values}


def take(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a form says; refuse it with a sentence for each field that is wrong."""
    try:
        said: dict[str, Any] = schema.load(filled(schema, form))
    except ValidationError as error:
        beside = {name.split(".")[0]: (text, text) for name, text in invalid_fields(error.messages_dict).items()}
        refusal = Invalid(next(iter(beside.values())), fields=beside)
        raise (Carried(refusal) if sending() else refusal) from error
    return said


def args(schema: Schema) -> dict[str, Any]:
    """Return the arguments of an address; refuse what cannot be read."""
    try:
        asked: dict[str, Any] = schema.load(filled(schema, request.args))
    except ValidationError as error:
        raise Invalid("地址里的内容不对，请从页面上的按钮进来。") from error
    return asked


def sentences(error: Invalid) -> dict[str, str]:
    """Return the sentence of each field that a refusal names, else the refusal's own."""
    return {name: voiced(pair) for name, pair in error.fields.items()} or {"form": voiced(error.words)}


def in_full(error: Invalid) -> dict[str, str]:
    """Return a refusal's own sentence beside each field it names, for pages that do not show it at the top as well."""
    return dict.fromkeys(error.fields, voiced(error.words)) or sentences(error)


class SearchArgs(Form):
    """What is looked for on a register, whether among those who are gone, and which page of it."""

    q = Words(40, load_default="")
    gone = fields.Boolean(load_default=False)
    page = Whole(1, LAST_PAGE, load_default=1)


def photo_sent(name: str) -> bytes:
    """Return a photo that came with a form, nothing where none did; what the server had put aside of it is let go at once."""
    sent = request.files.get(name)
    if sent is None:
        return b""
    with sent.stream:
        photo: bytes = sent.read()
    return photo
