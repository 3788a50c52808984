"""Lanes: requests wait without a thread each, in turn by person, and writers, readers and the watchman do not stand in each other's way.

::

    /healthz            one thread of its own
    POST and the like   a few threads; behind them a line with a bound: who finds it full is told so at once, by a reader's thread
    all else            the other threads

Within a lane everybody comes in turn, however many requests one person has sent, and no person holds more than half of its
threads. A person is whoever brings a sign-in cookie, else an address. Whoever waited longer than a browser's patience is told to
come again as well, so that what is answered late is never done late.
"""

import logging
import re
import threading
import time
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Protocol

from timebank.db import PATIENCE
from timebank.proxies import proxies
from timebank.service import READING, turned_away

WATCHED = "/healthz"
WATCHMAN, WRITERS, READERS = 1, 6, 8
LONGEST_LINE = 64
"""So many writers may wait, and of one person half as many."""
STOP_SECONDS = 5
SIGNED_IN = re.compile(r"timebank-user=([\w-]+)")

log = logging.getLogger(__name__)


class Channel(Protocol):
    """What the server hands over: a connection with a request that has come in whole."""

    requests: list[Any]
    addr: tuple[Any, ...]

    def service(self) -> None:
        """Answer the request."""

    def cancel(self) -> None:
        """Give the connection up."""


@dataclass
class Turn:
    """One request that waits: whose it is, since when, and whether it is only told to come again."""

    channel: Channel
    person: str
    turned_away: bool = False
    came: float = field(default_factory=time.monotonic)

    def take(self) -> None:
        """Answer it."""
        late = time.monotonic() - self.came > PATIENCE and self.channel.requests[0].command not in READING
        token = turned_away.set(self.turned_away or late)
        try:
            self.channel.service()
        finally:
            turned_away.reset(token)


class Lane:
    """Some threads and who waits for them, in turn by person."""

    def __init__(self, name: str, threads: int, longest: int | None = None) -> None:
        """Start the threads."""
        self._longest = longest
        self._each = max(1, threads // 2)
        self._waiting: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._busy: Counter[str] = Counter()
        self._news = threading.Condition()
        self._open = True
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def add(self, turn: Turn) -> bool:
        """Let a request wait its turn; say False when the line is full, or too full of one person."""
        with self._news:
            own = self._waiting.get(turn.person, ())
            if self._longest is not None and (self._length() >= self._longest or len(own) >= self._longest // 2):
                return False
            self._waiting.setdefault(turn.person, deque()).append(turn)
            self._news.notify()
            return True

    def _length(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._waiting.values()))

    def close(self) -> None:
        """Let the threads end, and give up on who still waits."""
        with self._news:
            self._open = False
            self._news.notify_all()
        until = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for turns in self._waiting.values():
            for turn in turns:
                turn.channel.cancel()

    def _work(self) -> None:
        """Take one turn after the other."""
        while (turn := self._next()) is not None:
            try:
                turn.take()
            except Exception:
                log.exception("a request was not answered")
            finally:
                self._done(turn)

    def _next(self) -> Turn | None:
        """Wait for a turn of somebody who may have one; None when the lane is closed."""
        with self._news:
            while self._open:
                person = next((each for each in self._waiting if self._busy[each] < self._each), None)
                if person is not None:
                    return self._turn_of(person)
                self._news.wait()
        return None

    def _turn_of(self, person: str) -> Turn:
        """Take a person's first turn; what else they wait for comes after everybody else's next."""
        turns = self._waiting.pop(person)
        turn = turns.popleft()
        if turns:
            self._waiting[person] = turns
        self._busy[person] += 1
        return turn

    def _done(self, turn: Turn) -> None:
        """Note that a turn is over."""
        with self._news:
            self._busy[turn.person] -= 1
            if not self._busy[turn.person]:
                del self._busy[turn.person]
            self._news.notify()


class Lanes:
    """What the server asks instead of its own threads: the lane for each request."""

    def __init__(self) -> None:
        """Open the lanes."""
        self._watchman = Lane("watchman", WATCHMAN)
        self._writers = Lane("writers", WRITERS, LONGEST_LINE)
        self._readers = Lane("readers", READERS)

    def add_task(self, channel: Channel) -> None:
        """Let a request wait in its lane."""
        asked = channel.requests[0]
        turn = Turn(channel, _person(channel))
        if asked.path == WATCHED:
            self._watchman.add(turn)
        elif asked.command in READING or asked.error:
            self._readers.add(turn)
        elif not self._writers.add(turn):
            log.warning("the line of writers is full")
            turn.turned_away = True
            self._readers.add(turn)

    def shutdown(self) -> None:
        """Close the lanes."""
        for lane in (self._watchman, self._writers, self._readers):
            lane.close()


def _person(channel: Channel) -> str:
    """Return whose request it is: the browser's sign-in, else the address it came from."""
    headers = channel.requests[0].headers
    found = SIGNED_IN.search(headers.get("COOKIE", ""))
    return found[1] if found else proxies.client(str(channel.addr[0]), headers.get("X_FORWARDED_FOR", ""))
