"""The refusal of certificates that offers a choice: one in force would be replaced."""

from timebank.certificates.models import Certificate
from timebank.errors import Conflict
from timebank.hours import hours_text
from timebank.sentences import Sentence


class WouldReplace(Conflict):
    """A certificate in force for the same period would be replaced, and nobody has said that it may be."""

    def __init__(self, standing: Certificate, minutes: int) -> None:
        """Say which one it is, what it says and what the record says today."""
        self.standing = standing
        held, number = standing.content["total_minutes"], standing.number
        super().__init__(
            Sentence(
                "这段时间已有一份有效的证明 %(number)s，写的是 %(held)s 分钟（%(held_hours)s 小时）；现在的记录是 %(minutes)s 分钟"
                "（%(hours)s 小时）。开新的会替换它：旧的纸从此查验无效，证件尾号、盖章和备注照旧带到新的上。要换，请确认替换再开一次。",
                number=number,
                held=held,
                held_hours=hours_text(held),
                minutes=minutes,
                hours=hours_text(minutes),
            )
        )
