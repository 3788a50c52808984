"""Pages of the time account for those whose it is: a volunteer's own, and what a family's elder has and has promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.credit import actions
from timebank.credit import queries as credit
from timebank.credit.schemas import LinkForm, MinutesForm
from timebank.credit.views import relation_choices
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.family.views import family
from timebank.forms import sentences, take
from timebank.ledger import claims
from timebank.ledger import queries as book
from timebank.ledger.models import TransferKind
from timebank.phone.views import phone
from timebank.phone.views.phone import me, refused
from timebank.sentences import Sentence
from timebank.visits import queries
from timebank.visits.actions import owing, paying
from timebank.visits.models import Visit
from timebank.web import found, submitted, voiced

blueprint = Blueprint("account", __name__)
RECENT = timedelta(days=62)
COMES: dict[TransferKind, tuple[str, str]] = {
    TransferKind.EARN: Sentence("服务存入"),
    TransferKind.MANUAL: Sentence("手工记入"),
    TransferKind.GRANT: Sentence("公共时间池给的"),
    TransferKind.GIFT: Sentence("收到的"),
    TransferKind.RELEASE: Sentence("没用上，退回"),
    TransferKind.REVERSAL: Sentence("冲正"),
    TransferKind.TAKE_BACK: Sentence("更正，从去处收回"),
    TransferKind.ADVANCE: Sentence("更正，记为欠回"),
}
GOES: dict[TransferKind, tuple[str, str]] = {
    TransferKind.GIFT: Sentence("送出"),
    TransferKind.DONATE: Sentence("进公共时间池"),
    TransferKind.HOLD: Sentence("约好的上门"),
    TransferKind.REVERSAL: Sentence("冲正"),
    TransferKind.TAKE_BACK: Sentence("送的人时间更正，收回"),
    TransferKind.REPAY: Sentence("还欠回"),
}


def movement_word(line: book.Line) -> str:
    """Return why minutes came or went, in words."""
    return voiced((COMES if line.minutes > 0 else GOES)[line.kind])


@blueprint.get("/phone/account")
def own() -> str:
    """Show a volunteer's time account, and what can be done with it."""
    return _own_page({})


def _own_page(errors: dict[str, str]) -> str:
    """Return a volunteer's page, with what was wrong in a form on it."""
    volunteer = me()
    links = credit.links_of(volunteer)
    friends = credit.terms_of(volunteer.community_id).gift_to == "friends"
    return phone.show(
        "phone/account.html",
        volunteer,
        balance=book.balance(volunteer.account_id),
        links=[each for each in links if each.agreed],
        waiting=[each for each in links if each.agreed is None],
        relations=[pair for pair in relation_choices() if friends or pair[0] != "friend"],
        debts=owing.debts(claims.claims(volunteer.community_id, account=volunteer.account_id, still_open=True)),
        lines=_recent(volunteer.account_id),
        movement_word=movement_word,
        errors=errors,
        given=request.form,
        back_href=url_for("phone.mine"),
    )


def _recent(account_id: int) -> list[book.Line]:
    """Return the last movements of an account, newest first."""
    return list(book.lines(account_id, clock.today() - RECENT, clock.today() + timedelta(days=1)).lines)[::-1]


@blueprint.post("/phone/account/gifts/<int:link_id>")
def give(link_id: int) -> AnyResponse:
    """Give minutes to a relative."""
    try:
        minutes = take(MinutesForm(), request.form)["minutes"]
        with submitted() as taken:
            volunteer = me()
            actions.give(found(credit.link_of(volunteer, link_id)), minutes, key=taken.key, actor=f"user:{volunteer.user_id}")
            flash(_("已送到老人的账户，约上门时可以用。"), "done")
            return taken.redirect(url_for(".own"))
    except Invalid as error:
        return refused(_own_page(sentences(error)))


@blueprint.post("/phone/account/donations")
def donate() -> AnyResponse:
    """Give minutes to the public pool."""
    try:
        minutes = take(MinutesForm(), request.form)["minutes"]
        with submitted() as taken:
            volunteer = me()
            actions.donate(volunteer, minutes, key=taken.key, actor=f"user:{volunteer.user_id}")
            flash(_("已捐给公共时间池，谢谢你。"), "done")
            return taken.redirect(url_for(".own"))
    except Invalid as error:
        return refused(_own_page(sentences(error)))


@blueprint.post("/phone/account/links")
def ask_link() -> AnyResponse:
    """Say which elder is one's own."""
    try:
        said = take(LinkForm(), request.form)
        with submitted() as taken:
            actions.ask_link(me(), said["relation"], said["name"])
            flash(_("已记下，协调员核对后就可以送。"), "done")
            return taken.redirect(url_for(".own"))
    except Invalid as error:
        return refused(_own_page(sentences(error)))


@dataclass(frozen=True, slots=True)
class Purse:
    """What an elder has: free minutes, what is set aside for which visits, the last movements."""

    elder: Elder
    balance: int
    held: Sequence[tuple[Visit, int]]
    lines: Sequence[book.Line]

    @property
    def promised(self) -> int:
        """The minutes set aside."""
        return sum(minutes for _visit, minutes in self.held)


def _purse(elder: Elder, visits: Sequence[Visit]) -> Purse:
    """Return what one elder has."""
    account = credit.account_of(elder)
    if account is None:
        return Purse(elder, 0, [], [])
    holds = [(visit, book.open_hold(paying.source_of(visit))) for visit in visits if visit.household_id == elder.household_id]
    held = [(visit, hold.minutes) for visit, hold in holds if hold is not None and hold.debit_id == account.id]
    return Purse(elder, account.balance, held, _recent(account.id))


@blueprint.get("/family/account")
def of_family() -> str:
    """Show what the elders of a family can spend, and what is set aside for agreed visits."""
    user = family.reader()
    visits = queries.visits_of_user(user)
    return family.show(
        "family/account.html",
        purses=[_purse(elder, visits) for elder in queries.elders_of_user(user)],
        movement_word=movement_word,
        back_href=url_for("family.home"),
    )
