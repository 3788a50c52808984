"""The street of the tests of planning, on its day."""

from tests.planning.conftest import street

__all__ = ["street"]
