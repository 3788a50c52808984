"""The verbs of certificates: issue, replace, revoke and report."""

import hmac
import secrets
from dataclasses import asdict, dataclass, fields
from dataclasses import replace as replace_fields
from datetime import date
from typing import Any

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.access.sorting import romanised
from timebank.certificates import in_force, queries
from timebank.certificates.models import ALPHABET, CODE_LENGTH, Certificate, CertificateState
from timebank.certificates.refusals import WouldReplace
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.notices.actions import notify
from timebank.outside import outside
from timebank.papers import seal
from timebank.papers.facts import KindTotal
from timebank.places.models import Community
from timebank.records import totals
from timebank.records.older import accepted
from timebank.sentences import Sentence
from timebank.volunteers.models import Volunteer

SELF_SERVICE = Sentence("本人自助开具")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a volunteer may want on a certificate beside the hours: a remark, room for a stamp, the ending of a document."""

    remarks: str = ""
    seal_required: bool = False
    id_type: str = ""
    id_last4: str = ""

    @classmethod
    def on(cls, certificate: Certificate | None) -> "Wishes":
        """Return what stands on a certificate; nothing where there is none."""
        return cls(**{each.name: certificate.content[each.name] for each in fields(cls)}) if certificate is not None else cls()

    def over(self, held: "Wishes") -> "Wishes":
        """Return these wishes, and where nothing is wished what is held already: nobody loses a stamp or an ending by a blank field."""
        named = self if self.id_last4 else replace_fields(self, id_type=held.id_type, id_last4=held.id_last4)
        return replace_fields(named, remarks=self.remarks or held.remarks, seal_required=self.seal_required or held.seal_required)


def issue_certificate(
    volunteer: Volunteer, start: date, end: date, by: User, wishes: Wishes | None = None, *, replaces: int | None = None
) -> Certificate:
    """Issue a certificate for a period from the record.

    One in force whose hours agree is given again, with whatever stands on it besides. What differs is issued in its place only
    by somebody who says which one is replaced; else the refusal says what would be.
    """
    standing, asked = may_issue(volunteer, start, end, by, wishes or Wishes(), replaces=replaces)
    if standing is not None and asked == Wishes.on(standing) and not is_stale(standing):
        return standing
    content = _content(volunteer, start, end, by) | asdict(asked)
    return _swap(standing, content, by, "同一时段重新开具。") if standing is not None else _enter(volunteer, content, by)


def may_issue(
    volunteer: Volunteer, start: date, end: date, by: User, wishes: Wishes, *, replaces: int | None
) -> tuple[Certificate | None, Wishes]:
    """Return the certificate in force for a period and what is to stand on the one to be given; refuse what may not be issued."""
    _may_issue(volunteer, by)
    outside.must_be_known()
    refuse_period(start, end)
    lock_register(volunteer.community_id)
    minutes = sum(kind.minutes for kind in recorded(volunteer, start, end))
    standing = queries.valid_for(volunteer, start, end)
    held = Wishes.on(standing)
    asked = wishes.over(held)
    if standing is not None and standing.id != replaces and (asked != held or is_stale(standing)):
        raise WouldReplace(standing, minutes)
    return standing, asked


def replace(certificate: Certificate, by: User, reason: str) -> Certificate:
    """Issue a certificate anew from today's record; the old one no longer holds."""
    _must_hold(certificate)
    volunteer = certificate.volunteer
    _may_issue(volunteer, by)
    outside.must_be_known()
    content = _content(volunteer, certificate.period_from, certificate.period_to, by) | asdict(Wishes.on(certificate))
    return _swap(certificate, content, by, _reason(reason))


def revoke(certificate: Certificate, by: User, reason: str) -> None:
    """Declare a certificate invalid, for a reason that stays in the register."""
    _must_hold(certificate)
    _end(certificate, CertificateState.REVOKED, by, _reason(reason))


def report(certificate: Certificate, national_no: str) -> None:
    """Note that the national volunteer service system has taken it, and under which number; a number is changed by two people."""
    _must_hold(certificate)
    number = national_no.strip()
    if certificate.national_no not in ("", number):
        raise wrong(
            "national_no", "已登记为 %(national_no)s。登错了就点“编号登错了”，由第二个人核准再改。", national_no=certificate.national_no
        )
    must_be_free(certificate, number)
    certificate.reported_at, certificate.national_no = certificate.reported_at or clock.now(), number
    audit.record("report", "certificate", certificate.id)


def must_be_free(certificate: Certificate, number: str) -> None:
    """Refuse a number of the national system that another certificate in force has."""
    other = queries.with_national_no(number) if number else None
    if other is not None and other.id != certificate.id:
        raise wrong("national_no", "%(number)s 已经是 %(other_number)s 的编号了，请核对。", number=number, other_number=other.number)


def is_stale(certificate: Certificate) -> bool:
    """Say whether the record has changed since the certificate was issued, by corrections or by service that came on record later."""
    return certificate.id in in_force.stale_among([certificate])


def is_whole(certificate: Certificate) -> bool:
    """Say whether a certificate still says what was sealed when it was issued."""
    return hmac.compare_digest(seal.digest(seal.lines(certificate.content)), certificate.content_sha256)


def _may_issue(volunteer: Volunteer, by: User) -> None:
    """Let the office issue for its own volunteers, and a volunteer for themselves (O67 art. 14: one may print one's own)."""
    own = by.role is Role.VOLUNTEER and volunteer.user_id == by.id
    office = by.role is Role.ADMIN or (by.role is Role.COORDINATOR and by.community_id == volunteer.community_id)
    if not own and not office:
        raise NotAllowed("只能开具自己的证明；别人的请本人来办。")


def refuse_period(start: date, end: date) -> None:
    """Refuse a period that is turned round or has not come yet."""
    if end < start:
        raise wrong("end", "截止日期早于起始日期，请对调或改正。")
    if end > clock.today():
        raise wrong("end", "截止日期还没有到，最晚填今天。")


def recorded(volunteer: Volunteer, start: date, end: date) -> tuple[KindTotal, ...]:
    """Return what is on record in a period, or refuse one without any confirmed service."""
    kinds = totals.totals_by_kind(volunteer, start, end)
    if not kinds and totals.was_on_duty(volunteer, start, end):
        raise Conflict("这段时间里只有专职在岗的时间，不是志愿服务，不能开具志愿服务记录证明。请选还是志愿者时的时段。")
    if not kinds:
        raise Conflict("这段时间里没有已确认的服务记录，不能开具证明。请换一段时间；刚做完的服务要等确认后才入账。")
    return kinds


def _older(volunteer: Volunteer, start: date, end: date) -> dict[str, Any]:
    """Return what older systems recorded in a period, which stands beside the hours signed here; nothing where there is none."""
    found = accepted(volunteer, start, end)
    return {"older_minutes": found.minutes, "older_systems": found.systems} if found.minutes else {}


def _content(volunteer: Volunteer, start: date, end: date, by: User) -> dict[str, Any]:
    """Return what a certificate says about a period, from the record alone."""
    kinds = recorded(volunteer, start, end)
    community = db.session.get_one(Community, volunteer.community_id)
    return {
        "volunteer_name": volunteer.name,
        "name_latin": romanised(volunteer.name),
        "volunteer_no": volunteer.number,
        "period_from": start.isoformat(),
        "period_to": end.isoformat(),
        "total_minutes": sum(kind.minutes for kind in kinds),
        "entered_minutes": sum(kind.entered for kind in kinds),
        "visit_count": sum(kind.visits for kind in kinds),
        **_older(volunteer, start, end),
        "by_kind": [asdict(kind) for kind in kinds],
        "unit": community.issuer,
        "unit_code": community.issuer_code,
        "responsible": community.responsible,
        "handler": SELF_SERVICE[0] if by.role is Role.VOLUNTEER else by.shown_name,
        "phone": community.phone,
    }


def _enter(volunteer: Volunteer, content: dict[str, Any], by: User, replaces: Certificate | None = None) -> Certificate:
    """Write a certificate into the register under the community's next number of the year."""
    community = db.session.get_one(Community, volunteer.community_id)
    today = clock.today()
    last = select(func.max(Certificate.serial)).where(Certificate.community_id == community.id, Certificate.year == today.year)
    serial = (db.session.scalar(last) or 0) + 1
    number = f"ZM-{community.slug.upper()}-{today.year}-{serial:06d}"
    frozen = content | {"number": number, "issued_on": today.isoformat()}
    certificate = Certificate(
        community_id=community.id,
        volunteer_id=volunteer.id,
        year=today.year,
        serial=serial,
        number=number,
        check_code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        period_from=date.fromisoformat(frozen["period_from"]),
        period_to=date.fromisoformat(frozen["period_to"]),
        content=frozen,
        content_sha256=seal.digest(seal.lines(frozen)),
        issued_at=clock.now(),
        issued_by=by.id,
        replaces_id=replaces.id if replaces else None,
    )
    db.session.add(certificate)
    db.session.flush()
    audit.record("issue", "certificate", certificate.id, volunteer=volunteer.id, minutes=frozen["total_minutes"])
    return certificate


def _swap(old: Certificate, content: dict[str, Any], by: User, reason: str) -> Certificate:
    """Let a new certificate take the place of an old one."""
    _end(old, CertificateState.REPLACED, by, reason)
    return _enter(old.volunteer, content, by, replaces=old)


def _end(certificate: Certificate, state: CertificateState, by: User, reason: str) -> None:
    """Let a certificate hold no longer; whoever holds it hears of it, unless they ended it themselves."""
    ended_by, holder = by.id, certificate.volunteer.user_id  # read before the row changes: loading would store it half changed
    certificate.state, certificate.revoked_reason = state, reason
    certificate.ended_at, certificate.ended_by = clock.now(), ended_by
    db.session.flush()
    audit.record(state.value, "certificate", certificate.id)
    if holder not in (None, ended_by):
        notify(holder, "certificate", number=certificate.number)


def _must_hold(certificate: Certificate) -> None:
    """Refuse to change a certificate that no longer holds, also when it was ended a moment ago by somebody else."""
    lock_register(certificate.community_id)
    db.session.refresh(certificate)
    if not certificate.is_valid:
        raise Conflict("这份证明已经失效，不能再改动。")


def lock_register(community_id: int) -> None:
    """Let nobody else write in this community's register until the write unit ends; SQLite's is alone already."""
    db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())


def _reason(words: str) -> str:
    """Return a reason, or refuse to go on without one."""
    if not words.strip():
        raise wrong("reason", "请写明原因，它会留在登记簿里。")
    return words.strip()
