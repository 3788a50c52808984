"""An award waits for a second person before it is noted."""

from datetime import date

from timebank.access.models import User
from timebank.certificates.proposed import not_their_own, volunteer_of
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import NOTHING, Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Sentence
from timebank.stars import awards
from timebank.stars.models import Award
from timebank.volunteers.models import Volunteer


def propose_award(volunteer: Volunteer, name: str, day: date, given_by: str, by: User) -> Proposal:
    """Ask for an award to be noted; it goes to the national system and onto the volunteer's page once a second person agrees."""
    awards.may_note(volunteer, name, day)
    terms = {"name": name, "day": day.isoformat(), "given_by": given_by}
    return proposals.propose(Kind.AWARD, volunteer.community_id, f"volunteer:{volunteer.id}:{day}", terms, by)


def _carry_award(proposal: Proposal, _by: User | None) -> None:
    """Note the award that two people stand for."""
    award = _award(proposal)
    awards.note_award(volunteer_of(proposal), award.name, award.day, award.given_by, proposal.proposer)


def _award(proposal: Proposal) -> Award:
    """Return what is asked for, as the award it would be."""
    terms = proposal.terms
    return Award(name=terms["name"], day=date.fromisoformat(terms["day"]), given_by=terms["given_by"])


def _show_award(proposal: Proposal) -> Shown:
    """Return an award in words."""
    award, name = _award(proposal), volunteer_of(proposal).name
    said = f"{award.name}，{award.day}，{award.given_by}"
    said_en = f"{award.name}, {award.day}, {award.given_by}"
    return Shown(Sentence("%(name)s：登记一项表彰", name=name), (Change(Sentence.of("stars", "表彰"), NOTHING, (said, said_en)),))


carriers.register(Kind.AWARD, Carrier(_carry_award, _show_award, not_their_own))
