"""The command ``timebank``: the demo, the service, the database and its backups, imports, plans, the ledger, certificates."""

import sys
import time
import webbrowser
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TextIO

import click
from flask import Flask
from sqlalchemy import select

from timebank import __version__, clock, serving
from timebank.access.models import Role
from timebank.access.queries import users_with
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import db, sqlite_driver, transaction, wal_is_safe
from timebank.demo.doors import doors
from timebank.demo.ground import clear, without_a_queue
from timebank.demo.playing import STORIES, play
from timebank.errors import Refusal
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.ledger.verify import verify
from timebank.outside import SETTING, outside
from timebank.places import queries as places
from timebank.planning import queries as plans
from timebank.planning import runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind
from timebank.recognition import actions as recognition
from timebank.recognition import checking, seal
from timebank.recognition import queries as books
from timebank.recognition.models import CertificateState
from timebank.recognition.printing import print_certificate, print_statement
from timebank.rehearsal import stage
from timebank.rehearsal.rates import load as load_rates
from timebank.safekeeping import actions as safekeeping
from timebank.safekeeping.archive import Manifest
from timebank.safekeeping.down import go_down, next_step
from timebank.safekeeping.queries import last_backup
from timebank.schema import current, head, is_current, upgrade
from timebank.seeding import seed_catalogue
from timebank.visits.evidence import first_unfounded
from timebank.volunteers.models import Volunteer

BAD_INPUT = 2
WEEK_HELP = "week, such as 2026-W48"
NO_ADDRESS = f"没有设置 {SETTING}，不能开具证明 / no certificates until you set {SETTING}"


class Commands(click.Group):
    """A group whose refusals are one line in both languages and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            click.echo(f"{refusal.zh} / {refusal.en}", err=True)
            sys.exit(BAD_INPUT)


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Volunteer matching and time bank for a community office (社区志愿服务匹配与时间银行)."""


def ready_app() -> Flask:
    """Return the service on a database that is up to date."""
    app = create_app()
    with app.app_context():
        if not is_current():
            raise Refusal("数据库还没有建好，请先运行 timebank init。", "The database is not up to date: run `timebank init` first.")
    return app


@main.command("demo")
@click.option("--community", default="badaguan", show_default=True, type=click.Choice(list(STORIES)), help="whose data is played")
@click.option("--fresh", is_flag=True, help="overwrite an earlier demo")
@click.option("--no-serve", is_flag=True, help="end after the summary")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="port to listen on")
@click.option("--seconds", default=10, show_default=True, type=click.IntRange(1, 600), help="time for the engine")
@click.option("--folder", default="timebank-demo", show_default=True, type=click.Path(path_type=Path), help="where its files go")
def demo_command(community: str, fresh: bool, no_serve: bool, host: str, port: int, seconds: int, folder: Path) -> None:  # noqa: FBT001
    """Show the whole chain on a real community, then serve it."""
    started = time.monotonic()
    if not clear(folder, fresh=fresh, ask=lambda: click.confirm(f"{folder}/ 里已有演示，覆盖吗？ Overwrite the demo in {folder}/?")):
        raise Refusal(f"没有动 {folder}/。", f"{folder}/ was left as it is.")
    app = play(folder, community, seconds, click.echo, fresh=fresh)
    click.echo(f"\n用时 {time.monotonic() - started:.0f} 秒 / took {time.monotonic() - started:.0f} s")
    if no_serve:
        return
    free = serving.free_port(host, port)
    for line in doors(app, f"http://{host}:{free}"):
        click.echo(line)
    serving.serve(app, host, free)


@main.command("rehearse")
@click.option("--community", default=None, help="whose weeks; one that comes with the product is played from its own data")
@click.option("--from", "source", default=None, type=click.Path(exists=True, path_type=Path), help="a folder of workbooks to play from")
@click.option("--weeks", "count", default=4, show_default=True, type=click.IntRange(1, 52), help="how many weeks")
@click.option("--seed", default=1, show_default=True, type=int, help="the same seed lives the same weeks")
@click.option("--rates", default=None, type=click.Path(exists=True, path_type=Path, dir_okay=False), help="how often life happens (TOML)")
@click.option("--folder", default="timebank-rehearsal", show_default=True, type=click.Path(path_type=Path), help="where its copy goes")
@click.option("--json", "output", default=None, type=click.Path(path_type=Path, dir_okay=False), help="write the figures as JSON")
def rehearse(
    community: str | None, source: Path | None, count: int, seed: int, rates: Path | None, folder: Path, output: Path | None
) -> None:
    """Play weeks of a community on a copy, and say what broke and what it cost; exit 1 when anything broke."""
    chances = load_rates(rates)
    app, name = stage.set_stage(folder, community, source)
    with app.app_context(), without_a_queue():
        found = stage.rehearse(name, weeks=count, seed=seed, rates=chances, say=click.echo)
    for line in found.lines():
        click.echo(line)
    for each in found.broken:
        click.echo(f"不对 / broken {each['at']}: {each['said']}", err=True)
        for step in each["steps"]:
            click.echo(f"    {step}", err=True)
    if output is not None:
        _write(output, found.as_json().encode())
    if not found.ok:
        sys.exit(1)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="port to listen on")
@click.option("--open", "browser", is_flag=True, help="open a browser")
def run(host: str, port: int, browser: bool) -> None:  # noqa: FBT001
    """Serve the product."""
    app = ready_app()
    free = serving.free_port(host, port)
    click.echo(f"http://{host}:{free}")
    if not outside.is_known:
        click.echo(NO_ADDRESS, err=True)
    if browser:
        webbrowser.open(f"http://{host}:{free}")
    serving.serve(app, host, free)


@main.command()
@click.option("-n", "threads", default=2, show_default=True, type=click.IntRange(1, 64), help="threads")
def worker(threads: int) -> None:
    """Answer jobs, beside services that were started with TIMEBANK_WORKERS=0."""
    ready_app()
    serving.work(threads)


@main.command()
def init() -> None:
    """Make the database, or bring it up to date, and load the catalogue."""
    app = create_app()
    with app.app_context():
        upgrade()
        with transaction():
            seed_catalogue()
        click.echo(f"数据库已就绪 / the database is ready ({head()})")


@main.command("upgrade")
@click.option("--down", is_flag=True, help="take the newest migration back: one step, behind a backup")
@click.option("--yes-lose", "name", default="", help="with --down, the name of the step, instead of typing it")
def upgrade_command(down: bool, name: str) -> None:  # noqa: FBT001
    """Bring the database up to date; with --down take one step back, once its name was typed."""
    if down:
        _step_down(name)
        return
    with create_app().app_context():
        upgrade()
        click.echo(head())


def _step_down(name: str) -> None:
    """Say what going down one step would lose, and do it behind a backup when the step's name is typed."""
    settings = Settings.load()
    with safekeeping.office(settings):
        step = next_step()
        click.echo(f"退回前请先停止服务。退回 {step.name} 会丢掉 / stop the service first. Going down {step.name} loses:")
        for line in step.lines():
            click.echo(f"  {line}")
        if not name and sys.stdin.isatty():
            name = click.prompt("照抄这一步的名字 / type this step's name")
        kept = go_down(step, name, settings, settings.instance_path)
        click.echo(f"之前的备份 / the backup from before: {kept}")
        click.echo(current())


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-key", is_flag=True, help="leave secret.key out; keep it apart, or what is under seal is lost")
def backup(file: Path, without_key: bool) -> None:  # noqa: FBT001
    """Make a whole copy while the service runs: FILE is new, or a folder in which the copy gets a name of its own."""
    settings = Settings.load()
    with safekeeping.office(settings):
        made, manifest = safekeeping.back_up(settings, file, with_key=not without_key)
    _say_what_it_holds(made, manifest)
    if not manifest.facts.is_sound:
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into", default=None, type=click.Path(path_type=Path, file_okay=False), help="an empty folder, instead of the settings' own"
)
@click.option(
    "--key", default=None, type=click.Path(exists=True, path_type=Path, dir_okay=False), help="the secret.key that was kept apart"
)
@click.option("--without-key", is_flag=True, help="the key is lost: restore, though what is under seal stays unreadable")
@click.option("--dry-run", is_flag=True, help="only check the file and say what it holds")
def restore(file: Path, into: Path | None, key: Path | None, without_key: bool, dry_run: bool) -> None:  # noqa: FBT001
    """Restore a backup into an empty place."""
    manifest = safekeeping.look_into(file)
    _say_what_it_holds(file, manifest)
    if not dry_run:
        settings = safekeeping.place_for(manifest, into)
        safekeeping.restore(file, settings, key=key, without_key=without_key)
        click.echo(f"已恢复到 / restored into {settings.instance_path}")
    if not manifest.facts.is_sound:
        sys.exit(1)


def _say_what_it_holds(file: Path, manifest: Manifest) -> None:
    """Say what is in a backup, whether its key is, and what to mind."""
    click.echo(f"{file} · {manifest.made_at} · timebank {manifest.product} · {manifest.kind}")
    for line in manifest.facts.lines():
        click.echo(f"  {line}")
    if manifest.has_key:
        click.echo(
            "  含密钥，谁拿到这个文件都能读到全部内容，请锁好。 / The key is inside: whoever has this file can read it all. Lock it away."
        )
    else:
        click.echo(
            "  不含密钥，请另外保管；没有它，加密的内容读不出来。 / The key is not inside: keep it apart, or what is under seal is lost."
        )
    if not manifest.facts.is_sound:
        click.echo(
            "  备份照原样留下，但账本不一致，请运行 timebank ledger verify。 / Kept as it is, but its ledger is broken: run `timebank ledger verify`.",
            err=True,
        )


@main.command()
def doctor() -> None:
    """Say whether this installation is sound."""
    app = create_app()
    with app.app_context():
        version = sqlite_driver().sqlite_version
        safe = wal_is_safe(sqlite_driver().sqlite_version_info)
        click.echo(f"SQLite {version}: " + ("WAL" if safe else "journal_mode=DELETE (此版本的 WAL 有缺陷 / WAL is faulty in this version)"))
        click.echo(f"database: {db.engine.url.render_as_string(hide_password=True)}")
        click.echo("schema: " + ("ok" if is_current() else "timebank init"))
        if is_current():
            last = last_backup()
            click.echo("backup: " + (f"{last:%Y-%m-%d %H:%M}" if last else "还没有备份 / none yet: timebank backup FILE"))
        click.echo("address: " + (outside.address if outside.is_known else NO_ADDRESS))


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only report")
@click.option("--skip-bad-rows", is_flag=True, help="import the good rows although others are bad")
@click.option("--same-people", is_flag=True, help="change who has the same name and door instead of adding a second person")
def import_command(paths: tuple[Path, ...], dry_run: bool, skip_bad_rows: bool, same_people: bool) -> None:  # noqa: FBT001
    """Import the workbooks of a community: a folder, or files."""
    with ready_app().app_context():
        handed = hand_in(paths)
        with transaction():
            if dry_run:
                report = exchange.check_workbook(handed)
            else:
                report = exchange.import_files(handed, skip_bad_rows=skip_bad_rows, same_people=same_people)
        for sheet, new, changed, same, bad in report.lines():
            click.echo(f"{sheet}: {new} new, {changed} changed, {same} same, {bad} bad")
        for line in (*report.problems, *report.remarks):
            click.echo(str(line))
        if report.cleared or report.kept:
            click.echo(
                f"清空 {report.cleared} 格，空格保留 {report.kept} 格 / {report.cleared} values cleared, {report.kept} kept where cells are empty"
            )
        if not dry_run:
            click.echo("已导入 / imported" if report.applied else "什么都没有导入 / nothing was imported")
        if not (report.applied or (dry_run and report.clean)):
            sys.exit(1)


@main.command()
@click.option("--community", default=None, help="the community's code")
@click.option("--week", required=True, help=WEEK_HELP)
@click.option("--seconds", default=15, show_default=True, type=click.IntRange(1, 3600), help="time for the engine")
def plan(community: str | None, week: str, seconds: int) -> None:
    """Plan a week of a community."""
    monday = _monday(week)
    with ready_app().app_context():
        with transaction():
            opened = weeks.open_week(places.community_named(community).id, monday)
            run_id = runs.queue_run(opened, RunKind.SOLVE, seconds, send=False).id
        runner.run(run_id)
        done = db.session.get_one(PlanRun, run_id)
        if done.result is None:
            raise Refusal(f"没有排出来：{done.fault}", f"No plan: {done.fault}")
        served, needed = done.result["score"]["served"], done.needed
        found = plans.unserved(done.plan)
        click.echo(f"{served}/{needed} · {done.result['status']} · {done.result['seconds']} s")
        for each in found:
            click.echo(f"  {each.zh}")


def _monday(week: str) -> date:
    """Return the Monday of a week's name."""
    try:
        return clock.parse_week(week)
    except ValueError as error:
        raise Refusal(f"没有 {week} 这一周，请写成 2026-W48。", f"There is no week {week}; write it like 2026-W48.") from error


@main.group()
def ledger() -> None:
    """The time book."""


@ledger.command("verify")
def verify_command() -> None:
    """Check every transfer, the chain, every balance and every credit's record; exit 1 at the first that is wrong."""
    with ready_app().app_context():
        report = verify()
        click.echo(f"{report.zh} / {report.en}")
        unfounded = first_unfounded() if report.ok else None
        if unfounded is not None:
            click.echo(f"第 {unfounded} 笔入账没有对应的服务记录。 / Credit {unfounded} has no service record behind it.")
        if not report.ok or unfounded is not None:
            sys.exit(1)


@ledger.command("statement")
@click.argument("volunteer")
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="month, such as 2026-11")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="the PDF to write")
def statement_command(volunteer: str, month: datetime, output: Path) -> None:
    """Write a volunteer's month, named by volunteer number, as a PDF."""
    app = ready_app()
    with app.app_context():
        found = books.statement(_volunteer(volunteer), month.date())
        _write(output, print_statement(found, language="zh", font_dir=app.extensions["timebank"].font_dir))
        click.echo(str(output))


@main.command()
@click.argument("volunteer")
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="first day")
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="last day")
@click.option("--replaces", default="", help="the number of the certificate in force that a new one may replace")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="the PDF to write")
def certificate(volunteer: str, first: datetime, last: datetime, replaces: str, output: Path) -> None:
    """Issue a certificate of recorded hours, by volunteer number, as a PDF."""
    app = ready_app()
    settings = app.extensions["timebank"]
    with app.app_context():
        person = _volunteer(volunteer)
        with transaction():
            office = [*users_with(Role.COORDINATOR, person.community_id), *users_with(Role.ADMIN, person.community_id)]
            if not office:
                raise Refusal("还没有可以出具证明的工作人员。", "There is nobody in the office who can issue a certificate.")
            held = books.by_number(replaces)
            issued = recognition.issue_certificate(person, first.date(), last.date(), office[0], replaces=held.id if held else None)
            made = print_certificate(issued, outside.address, language="zh", font_dir=settings.font_dir)
        _write(output, made)
        click.echo(str(output))


@main.command("seal")
@click.argument("paper", type=click.File(encoding="utf-8-sig"))
@click.option("--digest", default="", help="the digest printed on the paper")
@click.option("--code", default="", help="the check code printed on the paper: compare with this installation's register")
def seal_command(paper: TextIO, digest: str, code: str) -> None:
    """Work out the digest of a certificate from what is printed on it, a line an item; exit 1 when something does not agree.

    Whoever forges a paper works its digest out anew. Only with --code is the paper compared with the register.
    """
    lines = paper.read().splitlines()
    computed = seal.digest(lines)
    click.echo(computed)
    if digest and not seal.same(digest, computed):
        _fail("内容校验对不上抄下的内容 / not the digest on the paper")
    if code:
        _compare_with_register(lines, code)
    elif digest:
        click.echo(
            "这只说明纸面前后一致；是否出具过，加 --code 和登记簿比 / it agrees with itself, no more; add --code to ask the register",
            err=True,
        )


def _compare_with_register(lines: list[str], code: str) -> None:
    """Say what the register holds of a copied paper; exit 1 when it is not this, or holds no more."""
    with ready_app().app_context():
        found = checking.check(seal.number_on(lines), code)
        if found is None:
            _fail("编号和查验码没有查到 / no certificate has this number and code")
        if checking.compare(found, lines) is not checking.Answer.YES:
            _fail("和登记簿不一致 / not what the register holds")
        stands = f"和登记簿一致 / what the register holds: {checking.standing(found)}"
        if checking.standing(found) != CertificateState.VALID:
            _fail(stands)
        click.echo(stands)


def _fail(words: str) -> NoReturn:
    """Say what does not agree and end with 1."""
    click.echo(words, err=True)
    sys.exit(1)


def _write(output: Path, made: bytes) -> None:
    """Write what a command made through whatever has that name: a file, a link's target, a device or a pipe; none is replaced."""
    try:
        output.write_bytes(made)
    except OSError as error:
        raise Refusal(
            f"写不进 {output}（{error.strerror}）。请用另一个文件名或文件夹再来一次。",
            f"{output} cannot be written ({error.strerror}). Run the command again with another file or folder.",
        ) from error


def _volunteer(number: str) -> Volunteer:
    """Return a volunteer by number."""
    found = db.session.scalars(select(Volunteer).where(Volunteer.number == number)).first()
    if found is None:
        raise Refusal(f"没有编号 {number} 的志愿者。", f"There is no volunteer with number {number}.")
    return found
