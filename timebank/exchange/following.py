"""After the rows: the visits of every need that has changed follow it, and the report names who was asked and is told."""

from timebank import clock
from timebank.exchange.columns import ONCE, STANDING
from timebank.exchange.loading import Into
from timebank.exchange.report import Problem, Report
from timebank.sentences import Sentence
from timebank.visits.actions.needs import Followed, follow_need
from timebank.visits.models import HelpRequest, Offer, Pattern

FOLLOWS = "visits_follow"


def follow(into: Into, report: Report) -> None:
    """Let visits follow the needs that have changed, and say what became of them."""
    for request in into.changed:
        followed = follow_need(request)
        if followed.moved or followed.offered:
            report.remarks.append(_remark(request, followed))


def _remark(request: HelpRequest, followed: Followed) -> Problem:
    """Say how many visits follow a need, and of those somebody was asked for, who is told."""
    zh = f"{request.number} {request.kind.name}改了，{len(followed.moved)} 次上门跟着改。"
    en = f"{request.number}, {request.kind.name_en}, has changed; {len(followed.moved)} visits follow it."
    if followed.offered:
        told = [_told(made) for made in followed.offered]
        zh += f"撤回的邀约，要让他们知道：{'、'.join(each for each, _ in told)}。"
        en += f" Offers taken back, to be told: {', '.join(each for _, each in told)}."
    sheet = ONCE if request.pattern is Pattern.ONCE else STANDING
    return Problem("", sheet.name, 0, "", zh, en, FOLLOWS)


def _told(made: Offer) -> tuple[str, str]:
    """Return who was asked and for when, and whether by telephone is the only way to tell them, in Chinese and English."""
    who = f"{made.volunteer.name} {made.day:%m-%d} {clock.hhmm(made.start)}"
    return (who, who) if made.volunteer.has_phone else Sentence("%(who)s（没有智能手机，请打电话）", who=who)
