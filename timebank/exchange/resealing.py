"""Words under seal on their way out and in: opened with the office's key, sealed under a passphrase, and the other way round.

The passphrase stands nowhere: whoever loses it has everything but these words. Its key is made by scrypt with a salt of each
export, and the seal is Fernet, so that any other program can open them too.
"""

import base64
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import Table
from sqlalchemy.engine import default

from timebank.errors import Invalid, wrong
from timebank.sealed import Sealed, sealer
from timebank.wholly import Row

LEAST = 10
COST, EARLIER_COST = 2**17, 2**15
"""What making a key from a passphrase costs, today and in exports that do not say it."""
WAY = f"fernet, key = scrypt(passphrase, salt, n={COST}, r=8, p=1, 32 bytes), base64"
PROOF = b"timebank"


@dataclass(slots=False)
class Passphrase:
    """A passphrase with the salt of one export; ``unreadable`` counts the words that the office's own key does not open."""

    words: str
    salt: str
    cost: int = COST
    unreadable: int = 0

    @classmethod
    def new(cls, words: str) -> "Passphrase":
        """Return a passphrase for a new export; a short one is refused."""
        if len(words) < LEAST:
            raise too_short()
        return cls(words, base64.b64encode(secrets.token_bytes(16)).decode())

    @cached_property
    def fernet(self) -> Fernet:
        """The cipher; making its key takes a moment on purpose."""
        key = Scrypt(salt=base64.b64decode(self.salt), length=32, n=self.cost, r=8, p=1).derive(self.words.encode())
        return Fernet(base64.urlsafe_b64encode(key))

    def as_json(self) -> dict[str, Any]:
        """Return how the words are sealed, and a word by which a passphrase is tried."""
        return {"way": WAY, "salt": self.salt, "cost": self.cost, "proof": self.fernet.encrypt(PROOF).decode()}

    @classmethod
    def tried(cls, words: str, kept: dict[str, Any]) -> "Passphrase":
        """Return the passphrase of an export, once it opens what it must; no file makes the work dearer than today's."""
        found = cls(words, kept["salt"], COST if kept.get("cost") == COST else EARLIER_COST)
        try:
            found.fernet.decrypt(kept["proof"].encode())
        except InvalidToken as error:
            raise Invalid("口令不对，什么都没有导入。请用导出时设的口令再试一次。") from error
        return found

    def outward(self, table: Table, row: Row) -> Row:
        """Return a row whose sealed words are under the passphrase; what the office's key does not open goes out empty."""
        return row | {name: self.fernet.encrypt(self._opened(row[name])).decode() for name in sealed_columns(table) if name in row}

    def _opened(self, word: str) -> bytes:
        """Open a word with the office's key."""
        try:
            return sealer.fernet.decrypt(word.encode())
        except InvalidToken:
            self.unreadable += 1
            return b""

    def inward(self, table: Table, row: Row) -> Row:
        """Return a row whose sealed words are under the key of the office that takes it in."""
        return row | {
            name: sealer.fernet.encrypt(self.fernet.decrypt(row[name].encode())).decode() for name in sealed_columns(table) if name in row
        }


def sealed_columns(table: Table) -> list[str]:
    """Return the names of the columns of a table that are under seal."""
    return [column.name for column in table.columns if isinstance(column.type, Sealed)]


def opened(table: Table, row: Row) -> Row:
    """Return a row with its sealed words as the office reads them; what its key does not open is left out."""
    read = {name: Sealed().process_result_value(row[name], default.DefaultDialect()) for name in sealed_columns(table) if name in row}
    return {name: read.get(name, value) for name, value in row.items() if read.get(name, value) is not None}


def in_the_open(table: Table, row: Row) -> dict[str, Any]:
    """Return of a row what is under no seal, and that something is where something is."""
    return row | {name: "sealed" for name in sealed_columns(table) if name in row}


def too_short() -> Invalid:
    """Return the refusal of a passphrase that is soon guessed."""
    return wrong("passphrase", "口令太短，至少 %(least)s 个字符。请换一个长一些的，写在另一处收好。", least=LEAST)
