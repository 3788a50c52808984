"""What stands beside the trail: what only another person may settle, what was settled and by whom, and whether the books are whole."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from timebank import clock
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.db import db
from timebank.ledger.models import Transfer
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.proposals import queries as proposals
from timebank.proposals.models import Kind, Proposal, State
from timebank.records import checklists
from timebank.records.hands import Hands
from timebank.records.models import Finding
from timebank.sentences import Pair, Sentence
from timebank.visits.evidence import first_unfounded

SHOWN = 3
ASKED_FOR: dict[Kind, Pair] = {
    Kind.CORRECTION: Sentence("更正一条记录，多记分钟"),
    Kind.ANSWER: Sentence("答复异议，多记分钟"),
    Kind.CREDIT_RULES: Sentence("改时间账的规则"),
    Kind.STAR_RULE: Sentence("改星级的规则"),
    Kind.RECORD_RULES: Sentence("改核查的规则和上限"),
    Kind.GRANT: Sentence("补助超过目录的数"),
    Kind.IDENTITY: Sentence("改一个人的姓名或电话"),
    Kind.STANDING: Sentence("改一个人的专职、集体或单位"),
    Kind.FAMILY: Sentence("谁替老人说话"),
    Kind.STAR_BAR: Sentence("不许再评星"),
    Kind.GIFT: Sentence("替人赠送时间"),
    Kind.DONATION: Sentence("替人捐时间"),
    Kind.REMARK: Sentence("证明上的备注"),
    Kind.AWARD: Sentence.of("oversight", "登记一项表彰"),
    Kind.ISSUER: Sentence("证明上的记录单位"),
    Kind.NATIONAL_NO: Sentence("改全国系统的编号"),
    Kind.WRITE_OFF: Sentence("核销欠回"),
    Kind.COLLEAGUE: Sentence("新来的同事算不算第二个人"),
    Kind.MERGER: Sentence("两份登记是不是同一个人"),
    Kind.CHANNEL: Sentence("消息和验证码从哪里发"),
    Kind.SERVICE_KIND: Sentence("改一种服务的时长和计入上限"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something open that whoever had a hand in it does not settle: since when, whose it is not, and who may."""

    title: Pair
    about: str
    since: datetime
    way: Pair | None
    week: date | None = None

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return (clock.today() - self.since.date()).days


@dataclass(frozen=True, slots=True)
class Settled:
    """Something that was settled: what, by whom, who had asked, and how: what a second person decided, or what was found."""

    title: Pair
    asked_by: str
    settled_by: str
    at: datetime
    state: State | None = None
    result: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """Whether the time book is whole: how many transfers follow one another, and what an examination just now has found."""

    transfers: int
    examined: Pair | None = None
    whole: bool = True


def waiting(community_id: int, reader: User) -> list[Waiting]:
    """Return what waits for another person, the longest wait first: flags of the weekly check, and what a colleague has asked for."""
    findings = checklists.open_findings(community_id)
    hands = Hands(community_id, [each.record for each in findings])
    flagged = [_flag(each, hands, reader) for each in findings]
    asked = [_request(each) for each in proposals.pending(community_id)]
    return sorted([*flagged, *asked], key=lambda each: each.since)


def _flag(finding: Finding, hands: Hands, reader: User) -> Waiting:
    """Return an open flag, with who may look into it where the reader may not."""
    way = hands.way(reader, finding.record)
    said = (finding.zh, finding.en)
    return Waiting(said, mask_name(finding.volunteer.name), clock.at(finding.record.day, 0), way, finding.check.week)


def _request(asked: Proposal) -> Waiting:
    """Return what a colleague has asked for and a second person decides."""
    name = asked.proposer.shown_name
    way = Sentence("%(name)s提出的，要由另一位同事决定。", name=name)
    return Waiting(_asked_for(asked), "", asked.proposed_at, way)


def _asked_for(asked: Proposal) -> Pair:
    """Return what was asked for, by its kind: a title would name whom it is about."""
    return ASKED_FOR[asked.kind]


def settled(community_id: int) -> list[Settled]:
    """Return what was settled last by somebody else than whoever asked or had a hand, the newest first."""
    decided = [_decided(each) for each in proposals.decided(community_id, SHOWN)]
    return sorted([*decided, *map(_ended, checklists.settled_findings(community_id, SHOWN))], key=lambda each: each.at, reverse=True)[
        :SHOWN
    ]


def _decided(asked: Proposal) -> Settled:
    """Return a decision of a second person."""
    by = asked.decider.shown_name if asked.decider is not None else ""
    return Settled(_asked_for(asked), asked.proposer.shown_name, by, asked.decided_at or asked.proposed_at, state=asked.state)


def _ended(finding: Finding) -> Settled:
    """Return a flag with its result."""
    by = db.session.get(User, finding.settled_by)
    at = finding.settled_at or clock.at(finding.record.day, 0)
    return Settled((finding.zh, finding.en), "", by.shown_name if by else "", at, result=finding.result or "")


def books(community: Community, *, examine: bool) -> Books:
    """Return how long the chain of the time book is; ``examine`` reads every transfer again, and looks for the record behind each credit."""
    count = int(db.session.scalar(select(func.count()).where(Transfer.community_id == community.id)) or 0)
    if not examine:
        return Books(count)
    report = verify(community.id)
    unfounded = first_unfounded() if report.ok else None
    if unfounded is not None:
        return Books(count, Sentence("第 %(unfounded)s 笔入账没有对应的服务记录。", unfounded=unfounded), whole=False)
    return Books(count, (report.zh, report.en), whole=report.ok)
