"""The edge of the import page: the files as they were chosen, and whether bad rows may be left out."""

from pathlib import PureWindowsPath

from flask_babel import lazy_gettext as _
from marshmallow import fields
from werkzeug.datastructures import FileStorage

from timebank.errors import Invalid
from timebank.exchange.cells import printable
from timebank.forms import Form

MOST_FILES = 8


class TakeInForm(Form):
    """The button under the report of a check."""

    skip_bad_rows = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})
    same_people = fields.Boolean(load_default=False, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")})


def chosen(files: list[FileStorage]) -> list[tuple[str, bytes]]:
    """Return the names and bytes of the files somebody chose."""
    given = [file for file in files if file.filename]
    if not given:
        raise _no("请先选择要导入的文件。", "Choose the files first.")
    if len(given) > MOST_FILES:
        raise _no(f"一次最多 {MOST_FILES} 个文件，请分几次导入。", f"At most {MOST_FILES} files at a time.")
    return [(printable(PureWindowsPath(str(file.filename)).name.strip()), file.read()) for file in given]


def _no(zh: str, en: str) -> Invalid:
    """Return the refusal of a choice of files."""
    return Invalid(zh, en, fields={"files": (zh, en)})
