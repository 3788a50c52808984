"""The edge of the import page: the files as they were chosen, and whether bad rows may be left out."""

from pathlib import PureWindowsPath
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema
from werkzeug.datastructures import FileStorage

from timebank.errors import wrong
from timebank.exchange.cells import printable
from timebank.exchange.resealing import LEAST
from timebank.forms import Day, Form, Words

MOST_FILES = 8


class TakeInForm(Form):
    """The button under the report of a check."""

    skip_bad_rows = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})
    same_people = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})


class PersonForm(Form):
    """In which form one person's data are wanted."""

    form = fields.String(load_default="xlsx", validate=validate.OneOf(["json", "xlsx"], error=_("请从列表里选。")))


class ReconcileForm(Form):
    """Of which days our records are held against their export, and whether the answer is a workbook."""

    start = Day(required=True)
    end = Day(required=True)
    excel = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})


class EverythingForm(Form):
    """The passphrase of an export of everything, typed twice, and whether doors and notes stand open in its workbooks."""

    passphrase = Words(200, required=True)
    again = Words(200, required=True)
    in_clear = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})

    @validates_schema
    def _must_agree(self, data: dict[str, Any], **_more: Any) -> None:  # noqa: ANN401 - marshmallow's own arguments
        """Refuse a short passphrase, or two that differ."""
        if len(data["passphrase"]) < LEAST:
            raise ValidationError(_("口令至少 %(count)s 个字符，请换一个长一些的。", count=LEAST), "passphrase")
        if data["passphrase"] != data["again"]:
            raise ValidationError(_("两次打的口令不一样，请再打一遍。"), "again")


def chosen(files: list[FileStorage]) -> list[tuple[str, bytes]]:
    """Return the names and bytes of the files somebody chose."""
    given = [file for file in files if file.filename]
    if not given:
        raise wrong("files", "请先选择要导入的文件。")
    if len(given) > MOST_FILES:
        raise wrong("files", "一次最多 %(most_files)s 个文件，请分几次导入。", most_files=MOST_FILES)
    return [(printable(PureWindowsPath(str(file.filename)).name.strip()), file.read()) for file in given]
