"""What can be told of by a webhook: the events by name, each a deed of the audit trail."""

from typing import Final

EVENTS: Final[dict[str, tuple[str, str]]] = {
    "request.asked": ("help_request", "ask_for_help"),
    "request.accepted": ("help_request", "accept_request"),
    "request.declined": ("help_request", "decline_request"),
    "request.ended": ("help_request", "end_request"),
    "plan.opened": ("plan", "open_week"),
    "plan.published": ("plan", "publish"),
    "run.recorded": ("plan_run", "record_run"),
    "run.failed": ("plan_run", "fail_run"),
    "offer.made": ("offer", "offer"),
    "offer.accepted": ("offer", "accept"),
    "offer.declined": ("offer", "decline"),
    "offer.withdrawn": ("offer", "withdraw"),
    "visit.checked_in": ("offer", "check_in"),
    "visit.checked_out": ("offer", "check_out"),
    "visit.delivered": ("offer", "deliver"),
    "visit.reported": ("offer", "report"),
    "visit.confirmed": ("visit", "confirm"),
    "visit.objected": ("visit", "object"),
    "round.confirmed": ("round", "confirm_round"),
    "duty.confirmed": ("duty", "confirm"),
    "record.corrected": ("service_record", "correct"),
    "certificate.issued": ("certificate", "issue"),
    "proposal.asked": ("proposal", "propose"),
    "proposal.agreed": ("proposal", "agree"),
    "proposal.refused": ("proposal", "refuse"),
    "elder.added": ("elder", "add"),
    "volunteer.added": ("volunteer", "add"),
    "ticket.taken_in": ("ticket", "take_in"),
}
PING = "ping"
TASK = "send_hook"
NAMES: Final[dict[tuple[str, str], str]] = {deed: name for name, deed in EVENTS.items()}
