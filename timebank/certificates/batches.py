"""Certificates for many volunteers at once: who is due one, the batch and its lines, and the papers as one file.

A batch is asked for on a page and made by a job, a few certificates at a time; what is done stays done when the job
dies, and the batch goes on from there. The papers are let go after a week: the register can print each one again.
"""

import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.certificates import actions, in_force
from timebank.certificates.models import BatchLine, Certificate, CertificateBatch, CertificateState
from timebank.db import db
from timebank.errors import Conflict, Invalid, Refusal
from timebank.outside import outside
from timebank.papers.facts import Language
from timebank.places.models import Community
from timebank.queue import enqueue
from timebank.records import totals as queries
from timebank.sentences import Sentence
from timebank.volunteers.models import Volunteer

TASK = "issue_certificates"
MOST = 500
PAPERS_KEPT = timedelta(days=7)
LOST_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: lines done of all, and how many of them got no certificate."""

    done: int
    total: int
    refused: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with service on record in a period, the minutes, the certificate they hold for it and whether it would be replaced."""

    volunteer: Volunteer
    minutes: int
    held: Certificate | None
    changed: bool


def candidates(community_id: int, start: date, end: date) -> list[Candidate]:
    """Return who has confirmed voluntary service on record in a period, in the order of a register."""
    minutes = queries.minutes_between(community_id, start, end)
    held = in_force.of_period(community_id, start, end)
    stale = in_force.stale_among(held.values())
    rows = select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.id.in_(minutes))
    people = db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id))
    found = ((each, held.get(each.id)) for each in people)
    return [Candidate(each, minutes[each.id], paper, paper is not None and paper.id in stale) for each, paper in found]


def order(
    community: Community,
    start: date,
    end: date,
    volunteer_ids: Sequence[int],
    by: User,
    *,
    language: Language,
    replaces: Collection[int] = (),
) -> CertificateBatch:
    """Ask for the certificates of some volunteers of a community; a job makes them.

    ``replaces`` are the certificates in force that were shown as to be replaced; no other one is.
    """
    outside.must_be_known()
    actions.refuse_period(start, end)
    mine = {each.volunteer.id: each.held for each in candidates(community.id, start, end)}
    chosen = [each for each in dict.fromkeys(volunteer_ids) if each in mine]
    if not chosen:
        raise Invalid("请至少选一位这段时间有服务记录的志愿者。", fields={"volunteer": Sentence("请至少选一位")})
    if len(chosen) > MOST:
        raise Invalid("一次最多开 %(most)s 份，请分几次选。", most=MOST)
    batch = CertificateBatch(
        community_id=community.id,
        period_from=start,
        period_to=end,
        language=language,
        base_url=outside.address,
        asked_by=by.id,
        asked_at=clock.now(),
        beat_at=clock.now(),
        lines=[BatchLine(volunteer_id=each, replaces_id=_agreed(mine[each], replaces)) for each in chosen],
    )
    db.session.add(batch)
    db.session.flush()
    audit.record("order", "certificate_batch", batch.id, volunteers=len(chosen))
    enqueue(TASK, batch.id)
    return batch


def _agreed(held: Certificate | None, replaces: Collection[int]) -> int | None:
    """Return the number of a certificate that is held when it may be replaced."""
    return held.id if held is not None and held.id in replaces else None


def go_on(batch: CertificateBatch) -> None:
    """Start a batch again whose job has died."""
    if batch.ended_at is not None:
        raise Conflict("这一批已经开完了。")
    if not is_lost(batch):
        raise Conflict("这一批还在开，请稍等。")
    batch.beat_at = clock.now()
    audit.record("go_on", "certificate_batch", batch.id)
    enqueue(TASK, batch.id)


def is_lost(batch: CertificateBatch) -> bool:
    """Say whether nothing has been heard of a batch that is not finished."""
    return batch.ended_at is None and batch.beat_at < clock.now() - LOST_AFTER


def issue_next(batch: CertificateBatch, count: int) -> Sequence[BatchLine]:
    """Issue the certificates of the next lines; a line that is refused is done at once, with the reason."""
    by = db.session.get_one(User, batch.asked_by)
    waiting = select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.done_at.is_(None)).order_by(BatchLine.id).limit(count)
    lines = db.session.scalars(waiting.options(joinedload(BatchLine.volunteer))).all()
    for line in lines:
        if line.certificate_id is None:
            _issue(line, batch, by)
    batch.beat_at = clock.now()
    if not lines:
        batch.ended_at = clock.now()
    return lines


def _issue(line: BatchLine, batch: CertificateBatch, by: User) -> None:
    """Issue one line's certificate, or note why not."""
    try:
        line.certificate = actions.issue_certificate(line.volunteer, batch.period_from, batch.period_to, by, replaces=line.replaces_id)
    except Refusal as refusal:
        line.refusal_zh, line.refusal_en, line.done_at = refusal.zh, refusal.en, clock.now()


def keep_paper(line_id: int, paper: bytes) -> None:
    """Keep the printed certificate of a line; the line is then done."""
    line = db.session.get_one(BatchLine, line_id)
    line.paper, line.done_at = paper, clock.now()


def refuse(line_id: int, refusal: Refusal) -> None:
    """Note why a certificate could not be printed; it stays in the register."""
    line = db.session.get_one(BatchLine, line_id)
    line.refusal_zh, line.refusal_en, line.done_at = refusal.zh, refusal.en, clock.now()


def forget_papers() -> None:
    """Let the papers of old batches go; the register prints each of them again."""
    old = select(CertificateBatch.id).where(CertificateBatch.asked_at < clock.now() - PAPERS_KEPT)
    db.session.execute(update(BatchLine).where(BatchLine.batch_id.in_(old), BatchLine.paper.is_not(None)).values(paper=None))


def batch_in(batch_id: int, community_id: int | None) -> CertificateBatch | None:
    """Return a batch of a community (None = all)."""
    mine = () if community_id is None else (CertificateBatch.community_id == community_id,)
    return db.session.scalar(select(CertificateBatch).where(CertificateBatch.id == batch_id, *mine))


def recent(community_id: int, count: int = 5) -> Sequence[CertificateBatch]:
    """Return the newest batches of a community."""
    rows = select(CertificateBatch).where(CertificateBatch.community_id == community_id)
    return db.session.scalars(rows.order_by(CertificateBatch.id.desc()).limit(count)).all()


def progress(batch: CertificateBatch) -> Progress:
    """Return how far a batch is."""
    counts = select(func.count(BatchLine.done_at), func.count(), func.count(case((BatchLine.refusal_zh != "", 1))))
    return Progress(*db.session.execute(counts.where(BatchLine.batch_id == batch.id)).one())


def refused_lines(batch: CertificateBatch) -> Sequence[BatchLine]:
    """Return the lines that have no paper, with their reasons."""
    rows = select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.refusal_zh != "")
    return db.session.scalars(rows.options(joinedload(BatchLine.volunteer)).order_by(BatchLine.id)).all()


def papers_kept(batch: CertificateBatch) -> int:
    """Return how many papers of a batch can still be fetched."""
    kept = select(func.count()).where(BatchLine.batch_id == batch.id, BatchLine.paper.is_not(None))
    return db.session.scalar(kept) or 0


def archive(batch: CertificateBatch) -> bytes:
    """Return the papers of a batch whose certificates still hold, in one file, each under its number."""
    papers = db.session.execute(
        select(Certificate.number, BatchLine.paper)
        .join(Certificate, Certificate.id == BatchLine.certificate_id)
        .where(BatchLine.batch_id == batch.id, BatchLine.paper.is_not(None), Certificate.state == CertificateState.VALID)
        .order_by(BatchLine.id)
    ).all()
    if not papers:
        raise Conflict("这一批的文件已经不在了，或者证明都已失效。请到登记簿里逐份打印。")
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as folder:
        for number, paper in papers:
            folder.writestr(zipfile.ZipInfo(f"{number}.pdf", clock.now().timetuple()[:6]), paper or b"")
    return out.getvalue()


def of_batch(batch: CertificateBatch) -> Sequence[Certificate]:
    """Return the certificates of a batch that hold and could be printed, in the order of its lines."""
    rows = (
        select(Certificate)
        .join(BatchLine, BatchLine.certificate_id == Certificate.id)
        .where(BatchLine.batch_id == batch.id, BatchLine.refusal_zh == "", Certificate.state == CertificateState.VALID)
        .order_by(BatchLine.id)
    )
    return db.session.scalars(rows).all()
