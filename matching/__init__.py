"""The matching engine: a pure package that plans a week of visits, judges plans and explains them.

Nothing here knows Flask, a database or a clock. `read_week` and `read_plan` bring in files; `solve`, `replan`,
`bound` and `advise` plan; `check`, `explain`, `rank` and `compare` judge and explain, and stay light: importing
this package loads none of them, and nothing but the planners ever loads OR-Tools.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matching.advise import advise
    from matching.bound import bound
    from matching.check import check
    from matching.compare import compare
    from matching.explain import explain
    from matching.files import read_plan, read_week
    from matching.rank import rank
    from matching.replan import replan
    from matching.solve import solve

__all__ = ["advise", "bound", "check", "compare", "explain", "rank", "read_plan", "read_week", "replan", "solve"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module attribute can be anything
    if name not in __all__:
        message = f"module 'matching' has no attribute {name!r}"
        raise AttributeError(message)
    module = "matching.files" if name.startswith("read_") else f"matching.{name}"
    return getattr(import_module(module), name)
