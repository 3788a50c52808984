"""A number of the national system that was mistyped: one person says what is right, a second one agrees."""

from timebank import audit
from timebank.access.models import User
from timebank.certificates import actions
from timebank.certificates.models import Certificate
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.records import reported as national
from timebank.records.reported import LONGEST_NUMBER, NationalReport
from timebank.sentences import Pair, Sentence

Numbered = Certificate | NationalReport
OFF: Pair = Sentence("（没有报送）")


def propose(thing: Numbered, community_id: int, number: str, by: User) -> Proposal:
    """Ask for another number, or none: what was noted as reported and never was; a second person decides."""
    number = number.strip()
    if number == thing.national_no:
        raise wrong("right_no", "和现在登记的一样。请填对的编号。")
    if len(number) > LONGEST_NUMBER or len(number.split()) > 1:
        raise wrong("right_no", "编号里没有空格，最多 %(longest_number)s 位。", longest_number=LONGEST_NUMBER)
    _must_be_free(thing, number)
    return proposals.propose(Kind.NATIONAL_NO, community_id, _subject(thing), {"before": thing.national_no, "after": number}, by)


def waits(thing: Numbered) -> bool:
    """Say whether a number waits to be put right."""
    return waiting_on(Kind.NATIONAL_NO, _subject(thing)) is not None


def _subject(thing: Numbered) -> str:
    """Return how a proposal names what has the number."""
    return f"certificate:{thing.id}" if isinstance(thing, Certificate) else f"report:{thing.record_id}"


def _must_be_free(thing: Numbered, number: str) -> None:
    """Refuse a number that stands for another record or certificate."""
    if isinstance(thing, Certificate):
        actions.must_be_free(thing, number)
    elif number:
        national.must_be_free(thing.record, number)


def _thing(proposal: Proposal) -> Numbered | None:
    """Return what a proposal is about; None when its number was taken off meanwhile."""
    if proposal.subject.startswith("certificate:"):
        return db.session.get(Certificate, proposal.about)
    return db.session.get(NationalReport, proposal.about)


def _carry(proposal: Proposal, _by: User | None) -> None:
    """Put the number right that two people stand for."""
    actions.lock_register(proposal.community_id)
    thing, after = _thing(proposal), proposal.terms["after"]
    if thing is None or thing.national_no != proposal.terms["before"]:
        raise Conflict("提请以后编号改过了。请不同意这一件，按现在的再提。")
    _must_be_free(thing, after)
    if isinstance(thing, Certificate):
        thing.national_no, thing.reported_at = after, thing.reported_at if after else None
    elif after:
        thing.national_no = after
    else:
        db.session.delete(thing)
    db.session.flush()
    audit.record("put_right", "certificate" if isinstance(thing, Certificate) else "national_report", proposal.about)


def _show(proposal: Proposal) -> Shown:
    """Return a number put right in words."""
    terms = proposal.terms
    if proposal.subject.startswith("certificate:"):
        number = db.session.get_one(Certificate, proposal.about).number
        title = Sentence("证明 %(number)s 的全国系统编号登错了", number=number)
    else:
        title = Sentence("记录 R%(about)s 的全国系统编号登错了", about=proposal.about)
    pairs = (((terms[name],) * 2 if terms[name] else OFF) for name in ("before", "after"))
    return Shown(title, (Change(Sentence.of("certificates", "全国系统编号"), *pairs),))


carriers.register(Kind.NATIONAL_NO, Carrier(_carry, _show))
