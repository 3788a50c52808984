"""The edge of sign-in: a phone number and a code as people type them."""

import re
import unicodedata
from typing import Any

import phonenumbers
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from timebank.forms import Form

MOBILE = re.compile(r"1[3-9]\d{9}")
SIX_DIGITS = re.compile(r"\d{6}", re.ASCII)
LONGEST = 40


class Mobile(fields.Field[str]):
    """A Chinese mobile number, typed with spaces, dashes, +86 or full-width digits; eleven plain digits inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return eleven digits."""
        del attr, data, kwargs
        said = unicodedata.normalize("NFKC", value) if isinstance(value, str) else ""
        if not said.strip():
            raise ValidationError(_("请填手机号。"))
        number = national(said)
        if number is None:
            raise ValidationError(_("手机号是 11 位数字，1 开头。请再看一下。"))
        return number


def national(said: str) -> str | None:
    """Return the eleven digits of a Chinese mobile number, None when it is not one."""
    try:
        number = phonenumbers.parse(said[:LONGEST], "CN")
    except phonenumbers.NumberParseException:
        return None
    digits = str(number.national_number)
    inside = number.country_code == phonenumbers.country_code_for_region("CN") and not number.extension
    return digits if inside and MOBILE.fullmatch(digits) else None


class SixDigits(fields.Field[str]):
    """A sign-in code, full-width digits and spaces allowed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return six digits."""
        del attr, data, kwargs
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", value)) if isinstance(value, str) else ""
        if not SIX_DIGITS.fullmatch(digits):
            raise ValidationError(_("验证码是 6 位数字。"))
        return digits


class MailForm(Form):
    """Where somebody's mail goes; empty is nowhere."""

    mail = fields.String(
        load_default="",
        validate=[
            validate.Length(max=120, error=_("邮箱地址太长了。")),
            validate.Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z|\Z", error=_("邮箱写成 name@example.cn 这样。")),
        ],
    )


class PhoneForm(Form):
    """The first page of sign-in."""

    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})


class CodeForm(Form):
    """The second page of sign-in."""

    code = SixDigits(required=True, error_messages={"required": _("验证码是 6 位数字。")})
