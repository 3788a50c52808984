"""The community of served hours for the tests of stars."""

from tests.served import desk, noted_first, phone, world

__all__ = ["desk", "noted_first", "phone", "world"]
