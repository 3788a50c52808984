"""Small readers that turn JSON values into the model, and say where a value is wrong.

A reader takes a value and returns what it stands for or raises `BadFile`. The path is put together only on the
way out of a failure, so that reading a big week costs nothing for it.
"""

import math
import unicodedata
from collections.abc import Callable, Collection, Hashable
from typing import Any, Self, TypeVar

MOST = 1_000_000_000
CONTROL = {"Cc", "Cs"}

Value = TypeVar("Value")
Reader = Callable[[Any], Value]


class BadFile(ValueError):  # noqa: N818  it names the file, as the command's message does
    """A file that is not what the contract says: where, and what is wrong there."""

    def __init__(self, wrong: str, path: str = "") -> None:
        super().__init__(wrong, path)
        self.wrong = wrong
        self.path = path

    def __str__(self) -> str:
        return f"{self.path.lstrip('.') or 'file'}: {self.wrong}"

    def inside(self, step: str) -> Self:
        """Say that the wrong value stands inside `step` (".key" or "[index]")."""
        self.path = step + self.path
        return self


def whole(least: int = 0, most: int = MOST) -> Reader[int]:
    """Read a whole number from `least` to `most`; true and 3.0 are none."""

    def read(value: object) -> int:
        if type(value) is not int:
            message = f"must be a whole number, not {shown(value)}"
            raise BadFile(message)
        if not least <= value <= most:
            message = f"must be from {least} to {most}, not {shown(value)}"
            raise BadFile(message)
        return value

    return read


def number(least: float = 0, most: float = MOST) -> Reader[float]:
    """Read a finite number from `least` to `most`, kept as it is written (70 stays an int)."""

    def read(value: object) -> float:
        if type(value) is not int and type(value) is not float:
            message = f"must be a number, not {shown(value)}"
            raise BadFile(message)
        if not math.isfinite(value) or not least <= value <= most:
            message = f"must be from {least} to {most}, not {shown(value)}"
            raise BadFile(message)
        return value

    return read


def text(value: object) -> str:
    """Read a string of at least one character without control characters."""
    if type(value) is not str:
        message = f"must be a string, not {shown(value)}"
        raise BadFile(message)
    if not value:
        message = "must not be empty"
        raise BadFile(message)
    if not value.isprintable() and any(unicodedata.category(letter) in CONTROL for letter in value):
        message = "must not contain control characters"
        raise BadFile(message)
    return value


def truth(value: object) -> bool:
    """Read true or false."""
    if type(value) is not bool:
        message = f"must be true or false, not {shown(value)}"
        raise BadFile(message)
    return value


def one_of(allowed: Collection[Hashable], what: str) -> Reader[Any]:
    """Read one of the allowed values, as an id that names something or a word of a short list."""

    def read(value: object) -> object:
        if isinstance(value, dict | list | bool) or value not in allowed:
            message = f"names no {what}: {shown(value)}"
            raise BadFile(message)
        return value

    return read


def maybe(reader: Reader[Value]) -> Reader[Value | None]:
    """Read null or what the reader reads."""
    return lambda value: None if value is None else reader(value)


def listed(reader: Reader[Value], key: Callable[[Value], Hashable] | None = None) -> Reader[tuple[Value, ...]]:
    """Read a list; with `key`, no two items may share one."""

    def read(value: object) -> tuple[Value, ...]:
        if type(value) is not list:
            message = f"must be a list, not {shown(value)}"
            raise BadFile(message)
        items: list[Value] = []
        try:
            for item in value:
                items.append(reader(item))  # noqa: PERF401  the index of a bad item is the number of good ones
        except BadFile as bad:
            raise bad.inside(f"[{len(items)}]") from None
        if key is not None:
            distinct(items, key)
        return tuple(items)

    return read


def distinct(items: Collection[Value], key: Callable[[Value], Hashable]) -> None:
    """Refuse a list in which two items share a key."""
    seen = set()
    for index, item in enumerate(items):
        name = key(item)
        if name in seen:
            message = f"appears twice: {shown(name)}"
            raise BadFile(message, f"[{index}]")
        seen.add(name)


def row(*readers: Reader[Any]) -> Reader[tuple[Any, ...]]:
    """Read a list of fixed length, each item by its own reader."""

    def read(value: object) -> tuple[Any, ...]:
        if type(value) is not list or len(value) != len(readers):
            message = f"must be a list of {len(readers)}, not {shown(value)}"
            raise BadFile(message)
        items: list[Any] = []
        try:
            for reader, item in zip(readers, value, strict=True):
                items.append(reader(item))
        except BadFile as bad:
            raise bad.inside(f"[{len(items)}]") from None
        return tuple(items)

    return read


def mapping(value: object) -> dict[str, Any]:
    """Read an object with any keys."""
    if type(value) is not dict:
        message = f"must be an object, not {shown(value)}"
        raise BadFile(message)
    return value


def keys(value: object, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """Read an object that has every required key and no key that is unknown."""
    found = mapping(value)
    for key in required:
        if key not in found:
            message = "is missing"
            raise BadFile(message, f".{key}")
    if len(found) > len(required):
        for key in found:
            if key not in required and key not in optional:
                message = "is an unknown key"
                raise BadFile(message, f".{key}")
    return found


def at(found: dict[str, Any], key: str, reader: Reader[Value], default: Any = None) -> Value:  # noqa: ANN401
    """Read the value under a key; a missing one stands for the default."""
    if key not in found:
        return default  # type: ignore[no-any-return]
    try:
        return reader(found[key])
    except BadFile as bad:
        raise bad.inside(f".{key}") from None


def record(make: Callable[..., Value], required: dict[str, Reader[Any]], optional: dict[str, Reader[Any]] | None = None) -> Reader[Value]:
    """Read an object key by key and make a value of the model; a missing optional key leaves the model's default."""
    extra = optional or {}
    readers = required | extra

    def read(value: object) -> Value:
        found = keys(value, required, extra)
        fields: dict[str, Any] = {}
        try:
            for key in found:
                fields[key] = readers[key](found[key])
        except BadFile as bad:
            raise bad.inside(f".{key}") from None
        return make(**fields)

    return read


def shown(value: object) -> str:
    """Write a wrong value so that it fits a sentence of one line."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 64:
        return "a huge number"
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    written = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return written if len(written) <= 60 else written[:57] + "..."
