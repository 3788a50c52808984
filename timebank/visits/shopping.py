"""Tables of an errand with the elder's money: the list with its budget, and the receipt of each time. Amounts are in fen, never in minutes."""

import base64
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from timebank.access.models import User
from timebank.db import Base, db
from timebank.sealed import Sealed
from timebank.visits.models import HelpRequest, Offer, Visit

MOST = 100_000
WITH_MONEY = frozenset({"SHOP", "BILL", "DRUG"})
"""The kinds of help for which an elder hands somebody money."""


class ShoppingList(Base):
    """清单和预算: what is to be bought or paid for a request, and at most for how much."""

    __tablename__ = "shopping_list"
    __table_args__ = (CheckConstraint(f"budget BETWEEN 1 AND {MOST}", name="budget"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey(HelpRequest.id), unique=True)
    items: Mapped[str] = mapped_column(Sealed)
    budget: Mapped[int]
    set_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    set_at: Mapped[datetime]


class ShoppingReceipt(Base):
    """小票: the cash that was taken and what was spent; above the budget only with who agreed to it. It stays as it was written."""

    __tablename__ = "shopping_receipt"
    __table_args__ = (CheckConstraint(f"spent BETWEEN 0 AND {MOST}", name="spent"), CheckConstraint("cash >= spent", name="no_own_money"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), unique=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id), index=True)
    cash: Mapped[int]
    spent: Mapped[int]
    agreed: Mapped[str | None] = mapped_column(Sealed)
    noted_at: Mapped[datetime]

    @property
    def change(self) -> int:
        """What was given back."""
        return self.cash - self.spent


class ReceiptPhoto(Base):
    """小票的照片: the picture alone, without where and with what it was taken, sealed."""

    __tablename__ = "receipt_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey(ShoppingReceipt.id), unique=True)
    picture: Mapped[str] = mapped_column(Sealed)
    taken_at: Mapped[datetime]


def list_of(request: HelpRequest) -> ShoppingList | None:
    """Return the list and budget of a request."""
    return db.session.scalars(select(ShoppingList).where(ShoppingList.request_id == request.id)).first()


def receipt_of(visit: Visit) -> ShoppingReceipt | None:
    """Return the receipt of a visit."""
    return db.session.scalars(select(ShoppingReceipt).where(ShoppingReceipt.visit_id == visit.id)).first()


def photo_of(visit: Visit) -> bytes | None:
    """Return the photo of a visit's receipt, None where there is none."""
    of_visit = select(ReceiptPhoto).join(ShoppingReceipt).where(ShoppingReceipt.visit_id == visit.id)
    kept = db.session.scalars(of_visit).first()
    return base64.b64decode(kept.picture) if kept is not None and kept.picture is not None else None


def has_photo(receipt: ShoppingReceipt) -> bool:
    """Say whether there is a photo of a receipt, without reading it."""
    return db.session.scalar(select(ReceiptPhoto.id).where(ReceiptPhoto.receipt_id == receipt.id)) is not None


def takes_money(request: HelpRequest) -> bool:
    """Say whether a request is of a kind for which money is handed over."""
    return request.kind.code in WITH_MONEY


def yuan(fen: int) -> str:
    """Return an amount as people write it, such as 35 or 35.50."""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"
