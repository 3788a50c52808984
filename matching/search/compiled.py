"""The one place that compiles: functions of plain numbers and arrays become machine code on their first call.

The code is kept beside the sources, or in the user's cache folder where that cannot be written; only the very first run
on a machine pays for it. Nothing but the search and the proof imports this module, so judging and explaining stay light.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit, types

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    whole = int
else:
    whole = np.int64
"""Whatever comes out of a narrow array is made a whole number of one width, so that every function is compiled once."""


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
    except RuntimeError:  # nowhere to keep the code: it is made anew in every process
        made = njit(**options)(function)
    # Numba would compile a function anew for every constant it is called with.
    template = made.get_call_template
    made.get_call_template = lambda given, named: template(tuple(types.unliteral(one) for one in given), named)  # type: ignore[no-untyped-call]
    return cast("F", made)
