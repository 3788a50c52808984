"""The matching engine: a pure package that plans a week of visits, judges plans and explains them.

Nothing here knows Flask, a database or a clock. `read_week` and `read_plan` bring in files; `solve`, `replan`,
`bound` and `advise` plan; `check`, `explain`, `rank`, `why` and `compare` judge and explain, and stay light: importing
this package loads none of them, and only the planners load OR-Tools. Called by these names they take weeks and plans made in Python
as they would take files: what no file could hold is a `ValueError` of one line. The rooms inside trust what they are given.

Six rooms: ``search`` plans, ``referee`` judges by the contract alone, ``proof`` says what no plan can exceed, ``advice`` answers what
people ask of a plan, ``files`` reads and writes, ``show`` draws. None looks upward: ``advise`` and ``replan`` stand on ``solve``, it on ``helper``,
``bound``, ``proof`` and ``advice``, those on ``search``, ``compare`` and ``referee``, and all on ``files``, ``reasons``, ``travel``,
``crews`` and ``model``.
"""

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ gives, for whoever reads types
    from matching.advice.explain import explain  # noqa: TC004
    from matching.advice.rank import rank  # noqa: TC004
    from matching.advice.why import why  # noqa: TC004
    from matching.advise import advise  # noqa: TC004
    from matching.bound import bound  # noqa: TC004
    from matching.compare import compare  # noqa: TC004
    from matching.files import read_plan, read_week  # noqa: TC004
    from matching.referee.check import check  # noqa: TC004
    from matching.replan import replan  # noqa: TC004
    from matching.solve import solve  # noqa: TC004

WHERE = {
    "advise": "advise",
    "bound": "bound",
    "check": "referee.check",
    "compare": "compare",
    "explain": "advice.explain",
    "rank": "advice.rank",
    "read_plan": "files",
    "read_week": "files",
    "replan": "replan",
    "solve": "solve",
    "why": "advice.why",
}
"""The module behind each public name."""

__all__ = ["advise", "bound", "check", "compare", "explain", "rank", "read_plan", "read_week", "replan", "solve", "why"]


READERS = {"read_plan", "read_week"}


def _held(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that first holds the week and the plans it is given against their formats, as if they came in files."""
    takes = signature(function)

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:  # noqa: ANN401  whatever the function takes and gives
        arguments = takes.bind(*given, **named)
        import_module("matching.files.made").take_arguments(arguments.arguments)
        return function(*arguments.args, **arguments.kwargs)

    return called


class _Package(ModuleType):
    """The package, on which a public name is always the function, although its module has the same name."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  a module attribute can be anything
        if name not in __all__:
            message = f"module 'matching' has no attribute {name!r}"
            raise AttributeError(message)
        function = getattr(import_module(f"matching.{WHERE[name]}"), name)
        return function if name in READERS else _held(function)

    def __setattr__(self, name: str, value: object) -> None:
        # Importing matching.solve binds the module to the package's name `solve`: keep the function there.
        if name in __all__ and isinstance(value, ModuleType):
            value = _held(getattr(value, name))
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
