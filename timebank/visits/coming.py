"""有人能来吗: for something that is asked for, on which days somebody could come and when, as the plan stands; planning answers.

The plan lies above this room, so whoever knows it registers here; without an answer a page says nothing rather than a guess.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Volunteer


@dataclass(frozen=True, slots=True)
class Coming:
    """One day: who could come and when, or nobody; ``planned`` says that it is that very week's plan that was asked."""

    day: date
    start: int | None
    volunteer: Volunteer | None
    planned: bool


Answer = Callable[[HelpRequest], Sequence[Coming] | None]
answers: list[Answer] = []


def could_come(asked: HelpRequest) -> Sequence[Coming] | None:
    """Return for the next days of a request who could come; None where nobody can say."""
    return next((found for answer in answers if (found := answer(asked)) is not None), None)
