"""Several things at the same moment, each in a thread and a write unit of its own."""

import threading
from collections.abc import Callable

from flask import Flask

from timebank.db import transaction
from timebank.errors import Conflict


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do some things at the same moment, each in a write unit of its own; return the refusals."""
    ready, refused = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    act()
            except Conflict as error:
                refused.append(error.en)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return refused
