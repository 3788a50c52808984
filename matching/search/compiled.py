"""The one place that compiles: functions of plain numbers and arrays become machine code on their first call.

The code is kept beside the sources, or in the user's cache folder where that cannot be written; only the very first run
on a machine pays for it, and the first after any compiled file has become another: a function is written into those that call it,
so code kept from before would go on running what has been mended. Nothing but the search imports this module, so judging and
explaining stay light.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit, types

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    whole = int
else:
    whole = np.int64
"""Whatever comes out of a narrow array is made a whole number of one width, so that every function is compiled once."""


def stamp(room: Path = Path(__file__).parent) -> str:
    """Return what kept code must have been made from: all files whose functions may be written into one another."""
    whole = hashlib.sha256()
    for path in sorted(room.glob("*.py")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


STAMP = stamp()


def door(function: F) -> F:
    """Return the function as machine code that Python can call and that releases the interpreter while it runs."""
    return _compile(function, no_cfunc_wrapper=True)


def compiled(function: F) -> F:
    """Return the function as machine code that only other machine code calls: without a door for Python it compiles sooner."""
    return _compile(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def woven(function: F) -> F:
    """Return the function as code that is written out wherever it is called."""
    return _compile(function, inline="always")


def _compile(function: F, **more: Any) -> F:  # noqa: ANN401  numba's own options
    # Without its run time numba neither counts references, which took four fifths of the time, nor allocates: every
    # function works in arrays that were handed to it.
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, **more}
    try:
        made = njit(cache=True, **options)(function)
        # Numba would ask only whether the function's own file is the same.
        made._cache._cache_file._source_stamp = STAMP  # noqa: SLF001 - there is no public way
    except RuntimeError:  # nowhere to keep the code: it is made anew in every process
        made = njit(**options)(function)
    # Numba would compile a function anew for every constant it is called with.
    template = made.get_call_template
    made.get_call_template = lambda given, named: template(tuple(types.unliteral(one) for one in given), named)  # type: ignore[no-untyped-call]
    return cast("F", made)
