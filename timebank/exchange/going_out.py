"""The verbs of export: everything into a file, the rosters of a community; that it went out is on record before it does."""

import os
import tempfile
from pathlib import Path
from typing import IO

from sqlalchemy import select

from timebank import audit
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAvailable
from timebank.exchange import filled, whole
from timebank.exchange.hours_out import hours_book
from timebank.exchange.resealing import LEAST, too_short
from timebank.exchange.whole import Manifest, Order
from timebank.places.models import Community


def export_everything(target: IO[bytes], order: Order) -> Manifest:
    """Write everything into an open file; belongs into no write unit, for it takes its time."""
    if len(order.passphrase) < LEAST:
        raise too_short()
    with transaction():
        whole.note(order)
    line = f"导出编号 / export {order.mark} · {audit.actor.get()}"
    books = []
    for community in db.session.scalars(select(Community).order_by(Community.id)):
        books += [*filled.books(community, in_clear=order.in_clear, mark=line), hours_book(community, line)]
    return whole.write(target, order, books)


def export_to(where: Path, order: Order) -> tuple[Path, Manifest]:
    """Write everything into a new file that nobody else may read; in a folder it gets a name of its own."""
    file = where / f"timebank-all-{order.mark}.zip" if where.is_dir() else where
    if file.exists():
        raise Conflict("%(file)s 已经存在，不会覆盖。请换一个名字。", file=file)
    if not file.parent.is_dir():
        raise Invalid("没有 %(parent)s 这个文件夹。请先建好它。", parent=file.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".timebank-work-", dir=file.parent) as work:
            part = Path(work) / "all.zip"
            with part.open("xb") as made:
                manifest = export_everything(made, order)
                made.flush()
                os.fsync(made.fileno())
            part.chmod(0o600)
            part.rename(file)
    except OSError as error:
        raise NotAvailable(
            "写不了 %(file)s：%(strerror)s。什么都没有留下；请看看磁盘空间和权限，再试一次。", file=file, strerror=error.strerror
        ) from error
    return file, manifest


def export_rosters(community: Community, mark: str) -> list[tuple[str, bytes]]:
    """Return a community's four workbooks as they can be imported again; belongs into a write unit, for it is on record."""
    audit.record("export_rosters", "community", community.id, mark=mark)
    return filled.books(community, in_clear=True, mark=f"导出编号 / export {mark} · {audit.actor.get()}")
