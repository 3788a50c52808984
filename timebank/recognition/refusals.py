"""The refusal of recognition that offers a choice: a certificate in force would be replaced."""

from timebank.errors import Conflict
from timebank.hours import hours_text
from timebank.recognition.models import Certificate


class WouldReplace(Conflict):
    """A certificate in force for the same period would be replaced, and nobody has said that it may be."""

    def __init__(self, standing: Certificate, minutes: int) -> None:
        """Say which one it is, what it says and what the record says today."""
        self.standing = standing
        held, number = standing.content["total_minutes"], standing.number
        super().__init__(
            f"这段时间已有一份有效的证明 {number}，写的是 {held} 分钟（{hours_text(held)} 小时）；现在的记录是 {minutes} 分钟"
            f"（{hours_text(minutes)} 小时）。开新的会替换它：旧的纸从此查验无效，证件尾号、盖章和备注照旧带到新的上。要换，请确认替换再开一次。",
            f"{number} is in force for this period and says {held} minutes ({hours_text(held)} hours); {minutes} minutes"
            f" ({hours_text(minutes)} hours) are on record now. A new one takes its place: the old paper holds no more, and what it has of"
            " document ending, stamp and remark goes onto the new one. To go on, confirm that it is replaced.",
        )
