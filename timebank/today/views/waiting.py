"""What of the rooms above planning waits for a coordinator, so that it stands on Today with the rest: each such room adds itself here."""

from collections.abc import Callable

Waiting = tuple[int, str, str, str]
"""How much waits, the icon, the words, and the page that leads on."""
waiting_above: list[Callable[[int], Waiting]] = []
