"""The commands by which an office comes in, leaves and comes back: workbooks in and back out again, everything into a file, such a file in."""

import sys
from pathlib import Path

import click

from timebank.app import create_app, ready_app
from timebank.db import db, transaction
from timebank.errors import NotFound, Refusal
from timebank.exchange import actions, going_out, queries, undoing, unpacking
from timebank.exchange.handed import hand_in
from timebank.exchange.report import Report
from timebank.exchange.whole import Manifest, Order
from timebank.oversight import words
from timebank.schema import upgrade

words_from = click.option(
    "--passphrase-file",
    default=None,
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    help="a file whose first line is the passphrase, instead of typing it",
)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--in-clear", is_flag=True, help="let doors, diets and notes stand open in the workbooks")
@words_from
def export_command(file: Path, in_clear: bool, passphrase_file: Path | None) -> None:  # noqa: FBT001
    """Write everything into one file: FILE is new, or a folder in which it gets a name of its own."""
    words = _words(passphrase_file, again=True)
    with ready_app().app_context():
        made, manifest = going_out.export_to(file, Order(words, in_clear))
        _say(made, manifest)


@click.command("import")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only report")
@click.option("--skip-bad-rows", is_flag=True, help="import the good rows although others are bad")
@click.option("--same-people", is_flag=True, help="change who has the same name and door instead of adding a second person")
@click.option("--whole", is_flag=True, help="the one file is what `timebank export` wrote, and goes into an empty database")
@click.option("--undo", default=None, type=click.IntRange(1), metavar="NUMBER", help="take this import back, within a day; no files then")
@words_from
def import_command(
    *,
    paths: tuple[Path, ...],
    dry_run: bool,
    skip_bad_rows: bool,
    same_people: bool,
    whole: bool,
    undo: int | None,
    passphrase_file: Path | None,
) -> None:
    """Import the workbooks of a community: a folder, or files; or with --whole an export of everything."""
    if bool(paths) is (undo is not None):
        raise Refusal("请写要导入的文件或文件夹；要撤销一次导入，只写 --undo 和它的编号。")
    if undo is not None:
        _take_back(undo)
        return
    if whole:
        import_whole(paths[0], passphrase_file, dry_run=dry_run)
        return
    with ready_app().app_context():
        handed = hand_in(paths)
        with transaction():
            if dry_run:
                report = actions.check_workbook(handed)
            else:
                report = actions.import_files(handed, skip_bad_rows=skip_bad_rows, same_people=same_people)
        _say_what_came(report)
        if not dry_run:
            click.echo("已导入 / imported" if report.applied else "什么都没有导入 / nothing was imported")
        if report.batch:
            click.echo(f"一天内可以撤销 / to take it back within a day: timebank import --undo {report.batch}")
        if not (report.applied or (dry_run and report.clean)):
            sys.exit(1)


def _say_what_came(report: Report) -> None:
    """Say what became of the rows of each sheet, and what is to be said of single ones."""
    for sheet, new, changed, same, bad in report.lines():
        click.echo(f"{sheet}: {new} new, {changed} changed, {same} same, {bad} bad")
    for line in (*report.problems, *report.remarks):
        click.echo(str(line))
    if report.cleared or report.kept:
        click.echo(
            f"清空 {report.cleared} 格，空格保留 {report.kept} 格 / {report.cleared} values cleared, {report.kept} kept where cells are empty"
        )


def _take_back(number: int) -> None:
    """Take an import back, and name what stays."""
    with ready_app().app_context():
        with transaction():
            batch = queries.import_of(number, None)
            if batch is None:
                known = "、".join(str(each.id) for each in queries.imports(None)) or "-"
                raise NotFound("没有编号 %(number)s 的导入；最近的有：%(known)s。", number=number, known=known)
            done = undoing.undo(batch, None)
        click.echo(
            f"撤销了：{done.gone} 行去掉，{done.back} 行改回，{len(done.kept)} 个留下没动 / "
            f"taken back: {done.gone} rows gone, {done.back} as before, {len(done.kept)} stay"
        )
        for table, name in done.kept:
            click.echo(f"  {' / '.join(words.THINGS.get(table, (table,)))} · {name}")


def import_whole(file: Path, passphrase_file: Path | None, *, dry_run: bool) -> None:
    """Put an export of everything into the empty database of the settings; a dry run only checks the file."""
    with create_app().app_context():
        manifest = unpacking.look_into(file)
        _say(file, manifest)
        if dry_run:
            return
        words = _words(passphrase_file, again=False)
        upgrade()
        with transaction():
            unpacking.take_in_whole(file, manifest, words)
        click.echo(f"已导入 / imported: {db.engine.url.render_as_string(hide_password=True)}")


def _words(file: Path | None, *, again: bool) -> str:
    """Return the passphrase, from a file or as it is typed."""
    if file is not None:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    typed: str = click.prompt("口令 / passphrase", hide_input=True, confirmation_prompt=again)
    return typed.strip()


def _say(file: Path, manifest: Manifest) -> None:
    """Say what is in an export."""
    click.echo(f"{file} · {manifest.made_at} · timebank {manifest.product} · 编号 / export {manifest.mark}")
    click.echo(f"  表结构 / schema {manifest.schema} · {len(manifest.tables)} 张表 / tables · {manifest.rows} 行 / rows")
    for community, seq, seal in manifest.heads:
        click.echo(f"  社区 / community {community}: 记账 / transfer {seq} · {str(seal)[:16]}")
    if manifest.unreadable:
        click.echo(
            f"  有 {manifest.unreadable} 处加密内容，现有的密钥打不开，导出为空 / {manifest.unreadable} sealed words the key does not open went out empty"
        )
    if manifest.in_clear:
        click.echo("  工作簿里门牌和备注是明文，请锁好 / doors and notes stand open in the workbooks: lock the file away")
