"""The time a run may use, without what the machine's very first run spends on compiling."""

import time

from numba.core import event

COMPILING = "numba:compile"


class _Compiling(event.Listener):
    """Adds up the seconds in which functions are compiled; one that is compiled for another is part of that one's time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: object) -> None:
        """Begin to count with the outermost function."""
        del event
        if not self._depth:
            self._began = time.monotonic()
        self._depth += 1

    def on_end(self, event: object) -> None:
        """End with the outermost function."""
        del event
        self._depth -= 1
        if not self._depth:
            self.seconds += time.monotonic() - self._began


_compiling = _Compiling()
event.register(COMPILING, _compiling)  # type: ignore[no-untyped-call]


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic() - _compiling.seconds

    def elapsed(self) -> float:
        """Return the seconds that were not spent on compiling."""
        return time.monotonic() - _compiling.seconds - self._began
