"""An errand with the elder's money: a list with a budget before, a receipt after, and nobody spends more than was said without asking."""

import base64

from timebank import audit, clock, photos
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.visits.models import HelpRequest, Offer, OfferState, RequestState
from timebank.visits.shopping import MOST, ReceiptPhoto, ShoppingList, ShoppingReceipt, list_of, receipt_of, takes_money, yuan


def set_list(request: HelpRequest, items: str, budget: int, by: User) -> ShoppingList:
    """Write down what is to be bought or paid, and at most for how much."""
    if not takes_money(request):
        raise Conflict("这一项不经手钱，不用写预算。要带什么，写在留言里。")
    if request.state not in {RequestState.NEW, RequestState.ACCEPTED}:
        raise Conflict("这件求助已经结束了。要再买，请另提一件。")
    if not items.strip():
        raise wrong("what", "请写下买什么、要多少。")
    if not 1 <= budget <= MOST:
        raise wrong("budget", "预算写 0.01 到 %(yuan)s 元。要买更贵的，请家属陪着去，或分两次。", yuan=yuan(MOST))
    kept = list_of(request) or ShoppingList(request_id=request.id, items="", budget=budget, set_by=by.id, set_at=clock.now())
    kept.items, kept.budget, kept.set_by, kept.set_at = items.strip(), budget, by.id, clock.now()
    db.session.add(kept)
    db.session.flush()
    audit.record("set", "shopping_list", kept.id, budget=budget)
    return kept


def note_receipt(made: Offer, cash: int, spent: int, agreed: str = "", photo: bytes = b"") -> ShoppingReceipt:
    """Note the cash that was taken and what the receipt says, with a photo of it; above the budget only with who agreed."""
    visit = made.visit
    if made.state is not OfferState.ACCEPTED or made.started_at is None:
        raise Conflict("还没有签到，先签到再记小票。")
    kept = list_of(visit.request)
    if kept is None:
        raise Conflict("这一件还没有清单和预算。请打电话给服务站，写上了再去买。")
    if receipt_of(visit) is not None:
        raise Conflict("这一次的小票已经记过了。记错了请打电话给服务站。")
    if spent > cash:
        raise wrong(
            "spent",
            "小票 %(yuan)s 元，收的现金只有 %(yuan2)s 元。不要自己垫：退掉几样，或请老人补上，再记。",
            yuan=yuan(spent),
            yuan2=yuan(cash),
        )
    picture = photos.clean(photo) if photo else b""
    over = spent - kept.budget
    if over > 0 and not agreed.strip():
        raise wrong(
            "agreed",
            "小票 %(yuan)s 元，超过预算 %(yuan2)s 元。先打电话问老人或家属：同意的，写下谁同意的再记；不同意的，退掉多的。",
            yuan=yuan(spent),
            yuan2=yuan(over),
        )
    receipt = ShoppingReceipt(
        visit_id=visit.id,
        offer_id=made.id,
        cash=cash,
        spent=spent,
        agreed=agreed.strip() or None if over > 0 else None,
        noted_at=clock.now(),
    )
    db.session.add(receipt)
    db.session.flush()
    if picture:
        db.session.add(ReceiptPhoto(receipt_id=receipt.id, picture=base64.b64encode(picture).decode(), taken_at=clock.now()))
        db.session.flush()
    audit.record("note", "shopping_receipt", receipt.id, spent=spent, over=max(over, 0), photo=bool(picture))
    return receipt
