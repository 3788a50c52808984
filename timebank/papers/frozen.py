"""Papers that were given, frozen: from a paper to the words of the database and back, the same to the last byte."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from timebank.errors import Conflict
from timebank.papers.facts import Language, StatementPaper
from timebank.papers.tables import TablesPaper
from timebank.sentences import CHINESE


def freeze(papers: Mapping[Language, StatementPaper | TablesPaper]) -> dict[str, Any]:
    """Return a paper in both languages as the database keeps it."""
    plain: dict[str, Any] = json.loads(
        json.dumps({name: dataclasses.asdict(paper) for name, paper in papers.items()}, default=date.isoformat)
    )
    return plain


def digest(content: Mapping[str, Any]) -> str:
    """Return the digest under which a frozen paper is kept."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def statement(content: Mapping[str, Any], sealed: str, language: Language) -> StatementPaper:
    """Return a statement as it was given."""
    paper: StatementPaper = _thawed(StatementPaper, _in(_whole(content, sealed), language))
    return paper


def tables(content: Mapping[str, Any], sealed: str, language: Language) -> TablesPaper:
    """Return a report as it was given."""
    paper: TablesPaper = _thawed(TablesPaper, _in(_whole(content, sealed), language))
    return paper


def _in(content: Mapping[str, Any], language: Language) -> Any:  # noqa: ANN401 - a paper as plain values
    """Return a paper in a language, in Chinese where it was not given in that."""
    return content.get(language, content[CHINESE])


def _whole(content: Mapping[str, Any], sealed: str) -> Mapping[str, Any]:
    """Return what a paper says, or refuse when that is no longer what was given."""
    if digest(content) != sealed:
        raise Conflict("保存的内容和月结时的指纹不一致，不能打印。请联系管理员核对。")
    return content


def _thawed(kind: Any, value: Any) -> Any:  # noqa: ANN401 - whatever a field of a paper holds
    """Return a plain value as what a field of a paper is to hold."""
    if value is None or isinstance(value, bool):
        return value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _thawed(hints[name], each) for name, each in value.items()})
    if get_origin(kind) is tuple:
        inner, *others = get_args(kind)
        return (
            tuple(_thawed(each, one) for each, one in zip((inner, *others), value, strict=True))
            if others != [...]
            else tuple(_thawed(inner, one) for one in value)
        )
    if isinstance(kind, UnionType) and len(only := [each for each in get_args(kind) if each is not type(None)]) == 1:
        return _thawed(only[0], value)
    return kind.fromisoformat(value) if kind in {date, datetime} else value
