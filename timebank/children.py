"""Our own modules as child processes: they find the same packages as we do, and nothing that is none of their business.

On Linux a child ends when the thread that started it does, however that one ended: nothing goes on working for somebody who is
no more. ``name_of_this_process`` and ``is_alive`` say of a process of this machine whether it is still the one it was.
"""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

from timebank.paths import PACKAGE

OURS = "TIMEBANK_"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours; the folder it is started in lends it no modules."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child: ours, without the service's settings and keys, and with some things more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONUTF8": "1", "PYTHONPATH": path, **more}


def die_with_parent() -> None:
    """Let this process, just begun, be ended with its parent; called in the child before it becomes another program."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def name_of_this_process() -> str:
    """Return a name by which this process can be asked for later: its machine, its number and when it began."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_gone(name: str) -> bool:
    """Say whether the process of a name is known to have ended; of another machine's nothing is known."""
    host, _, rest = name.partition(":")
    number, _, began = rest.partition(":")
    return host == socket.gethostname() and number.isdecimal() and _began(int(number)) != began


def _began(number: int) -> str:
    """Return when a process began, in the kernel's own words; nothing where there is none, or where that cannot be asked."""
    try:
        said = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else "?"
    state, *fields = said.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]
