"""Papers of stations: the sign-in sheet of a session and the ticket of a thing that was left."""

from werkzeug.wrappers import Response as AnyResponse

from timebank.errors import Conflict
from timebank.places.queries import community_seen_by
from timebank.recognition import pdf
from timebank.recognition import station_papers as papers
from timebank.recognition.views.shared import as_pdf, blueprint, me, speaks
from timebank.stations import queries
from timebank.web import found, settings


@blueprint.get("/sheets/session-<int:session_id>.pdf")
def session_sheet(session_id: int) -> AnyResponse:
    """Print the sign-in sheet of a session."""
    community = community_seen_by(me())
    paper = papers.sign_in_sheet(found(queries.session_in(community.id, session_id)), community)
    return as_pdf(pdf.sign_in_sheet(paper, language=speaks(), font_dir=settings().font_dir), f"sign-in-{paper.on}-{session_id}.pdf")


@blueprint.get("/sheets/item-<int:item_id>.pdf")
def item_ticket(item_id: int) -> AnyResponse:
    """Print the ticket of a thing that is still there."""
    community = community_seen_by(me())
    paper = papers.ticket(found(queries.item_in(community.id, item_id)), community)
    if paper is None:
        raise Conflict(
            "这一件已经取走了，不再打印取件单。请找“看取走的”。",
            "It was fetched, so its ticket is not printed any more. See what was fetched.",
        )
    return as_pdf(pdf.ticket(paper, language=speaks(), font_dir=settings().font_dir), f"ticket-{paper.number}.pdf")
