"""The verbs: make a backup while the service runs, see what a backup holds, restore it into an empty place."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from timebank import __version__, audit, clock, schema
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import db, engine_options, transaction
from timebank.errors import Conflict, Invalid, NotAvailable
from timebank.safekeeping import archive, embedded, grown
from timebank.safekeeping.archive import Manifest
from timebank.safekeeping.facts import Facts, facts_of, schema_of, watermark_of
from timebank.sealed import mark_of, sealer
from timebank.sentences import Sentence

WORK = ".timebank-work-"
A_DAY = 24 * 3600


def kind_of(url: str) -> str:
    """Return which kind of database an address is of: sqlite or postgresql."""
    return make_url(url).get_backend_name()


@contextlib.contextmanager
def office(settings: Settings) -> Generator[None]:
    """Open the office whose database is to be kept; where there is none, say so and make nothing."""
    database = embedded.file_of(settings.database)
    if kind_of(settings.database) == "sqlite" and database.is_absolute() and not database.is_file():
        raise Conflict(
            "%(instance_path)s 里还没有数据库，没有可备份的。请在服务所在的文件夹运行，或设置 TIMEBANK_INSTANCE。",
            instance_path=settings.instance_path,
        )
    with create_app(settings).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def back_up(settings: Settings, where: Path, *, with_key: bool = True) -> tuple[Path, Manifest]:
    """Make a backup of the running service and check it; ``where`` is a new file, or a folder in which it gets a name."""
    file = _new_file(where)
    kind = kind_of(settings.database)
    with _on_disk(file), embedded.readable(), _work_folder(file.parent) as work:
        _assert_something()
        copied = work / archive.DATABASES[kind]
        facts = _copy_embedded(copied) if kind == "sqlite" else _copy_grown(copied)
        key = settings.instance_path / archive.KEY
        inside = with_key and not settings.secret_key and key.is_file()
        manifest = Manifest(
            kind=kind,
            product=__version__,
            made_at=clock.now().isoformat(timespec="seconds"),
            key_mark=sealer.mark,
            has_key=inside and not settings.data_key,
            digest=archive.digest_of(copied),
            facts=facts,
        )
        made = work / "backup.zip"
        archive.write(made, manifest, {copied.name: copied} | ({archive.KEY: key} if inside else {}))
        copied.unlink()
        archive.take_out(made, archive.read(made), work)
        archive.name_it(made, file)
    with transaction():
        _note(facts)
    return file, manifest


def _note(facts: Facts) -> None:
    """Write down that a backup was made; of a database older than this version, with the columns that every version has."""
    if schema.is_current():
        audit.record("back_up", "database", facts.schema, audit_id=facts.audit_id)
        return
    said = {"subject": "database", "subject_id": facts.schema, "detail": {"audit_id": facts.audit_id}}
    db.session.execute(insert(audit.AuditRow).values(at=clock.now(), actor=audit.actor.get(), verb="back_up", **said))


def _assert_something() -> None:
    """Refuse to keep a database without tables."""
    with db.engine.connect() as connection:
        if not schema_of(connection):
            raise Conflict("数据库是空的，没有可备份的。请先运行 timebank init。")


def _new_file(where: Path) -> Path:
    """Return the name of the backup to be made, one that is not taken."""
    file = where / f"timebank-{clock.now():%Y%m%d-%H%M%S}.zip" if where.is_dir() else where
    if file.exists():
        raise archive.taken(file)
    if not file.parent.is_dir():
        raise Invalid("没有 %(parent)s 这个文件夹。请先建好它。", parent=file.parent)
    return file


@contextlib.contextmanager
def _work_folder(beside: Path) -> Generator[Path]:
    """Give a folder that nobody else may read; what a program that was killed left there the day before goes."""
    for left in beside.glob(f"{WORK}*"):
        if left.stat().st_mtime < time.time() - A_DAY:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=WORK, dir=beside) as work:
        yield Path(work)


@contextlib.contextmanager
def _on_disk(file: Path) -> Generator[None]:
    """Say in words what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise NotAvailable(
            "写不了 %(file)s：%(strerror)s。什么都没有留下；请看看磁盘空间和权限，再试一次。", file=file, strerror=error.strerror
        ) from error


def _copy_embedded(target: Path) -> Facts:
    """Copy the embedded database; the copy must be sound and have all that was stored before it was begun."""
    with db.engine.connect() as connection:
        before = watermark_of(connection)[0]
    embedded.copy_running(embedded.file_of(db.engine.url), target)
    with embedded.reading(target) as connection:
        embedded.check(connection)
        facts = facts_of(connection)
    embedded.fold(target)
    if facts.audit_id < before:
        raise _incomplete(f"audit {facts.audit_id} < {before}")
    return facts


def _copy_grown(target: Path) -> Facts:
    """Dump the grown database, and read from the same snapshot what must be in the dump."""
    with grown.reading(db.engine) as connection:
        facts = facts_of(connection)
        grown.dump(connection, target)
    if (found := grown.counts_in(db.engine, target)) != facts.counts:
        raise _incomplete(str(sorted(table for table in facts.counts if found.get(table) != facts.counts[table])))
    return facts


def _incomplete(what: str) -> NotAvailable:
    """Return the refusal of a copy that lacks something."""
    return NotAvailable("备份缺了内容（%(what)s），没有保留。请再试一次；还是这样，请停止服务后再备份。", what=what)


def look_into(file: Path) -> Manifest:
    """Return what a backup holds, once the whole file is checked and this version can read it."""
    manifest = archive.read(file)
    if not schema.knows(manifest.facts.schema):
        raise archive.newer(manifest.product)
    return manifest


def place_for(manifest: Manifest, into: Path | None) -> Settings:
    """Return the settings of the place a backup shall go to: a folder that is named, else the settings' own."""
    if into is None:
        return Settings.load()
    settings = Settings.load(instance=str(into))
    return replace(settings, database_url="") if manifest.kind == "sqlite" else settings


def restore(file: Path, settings: Settings, *, key: Path | None = None, without_key: bool = False) -> Manifest:
    """Put a backup into an empty place and bring it to this version's schema; nothing stands there before all is checked."""
    manifest = look_into(file)
    _assert_empty(settings, manifest.kind)
    secret = _secret_for(file, key)
    in_use = settings.data_key or settings.secret_key or secret.partition("\n")[0]
    if mark_of(in_use) != manifest.key_mark and not without_key:
        raise _other_key(in_use)
    new_folder = not settings.instance_path.exists()
    put = _restore_embedded if manifest.kind == "sqlite" else _restore_grown
    try:
        with _on_disk(settings.instance_path):
            settings.instance_path.mkdir(parents=True, exist_ok=True)
            put(file, manifest, settings, secret)
    except BaseException:
        if new_folder:
            with contextlib.suppress(OSError):
                settings.instance_path.rmdir()
        raise
    return manifest


def _assert_empty(settings: Settings, kind: str) -> None:
    """Refuse a place that holds anything, or that is for the other kind of database."""
    if kind_of(settings.database) != kind:
        wanted = "TIMEBANK_DATABASE_URL=postgresql+psycopg://…" if kind == "postgresql" else "--into FOLDER"
        raise Conflict("这份备份来自另一种数据库（%(kind)s）。请用 %(wanted)s 指定同一种数据库的空位置。", kind=kind, wanted=wanted)
    folder = settings.instance_path
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _not_empty(str(folder))
    if kind == "sqlite":
        database = embedded.file_of(settings.database)
        if not database.is_absolute():
            raise Conflict("TIMEBANK_DATABASE_URL 里的路径要写全，如 sqlite:////srv/timebank.db，或用 --into FOLDER。")
        if database.exists():
            raise _not_empty(str(database))
    elif inspect(engine := _engine(settings)).get_table_names():
        raise _not_empty(engine.url.render_as_string(hide_password=True))


def _not_empty(place: str) -> Conflict:
    """Return the refusal to restore over something."""
    return Conflict(
        "%(place)s 不是空的，恢复只写到空的位置。请用 --into 换一个空文件夹（PostgreSQL 请换一个空数据库），原来的不会动。", place=place
    )


def _secret_for(file: Path, key: Path | None) -> str:
    """Return the secret the office shall go on with: one kept apart, else the one inside; nothing where there is none."""
    kept = key.read_bytes() if key is not None else archive.key_in(file)
    return (kept or b"").decode(errors="replace").strip()


def _other_key(in_use: str) -> Conflict:
    """Return the refusal to restore words under seal without what opens them."""
    how = Sentence("现有的密钥打不开这份备份里加密的内容") if in_use else Sentence("这份备份不含密钥，加密的内容会读不出来")
    return Conflict(
        "%(how)s（门口提示、照护备注等）。请用 --key FILE 给出原来的 secret.key，或设置原来的 TIMEBANK_SECRET_KEY、"
        "TIMEBANK_DATA_KEY；密钥确实丢了，加 --without-key，这些内容就再也读不出来。",
        how=how,
    )


def _restore_embedded(file: Path, manifest: Manifest, settings: Settings, secret: str) -> None:
    """Check and upgrade the database beside its place, then put it there."""
    database = embedded.file_of(settings.database)
    database.parent.mkdir(parents=True, exist_ok=True)
    with _work_folder(database.parent) as work:
        staged = archive.take_out(file, manifest, work)
        try:
            with embedded.readable(), embedded.reading(staged) as connection:
                embedded.check(connection)
                _assert_same(facts_of(connection), manifest)
        except embedded.Damaged as error:
            raise archive.broken(file) from error
        _settle(replace(settings, instance=str(work), database_url=f"sqlite:///{staged}"), manifest, secret)
        embedded.fold(staged)
        _keep_secret(settings, secret)
        staged.replace(database)


def _restore_grown(file: Path, manifest: Manifest, settings: Settings, secret: str) -> None:
    """Let PostgreSQL take the dump, wholly or not at all, check it and upgrade it."""
    engine = _engine(settings)
    with _work_folder(settings.instance_path) as work:
        grown.put_back(engine, archive.take_out(file, manifest, work))
    with grown.reading(engine) as connection:
        _assert_same(facts_of(connection), manifest)
    _keep_secret(settings, secret)
    _settle(settings, manifest, secret)


def _assert_same(found: Facts, manifest: Manifest) -> None:
    """Refuse a database that is not what the backup says it is."""
    if found != manifest.facts:
        differs = [name for name, value in found.as_json().items() if value != manifest.facts.as_json()[name]]
        raise Invalid("恢复出来的内容与备份写明的不一致（%(differs)s），不能使用。请换另一份备份，恢复到另一个空位置。", differs=differs)


def _settle(settings: Settings, manifest: Manifest, secret: str) -> None:
    """Bring a restored database to this version's schema and write down that it was restored."""
    if not settings.secret_key:
        _keep_secret(settings, secret)
    with office(settings):
        schema.upgrade()
        with transaction():
            audit.record("restore", "database", manifest.facts.schema, audit_id=manifest.facts.audit_id, made_at=manifest.made_at)


def _keep_secret(settings: Settings, secret: str) -> None:
    """Put the office's secret where the service looks for it, for nobody else to read."""
    if secret:
        kept = settings.instance_path / archive.KEY
        kept.touch(mode=0o600)
        kept.write_text(secret, encoding="utf-8")


def _engine(settings: Settings) -> Engine:
    """Return an engine of the settings' database, apart from any service."""
    return create_engine(settings.database, poolclass=NullPool, **engine_options(settings.database))
