"""Columns that hold sensitive words (care notes, doors): encrypted before they reach the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


class Sealer:
    """Holds the key of the running service; set once by ``create_app``."""

    def __init__(self) -> None:
        """Start without a key."""
        self._fernet: Fernet | None = None
        self.mark = ""

    def use(self, key: str) -> None:
        """Derive the encryption key from a secret."""
        digest = hashlib.sha256(b"timebank sealed columns\0" + key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self.mark = mark_of(key)

    @property
    def fernet(self) -> Fernet:
        """The cipher; an error when the service was not set up."""
        if self._fernet is None:
            msg = "sealed columns need create_app to have set a key"
            raise RuntimeError(msg)
        return self._fernet


def mark_of(key: str) -> str:
    """Return a mark that tells one key from another and gives nothing of it away."""
    return hashlib.sha256(b"timebank mark of a key\0" + key.encode()).hexdigest()[:16]


sealer = Sealer()


class Sealed(TypeDecorator[str]):
    """Text that is encrypted at rest."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else sealer.fernet.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out; a value sealed with another key reads as nothing."""
        del dialect
        if value is None:
            return None
        try:
            return sealer.fernet.decrypt(value.encode()).decode()
        except InvalidToken:
            return None
