"""The community of served hours for the tests of papers."""

from tests.served import desk, noted_first, phone, world

__all__ = ["desk", "noted_first", "phone", "world"]
