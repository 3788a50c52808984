"""The ways a message can go. The service starts with the terminal; a work robot or an SMS gateway is one more class."""

import sys
from typing import Protocol, TextIO

from timebank.phones import mask_phone


class Channel(Protocol):
    """One way to send a message."""

    name: str

    def send(self, phone: str, text: str) -> bool:
        """Send one message; False when this way does not carry it."""
        ...


class Terminal:
    """Prints one line where the service was started; numbers are masked, for terminals are kept."""

    name = "console"

    def __init__(self, out: TextIO | None = None) -> None:
        """Print on standard output unless told where."""
        self._out = out

    def send(self, phone: str, text: str) -> bool:
        """Print the message."""
        print(f"{mask_phone(phone)} {text}", file=self._out or sys.stdout, flush=True)
        return True


class Outbox:
    """Carries nothing: messages stay in the outbox, for the desk to pass on by telephone."""

    name = "none"

    def send(self, phone: str, text: str) -> bool:
        """Leave the message where it is."""
        del phone, text
        return False


class Carriers:
    """Which way messages go, and which way sign-in codes go; chosen once by ``create_app``."""

    def __init__(self) -> None:
        """Start with codes in the terminal and everything else in the outbox."""
        self.codes: Channel = Terminal()
        self.messages: Channel = Outbox()


carriers = Carriers()
