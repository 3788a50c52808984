"""Our own modules as child processes: they find the same packages as we do, and nothing that is none of their business."""

import os
import sys

from timebank.paths import PACKAGE

OURS = "TIMEBANK_"


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours; the folder it is started in lends it no modules."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child: ours, without the service's settings and keys, and with some things more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONUTF8": "1", "PYTHONPATH": path, **more}
