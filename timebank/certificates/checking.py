"""The public check of a certificate: number and code find it, the register says what it holds, and a digest gets yes or no.

Anybody can print another name and work the digest out anew. So a paper is compared with the register, never only with itself:
what may be read of a certificate stands beside the paper line by line, and the digest covers every line that is masked.
Codes are too many to be guessed; wrong tries are limited for each browser and each address, and the right code is answered whatever went before.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select

from timebank import clock
from timebank.access.masking import mask_name
from timebank.certificates import actions, queries
from timebank.certificates.models import ALPHABET, CODE_LENGTH, Certificate, CheckTry
from timebank.db import db
from timebank.errors import TooMany
from timebank.papers import seal
from timebank.papers.facts import KindTotal
from timebank.papers.seal import DIGEST_LENGTH

WRONG_TRIES = 10
WRONG_WITHIN = timedelta(minutes=15)
TRIES_KEPT = timedelta(days=1)
TRUNCATED = str.maketrans({"O": "0", "I": "1", "L": "1"})
DIGEST = re.compile(f"[0-9a-f]{{{DIGEST_LENGTH}}}", re.ASCII)
END_LENGTH = 8
# What a paper states of persons: not shown to who only has number and code, but answered to who has the paper.
MASKED = ("volunteer_name", "volunteer_no", "id_type", "id_last4", "responsible", "handler", "remarks")


class Answer(StrEnum):
    """What the register says to a digest: it is the certificate's, it is not, or it is no whole digest."""

    YES = "yes"
    NO = "no"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Change:
    """A record behind a certificate that was corrected after the issue, to no minutes when it was withdrawn."""

    on: date
    then: int
    now: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another certificate of the same person that holds for some of the same days."""

    number: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Shown:
    """What anybody with number and code may read of a certificate; of a change never what was done, at whose door or why."""

    number: str
    state: str
    issued_on: date
    ended_on: date | None
    name: str
    period_from: date
    period_to: date
    kinds: tuple[KindTotal, ...]
    visits: int
    minutes: int
    entered: int | None
    unit: str
    unit_code: str
    phone: str
    digest_ends: tuple[str, str]
    reported: bool
    national_no: str
    changes: tuple[Change, ...]
    overlaps: tuple[Overlap, ...]

    @property
    def minutes_now(self) -> int:
        """The minutes as the register holds them today."""
        return self.minutes + sum(each.now - each.then for each in self.changes)

    @property
    def visits_now(self) -> int:
        """The visits as the register holds them today."""
        return self.visits - sum(1 for each in self.changes if not each.now)


def check(number: str, code: str) -> Certificate | None:
    """Return the certificate with this number and this check code, None for anything else."""
    found = queries.by_number(seal.plain(number).upper())
    expected = found.check_code if found else ALPHABET[:CODE_LENGTH]
    fits = hmac.compare_digest(expected.encode(), tidy_code(code).encode())
    return found if fits else None


def note_wrong_try(source: str, times: int = 1) -> None:
    """Count a number and code that do not go together; refuse who keeps guessing, whichever worker they reach.

    ``times`` is how many times more a source bears behind which many people may stand.
    """
    recent = select(func.count()).where(CheckTry.source == source, CheckTry.at > clock.now() - WRONG_WITHIN)
    if (db.session.scalar(recent) or 0) >= WRONG_TRIES * times:
        raise TooMany("编号和查验码对不上，而且这个网络上试错的次数太多了。请对照证明看清楚：两样都对，随时能查；再试别的请等 15 分钟。")
    db.session.execute(delete(CheckTry).where(CheckTry.at < clock.now() - TRIES_KEPT))
    db.session.add(CheckTry(source=source, at=clock.now()))


def tidy_code(code: str) -> str:
    """Return a check code as it is stored: no spaces, capitals, and the letters nobody can tell from figures as figures."""
    return "".join(letter for letter in seal.plain(code).upper().translate(TRUNCATED) if letter.isalnum())


def standing(certificate: Certificate) -> str:
    """Return in one word what may be said of a certificate: broken, revoked, replaced, corrected since, or valid."""
    if not actions.is_whole(certificate):
        return "broken"
    if certificate.is_valid and queries.corrections_since(certificate):
        return "corrected"
    return certificate.state.value


def answer(certificate: Certificate, typed: str) -> Answer:
    """Say whether a digest as it was typed from a paper is the one the register holds."""
    digest = seal.typed(typed)
    if not DIGEST.fullmatch(digest):
        return Answer.INCOMPLETE
    return Answer.YES if hmac.compare_digest(digest, certificate.content_sha256) else Answer.NO


def compare_masked(certificate: Certificate, said: Mapping[str, str]) -> Answer:
    """Say whether what a paper states in the masked places is what the register holds; an empty one is not on the paper.

    The name in Latin letters, which is small on the Chinese paper, may be left out; its capitals do not matter.
    """
    latin, held = said["name_latin"], certificate.content.get("name_latin", "")
    differs = latin and seal.plain(latin).casefold() != seal.plain(held).casefold()
    named = {"name_latin": latin if differs else held}
    lines = seal.lines(certificate.content | {name: said[name] for name in MASKED} | named)
    return Answer.YES if hmac.compare_digest(seal.digest(lines), certificate.content_sha256) else Answer.NO


def compare(certificate: Certificate, lines: Iterable[str], typed: str = "") -> Answer:
    """Say whether a whole paper, copied line by line with the digest printed on it, is the one the register holds."""
    computed = seal.digest(lines)
    if typed and answer(certificate, typed) is not Answer.YES:
        return answer(certificate, typed)
    return Answer.YES if hmac.compare_digest(computed, certificate.content_sha256) else Answer.NO


def shown(certificate: Certificate) -> Shown:
    """Return what anybody with number and code may read of a certificate."""
    said, ended = certificate.content, certificate.ended_at
    corrections = sorted(queries.corrections_since(certificate), key=lambda each: each.now.created_at)
    return Shown(
        number=certificate.number,
        state=standing(certificate),
        issued_on=date.fromisoformat(said["issued_on"]),
        ended_on=ended.astimezone(clock.ZONE).date() if ended else None,
        name=mask_name(said["volunteer_name"]),
        period_from=certificate.period_from,
        period_to=certificate.period_to,
        kinds=tuple(KindTotal(**kind) for kind in said["by_kind"]),
        visits=said["visit_count"],
        minutes=said["total_minutes"],
        entered=said.get("entered_minutes"),
        unit=said["unit"],
        unit_code=said["unit_code"],
        phone=said["phone"],
        digest_ends=(certificate.content_sha256[:END_LENGTH], certificate.content_sha256[-END_LENGTH:]),
        reported=certificate.reported_at is not None,
        national_no=certificate.national_no,
        changes=tuple(
            Change(each.now.created_at.astimezone(clock.ZONE).date(), each.then.minutes, each.now.minutes) for each in corrections
        ),
        overlaps=overlaps(certificate),
    )


def overlaps(certificate: Certificate) -> tuple[Overlap, ...]:
    """Return the other certificates in force for some of the same days as one in force, of the same person: their hours are not added up."""
    others = queries.others_in_force(certificate) if certificate.is_valid else ()
    return tuple(
        Overlap(other.number, max(certificate.period_from, other.period_from), min(certificate.period_to, other.period_to))
        for other in others
    )
