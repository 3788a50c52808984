"""Papers of stations: the sign-in sheet of a session and the ticket of a thing that was left."""

from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.errors import Conflict
from timebank.papers import pdf
from timebank.papers.answers import as_pdf, speaks
from timebank.places.queries import community_seen_by
from timebank.stations import papers, queries
from timebank.stations.views.shared import blueprint
from timebank.web import found, settings


@blueprint.get("/sessions/<int:session_id>/sheet.pdf")
def session_sheet(session_id: int) -> AnyResponse:
    """Print the sign-in sheet of a session."""
    community = community_seen_by(this_user())
    paper = papers.sign_in_sheet(found(queries.session_in(community.id, session_id)), community)
    return as_pdf(pdf.sign_in_sheet(paper, language=speaks(), font_dir=settings().font_dir), f"sign-in-{paper.on}-{session_id}.pdf")


@blueprint.get("/items/<int:item_id>/ticket.pdf")
def item_ticket(item_id: int) -> AnyResponse:
    """Print the ticket of a thing that is still there."""
    community = community_seen_by(this_user())
    paper = papers.ticket(found(queries.item_in(community.id, item_id)), community)
    if paper is None:
        raise Conflict("这一件已经取走了，不再打印取件单。请找“看取走的”。")
    return as_pdf(pdf.ticket(paper, language=speaks(), font_dir=settings().font_dir), f"ticket-{paper.number}.pdf")
