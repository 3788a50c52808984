"""The verbs of import: look at files without changing anything, or take them in; neither commits.

A dry run takes the very path of an import inside a savepoint and then rolls it back, so it cannot say anything else than
the import would.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from timebank import audit, numbered
from timebank.db import Base, db
from timebank.errors import Refusal
from timebank.exchange import load_elders, load_history, load_needs, load_places, load_volunteers, undoing
from timebank.exchange.columns import (
    BUILDINGS,
    CANTEENS,
    COMMUNITY,
    ELDERS,
    FAMILY,
    HISTORY,
    ONCE,
    PROOFS,
    STANDING,
    STATIONS,
    TEAMS,
    UNITS,
    VOLUNTEERS,
)
from timebank.exchange.following import follow
from timebank.exchange.handed import Handed
from timebank.exchange.journal import watching
from timebank.exchange.loading import Into, Said
from timebank.exchange.report import Fate, Problem, Report
from timebank.exchange.rows import Row, parse_sheets
from timebank.exchange.sheets import RawSheet
from timebank.places.models import Community
from timebank.sentences import Sentence

OF_COMMUNITY = "community"
TOGETHER = 200
"""So many rows are put in together; one that is refused is then put in by itself."""

Seen = dict[Base, audit.Changes]
Loader = Callable[[Row, Into], tuple[Fate, Base]]
# In this order: whatever a row points at is in before it.
LOADERS: dict[str, Loader] = {
    COMMUNITY.name: load_places.community,
    BUILDINGS.name: load_places.building,
    CANTEENS.name: load_places.canteen,
    STATIONS.name: load_places.station,
    UNITS.name: load_volunteers.unit,
    TEAMS.name: load_volunteers.team,
    VOLUNTEERS.name: load_volunteers.volunteer,
    PROOFS.name: load_volunteers.proof,
    ELDERS.name: load_elders.elder,
    FAMILY.name: load_elders.family,
    STANDING.name: load_needs.standing,
    ONCE.name: load_needs.once,
    HISTORY.name: load_history.older,
}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one row: where it went, what is to be said of it, and why it was refused where it was."""

    row: Row
    into: Into
    fate: Fate
    said: Said
    problem: Problem | None = None


def check_workbook(handed: Handed, community: Community | None = None, *, most_rows: int | None = None) -> Report:
    """Say what an import of these files would do; nothing is changed. More rows than ``most_rows`` are not looked at."""
    report = _begun(handed)
    if most_rows is not None and handed.rows > most_rows:
        words = Sentence("一次最多检查 %(most_rows)s 行。请分几次导入，或请管理员用命令行导入。", most_rows=most_rows)
        report.problems.append(Problem.of("", "", 0, "", words))
        return report
    with db.session.begin_nested() as savepoint:
        _load(handed.sheets, Into(community, bound=community is not None), report)
        savepoint.rollback()
    return report


def import_files(handed: Handed, community: Community | None = None, *, skip_bad_rows: bool = False, same_people: bool = False) -> Report:
    """Take these files in: all of them or nothing, unless bad rows may be left out. Twice the same files change nothing.

    With ``same_people`` a new number of somebody who is known by another changes that person instead of adding a second.
    """
    report = _begun(handed)
    with watching() as journal, db.session.begin_nested() as savepoint:
        into = _load(handed.sheets, Into(community, bound=community is not None, same_people=same_people), report)
        report.applied = bool(report.fates) and (skip_bad_rows or not report.problems) and bool(into.every)
        if not report.applied:
            savepoint.rollback()
    if report.applied and report.changes:
        entries = journal.entries(db.session.connection())
        batch = undoing.keep(entries, community.id if community else _only(into), report)
        report.batch = batch.id
    for each in into.every if report.applied else []:
        counts = {fate.value: each.fates[fate] for fate in Fate}
        audit.record("import", "community", each.id, skip_bad_rows=skip_bad_rows, **counts)
    return report


def _only(into: Into) -> int | None:
    """Return the one community that rows went into, nothing where there are several."""
    every = [each.id for each in into.every]
    return every[0] if len(every) == 1 else None


def _begun(handed: Handed) -> Report:
    """Return the report on these files as far as reading them came."""
    return Report(files=list(handed.names), problems=list(handed.problems))


def _load(sheets: Sequence[RawSheet], into: Into, report: Report) -> Into:
    """Put every good row in; bad ones go into the report."""
    rows = parse_sheets(sheets, report)
    into.named = len(rows.get(COMMUNITY.name, ()))
    into.community = into.community or _only_community(rows)
    if report.files and not any(sheet.lines for sheet in sheets) and not report.problems:
        report.problems.append(Problem.of("", "", 0, "", Sentence("文件里没有内容，请核对是不是选错了文件。")))
    if into.community is None and any(rows.values()) and not _names_communities(rows):
        report.problems.append(_which_community())
        return into
    with numbered.ahead(), audit.watched() as seen:
        for name, loader in LOADERS.items():
            for done in _put_rows(rows.get(name, []), loader, into, seen):
                _note(done, report)
    for each in into.every:
        follow(each, report)
    if into.community is not None:
        report.community = into.community.slug
    order = {name: place for place, name in enumerate(LOADERS)}
    report.problems.sort(key=lambda problem: (problem.file, order.get(problem.sheet, -1), problem.row))
    report.fates = {name: report.fates[name] for name in LOADERS if name in report.fates}
    return into


def _only_community(rows: dict[str, list[Row]]) -> Community | None:
    """Return the community files without a community's sheet must mean: the only one there is."""
    if COMMUNITY.name in rows:
        return None
    found = db.session.scalars(select(Community).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _names_communities(rows: dict[str, list[Row]]) -> bool:
    """Say whether files bring communities along, or say of a row which one it is of."""
    return COMMUNITY.name in rows or any(row.values[OF_COMMUNITY] for sheet in rows.values() for row in sheet)


def _which_community() -> Problem:
    """Return the problem of files that may be of no community, or of any of several."""
    if db.session.scalars(select(Community.id).limit(1)).first() is None:
        words = Sentence("还没有社区：请先导入带“社区”表的地点文件。")
    else:
        words = Sentence("这里不止一个社区：请在每一行的“社区代码”里写明是哪一个的。")
    return Problem.of("", "", 0, "", words)


def _put_rows(rows: Sequence[Row], loader: Loader, into: Into, seen: Seen) -> Iterator[Done]:
    """Put rows in and yield what became of each: many together, and one that is refused by itself, so that it leaves nothing."""
    first, refused = 0, -1
    while first < len(rows):
        upto = first + (1 if refused == first else refused - first if refused > first else TOGETHER)
        done = _put_together(rows[first:upto], loader, into, seen)
        if done[-1].fate is Fate.BAD and upto > first + 1:
            refused = first + len(done) - 1
        else:
            yield from done
            first += len(done)


def _put_together(rows: Sequence[Row], loader: Loader, into: Into, seen: Seen) -> list[Done]:
    """Put rows in and return what became of each; where one is refused, with which the list ends, all of them are out again."""
    back = into.mark()
    done: list[Done] = []
    with db.session.begin_nested() as savepoint:
        for row in rows:
            done.append(_put_row(row, loader, into, seen))
            if done[-1].fate is Fate.BAD:
                savepoint.rollback()
                back()
                break
    return done


def _put_row(row: Row, loader: Loader, into: Into, seen: Seen) -> Done:
    """Put one row in, or say why not."""
    seen.clear()
    try:
        into = into.within(row.values[OF_COMMUNITY]) if OF_COMMUNITY in row.values else into
        into.said = Said()
        fate, stored = loader(row, into)
    except Refusal as error:
        return Done(row, into, Fate.BAD, Said(), row.problem(error.words, next(iter(error.fields), "")))
    if fate in {Fate.NEW, Fate.CHANGED}:
        _record(fate, stored, seen)
    return Done(row, into, fate, into.said)


def _record(fate: Fate, stored: Base, seen: Seen) -> None:
    """Note in the trail that a row came in, or which of its fields are others now."""
    if fate is Fate.CHANGED:
        db.session.flush()
    fields = seen.get(stored, {}) if fate is Fate.CHANGED else {}
    audit.record(f"import_{fate}", stored.__tablename__, stored.id, fields=fields)  # type: ignore[attr-defined]


def _note(done: Done, report: Report) -> None:
    """Count what became of a row, and keep what is to be said of it."""
    report.count(done.row.sheet.name, done.fate)
    done.into.fates[done.fate] += 1
    report.cleared += done.said.cleared
    report.kept += done.said.kept
    report.alike += done.said.alike
    report.remarks += [done.row.problem(words, column) for column, words in done.said.remarks]
    report.problems += [done.problem] if done.problem else []
