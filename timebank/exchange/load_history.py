"""Rows of the workbook of history: what an older system recorded of a volunteer, to be accepted by a second person."""

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import Base, db
from timebank.errors import wrong
from timebank.exchange.loading import Into, put, volunteer_numbered
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.records.actions.older import open_batch
from timebank.records.models import OlderBatch, OlderService
from timebank.sentences import Sentence


def older(line: Row, into: Into) -> tuple[Fate, Base]:
    """Put in a service of an older system; one that was accepted, or waits in another's batch, stays as it is."""
    values = line.values
    whose = volunteer_numbered(into, values["volunteer"], "volunteer")
    if values["day"] > clock.today():
        raise wrong("day", "日期还没有到，请核对。")
    used = into.known.is_used((OlderService.system, OlderService.number), (values["system"], values["number"]), into.id)
    known = select(OlderService).where(OlderService.community_id == into.id, OlderService.system == values["system"])
    row = db.session.scalar(known.where(OlderService.number == values["number"])) if used else None
    wanted = {"volunteer_id": whose.id, **{name: values[name] for name in ("day", "minutes", "what", "place", "mark")}}
    if row is None:
        row = OlderService(
            community_id=into.id, batch_id=_batch(into, values["system"]).id, system=values["system"], number=values["number"]
        )
        return put(row, wanted), row
    changes = any(getattr(row, name) != value for name, value in wanted.items())
    if changes:
        _must_be_own(db.session.get_one(OlderBatch, row.batch_id))
    return put(row, wanted), row


def _batch(into: Into, system: str) -> OlderBatch:
    """Return the batch that rows of a system go into, looked for once an import."""
    known = into.found.get((OlderBatch, system))
    if isinstance(known, OlderBatch):
        return known
    batch = into.found[OlderBatch, system] = open_batch(into.id, system)
    return batch


def _must_be_own(batch: OlderBatch) -> None:
    """Refuse to change a row that was accepted, or that waits in the batch of somebody else: nobody accepts what they wrote themselves."""
    if not batch.waits:
        raise wrong("number", "这一条已经收下，不能再改。请把表里的改回原样，或删掉这一行。")
    if batch.noted_by != audit.first_hand():
        who = batch.noter.shown_name if batch.noter else Sentence("命令行")
        raise wrong(
            "number",
            "这一条在“%(who)s”导入的一批里等人收，别人不能改。请先在“旧系统的服务”里不收那一批，再导入；或删掉这一行。",
            who=who,
        )
