"""A service that dies: run as a program, it serves a database on a port and is killed in the middle, life after life.

``python mortal.py INSTANCE DATABASE PORT LIVES SEED``: the parent forks a child that serves; each child but the last ends
itself with SIGKILL, in turn at one of the named points or after a random time. A parent that is told to end ends its child.
"""

import os
import random
import signal
import sys
import threading
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from timebank import serving
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import db
from timebank.ledger.models import Transfer

POINTS = ("before_write", "after_flush", "before_commit", "after_commit")
EVENTS = {"before_write": "before_flush", "after_flush": "after_flush", "before_commit": "before_commit", "after_commit": "after_commit"}
SOON = 0.6


def die() -> None:
    """End this process as a power switch would."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(dice: random.Random, life: int) -> None:
    """Let this process die at a named point of a write that books something, or at any moment."""
    if life % 2:
        timer = threading.Timer(dice.uniform(0.02, SOON), die)
        timer.daemon = True
        timer.start()
        return
    point, left = POINTS[life // 2 % len(POINTS)], dice.randint(1, 12)

    def strike(session: Session, *_more: object) -> None:
        nonlocal left
        if any(isinstance(each, Transfer) for each in (*session.new, *session.identity_map.values())):
            left -= 1
            if left <= 0:
                die()

    event.listen(db.session, EVENTS[point], strike)


def end_with(child: int) -> None:
    """End this program and the child that serves."""
    os.kill(child, signal.SIGKILL)
    sys.exit(0)


def serve(instance: str, url: str, port: int) -> None:
    """Serve the database."""
    app = create_app(Settings(instance=instance, database_url=url, workers=0))
    serving.server_for(app, "127.0.0.1", port).run()


def main(instance: str, url: str, port: str, lives: str, seed: str) -> None:
    """Live so many lives and one more."""
    Path(instance).mkdir(exist_ok=True)
    dice = random.Random(int(seed))
    for life in range(int(lives) + 1):
        last = life == int(lives)
        child_seed = dice.random()
        (Path(instance) / "lives").write_text(str(life + 1))
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if not last:
                doom(random.Random(child_seed), life)
            serve(instance, url, int(port))
        signal.signal(signal.SIGTERM, lambda *_more, child=child: end_with(child))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
