"""The command ``timebank``: the demo, the service, the database and its backups, imports, plans, the ledger, certificates."""

import sys
import time
import webbrowser
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TextIO

import click
from sqlalchemy import select

from timebank import __version__, clock, gate, jobs, metrics, sealcheck, serving, several
from timebank.access import second
from timebank.access.models import Role
from timebank.access.queries import user_of, users_with
from timebank.access.schemas import national
from timebank.app import create_app, ready_app
from timebank.books import queries as books
from timebank.books.printing import print_statement
from timebank.carrying import export_command, import_command
from timebank.certificates import actions as certificates
from timebank.certificates import checking
from timebank.certificates import queries as register
from timebank.certificates.models import CertificateState
from timebank.certificates.printing import print_certificate
from timebank.config import Settings
from timebank.db import db, sqlite_driver, transaction, wal_is_safe
from timebank.demo.doors import doors
from timebank.demo.ground import clear, without_a_queue
from timebank.demo.playing import STORIES, play
from timebank.errors import Refusal
from timebank.examples import examples_command
from timebank.ledger.verify import passes_through, verify
from timebank.office.actions import first_administrator
from timebank.office.queries import administrators
from timebank.outside import DEMO, SETTING, outside
from timebank.papers import seal
from timebank.places import queries as places
from timebank.planning import city, runner
from timebank.planning import queries as plans
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind
from timebank.rehearsal import stage
from timebank.rehearsal.rates import load as load_rates
from timebank.safekeeping import actions as safekeeping
from timebank.safekeeping import keys, moving, nightly
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


main.add_command(export_command)
main.add_command(import_command)
main.add_command(examples_command)


@main.command("demo")
@click.option("--community", default="badaguan", show_default=True, type=click.Choice(list(STORIES)), help="whose data is played")
@click.option("--fresh", is_flag=True, help="overwrite an earlier demo")
@click.option("--no-serve", is_flag=True, help="end after the summary")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="port to listen on")
@click.option("--seconds", default=10, show_default=True, type=click.IntRange(1, 600), help="time for the engine")
@click.option("--folder", default="timebank-demo", show_default=True, type=click.Path(path_type=Path), help="where its files go")
@click.option("--for-strangers", is_flag=True, help="show it beyond this machine: whoever reaches it can sign in as anybody")
def demo_command(
    *, community: str, fresh: bool, no_serve: bool, host: str, port: int, seconds: int, folder: Path, for_strangers: bool
) -> None:
    """Show the whole chain on a real community, then serve it."""
    started = time.monotonic()
    if not no_serve:
        gate.refuse_open_demo(host, agreed=for_strangers)
    if not clear(folder, fresh=fresh, ask=lambda: click.confirm(f"{folder}/ 里已有演示，覆盖吗？ Overwrite the demo in {folder}/?")):
        raise Refusal("没有动 %(folder)s/。", folder=folder)
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
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="so many processes, on Linux with gunicorn")
@click.option("--open", "browser", is_flag=True, help="open a browser")
def run(host: str, port: int, processes: int, browser: bool) -> None:  # noqa: FBT001
    """Serve the product."""
    _keep_nightly()
    if processes > 1:
        several.must_be_possible()
        metrics.share(Settings.load().instance_path)
    app = ready_app()
    gate.refuse_open_cookies(app.extensions["timebank"], host)
    gate.refuse_open_database(app.extensions["timebank"])
    gate.refuse_busy(host, port)
    click.echo(f"http://{host}:{port}")
    if not outside.is_known:
        click.echo(NO_ADDRESS, err=True)
    if browser:
        webbrowser.open(f"http://{host}:{port}")
    if processes > 1:
        several.serve(app.extensions["timebank"], host, port, processes)
    else:
        serving.serve(app, host, port)


def _keep_nightly() -> None:
    """Let whichever process keeps the clock make the night's backup too."""
    if nightly.keep not in jobs.afterwards:
        jobs.afterwards.append(nightly.keep)


@main.command()
@click.option("-n", "threads", default=2, show_default=True, type=click.IntRange(1, 64), help="threads")
def worker(threads: int) -> None:
    """Answer jobs, beside services that were started with TIMEBANK_WORKERS=0."""
    _keep_nightly()
    app = ready_app()
    gate.refuse_open_database(app.extensions["timebank"])
    serving.work(app, threads)


@main.command()
@click.option("--admin-phone", default="", help="the mobile number of an administrator, who gets a link; asked for when there is none yet")
@click.option("--admin-name", default="", help="the administrator's name")
def init(admin_phone: str, admin_name: str) -> None:
    """Make the database, or bring it up to date, load the catalogue, and let the first administrator in by a link."""
    app = create_app()
    with app.app_context():
        upgrade()
        with transaction():
            seed_catalogue()
        click.echo(f"数据库已就绪 / the database is ready ({head()})")
        asked = not admin_phone and not administrators() and sys.stdin.isatty()
        if asked:
            admin_phone = click.prompt("第一位管理员的手机号 / the first administrator's mobile number")
        if admin_phone:
            _let_in(admin_phone, admin_name or (click.prompt("姓名 / name") if sys.stdin.isatty() else ""))
        elif not administrators():
            click.echo("还没有管理员：timebank init --admin-phone 手机号 --admin-name 姓名 / no administrator yet: give --admin-phone")


def _let_in(words: str, name: str) -> None:
    """Print the link by which an administrator comes in; the one before is good no more."""
    phone = national(words)
    if phone is None:
        raise Refusal("手机号是 11 位数字，1 开头。请再运行一次，改好 --admin-phone。")
    with transaction():
        token = first_administrator(phone, name.strip())
    address = outside.address if outside.is_known else DEMO
    click.echo(
        "用这个链接进来，只能用一次，7 天内有效；先运行 timebank run / come in once by this link, within 7 days, while `timebank run` serves"
    )
    click.echo(f"{address}/link/{token}")


@main.command("forget-second-step")
@click.argument("phone")
def forget_second_step(phone: str) -> None:
    """Take away the second step of whoever signs in by PHONE, because the app and the spare codes are lost; they make another."""
    with ready_app().app_context(), transaction():
        user = user_of(national(phone) or "")
        if user is None or not second.forget(user):
            raise Refusal("这个号码没有设过第二步。请核对手机号。")
        click.echo("取消了，下次登录重新设 / taken away: at the next sign-in another one is made")


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


@main.command("move-to")
@click.argument("url")
def move_command(url: str) -> None:
    """Move to another, empty database (postgresql+psycopg://…): copied, compared, and the old one locked."""
    moved = moving.move_to(url, Settings.load(), click.echo)
    click.echo(
        f"搬好了，逐表核对一致：{moved.rows} 行，{moved.transfers} 笔记账 / moved and compared: {moved.rows} rows, {moved.transfers} transfers"
    )
    click.echo(
        "请设 TIMEBANK_DATABASE_URL 为新地址再启动；旧库已锁，只能读。 / Set TIMEBANK_DATABASE_URL and start; the old one is locked."
    )


@main.group("keys")
def keys_group() -> None:
    """The keys of this office."""


@keys_group.command("rotate")
def rotate_command() -> None:
    """Draw a new key and close everything under seal with it; stop the service first."""
    done = keys.rotate(Settings.load())
    click.echo(
        f"新密钥 {done.mark}，重新封好 {done.values} 处。请重启服务，并马上做一份备份。 / key {done.mark}, {done.values} values; restart, and back up."
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
            wrong = sealcheck.guards()
            click.echo("guards: " + ("ok" if not wrong else "timebank verify"))
            for fault in wrong:
                click.echo(f"  {fault.words}")
            last = last_backup()
            click.echo("backup: " + (f"{last:%Y-%m-%d %H:%M}" if last else "还没有备份 / none yet: timebank backup FILE"))
        click.echo("address: " + (outside.address if outside.is_known else NO_ADDRESS))


@main.command()
@click.option("--community", default=None, help="the community's code")
@click.option("--week", required=True, help=WEEK_HELP)
@click.option("--seconds", default=15, show_default=True, type=click.IntRange(1, 3600), help="time for the engine")
@click.option("--all", "everywhere", is_flag=True, help="every community there is, some side by side, and a table")
@click.option("--at-once", default=city.side_by_side(), show_default=True, type=click.IntRange(1, 64), help="with --all, so many engines")
def plan(*, community: str | None, week: str, seconds: int, everywhere: bool, at_once: int) -> None:
    """Plan a week of a community; with --all of every one."""
    monday = _monday(week)
    if everywhere:
        _plan_everywhere(monday, seconds, at_once)
        return
    with ready_app().app_context():
        with transaction():
            opened = weeks.open_week(places.community_named(community).id, monday)
            run_id = runs.queue_run(opened, RunKind.SOLVE, seconds, send=False).id
        runner.run(run_id)
        done = db.session.get_one(PlanRun, run_id)
        if done.result is None:
            raise Refusal("没有排出来：%(fault)s", fault=done.fault)
        served, needed = done.result["score"]["served"], done.needed
        found = plans.unserved(done.plan)
        click.echo(f"{served}/{needed} · {done.result['status']} · {done.result['seconds']} s")
        for each in found:
            click.echo(f"  {each.zh}")


def _plan_everywhere(monday: date, seconds: int, at_once: int) -> None:
    """Plan a week of every community; exit 1 when one has no plan."""
    begun = time.monotonic()
    planned = city.plan_all(ready_app(), monday, seconds, at_once=at_once, tell=lambda each: click.echo(each.line))
    click.echo(city.total(planned, time.monotonic() - begun))
    if any(each.fault for each in planned):
        sys.exit(1)


def _monday(week: str) -> date:
    """Return the Monday of a week's name."""
    try:
        return clock.parse_week(week)
    except ValueError as error:
        raise Refusal("没有 %(week)s 这一周，请写成 2026-W48。", week=week) from error


@main.command("verify")
@click.option(
    "--against", default=None, type=click.Path(exists=True, path_type=Path, dir_okay=False), help="a backup that was made earlier"
)
@click.option(
    "--head",
    nargs=2,
    type=(click.IntRange(1), str),
    default=None,
    metavar="ROW HASH",
    help="the row and the hash that stand on a statement",
)
def verify_all(against: Path | None, head: tuple[int, str] | None) -> None:
    """Check everything that is sealed: the books, the seals of every row, the database's own guards; exit 1 when anything is wrong."""
    with ready_app().app_context():
        report, found, unfounded = verify(), sealcheck.check_now(), first_unfounded()
        click.echo(f"{report.zh} / {report.en}")
        if unfounded is not None:
            click.echo(f"第 {unfounded} 笔入账没有对应的服务记录。 / Credit {unfounded} has no service record behind it.")
        for line in (found.line, *found.told()):
            click.echo(line)
        sealed = safekeeping.look_into(against).facts.seal if against is not None else []
        goes_on = not sealed or sealcheck.stands(*sealed)
        if not goes_on:
            click.echo("数据库不是从这份备份接着记下来的。 / The database does not go on from this backup.")
        as_printed = head is None or passes_through(*head)
        if not as_printed:
            click.echo("账本在这一笔和对账单上印的不一样。 / At this row the book is not as the statement says.")
        if not (report.ok and found.ok and unfounded is None and goes_on and as_printed):
            sys.exit(1)


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
                raise Refusal("还没有可以出具证明的工作人员。")
            held = register.by_number(replaces)
            issued = certificates.issue_certificate(person, first.date(), last.date(), office[0], replaces=held.id if held else None)
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
            "写不进 %(output)s（%(strerror)s）。请用另一个文件名或文件夹再来一次。", output=output, strerror=error.strerror
        ) from error


def _volunteer(number: str) -> Volunteer:
    """Return a volunteer by number."""
    found = db.session.scalars(select(Volunteer).where(Volunteer.number == number)).first()
    if found is None:
        raise Refusal("没有编号 %(number)s 的志愿者。", number=number)
    return found
