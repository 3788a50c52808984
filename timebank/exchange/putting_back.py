"""How an import that is taken back makes rows what they were before.

A volunteer and the sign-in they have are one: both go back, or both stay. Each row that goes back is on the trail with its fields. A number
opens no key again by it: a volunteer's waits for a second person as their own verb has it, an elder's closes what it had opened.
"""

from collections.abc import Iterator

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from timebank import audit, wholly
from timebank.access.actions import sign_out_everywhere
from timebank.access.models import User
from timebank.db import Base, db
from timebank.elders import own_number
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.exchange.journal import Entries, mark
from timebank.exchange.report import Fate
from timebank.proposals.models import Kind
from timebank.proposals.queries import waiting_on
from timebank.sealed import Sealed
from timebank.volunteers.actions import Person, check_phone, hold_back
from timebank.volunteers.models import Volunteer

Key = tuple[str, int]
Now = dict[str, dict[int, wholly.Row]]


def stands(entries: Entries, now: Now, name: str, number: int) -> bool:
    """Say whether somebody has changed a row since the import, or deleted it."""
    return mark(now[name].get(number)) != entries[name][number][1]


def row_of(entries: Entries, now: Now, key: Key) -> wholly.Row | None:
    """Return a row as it is, or as it was before the import where it is gone; nothing where it is neither."""
    name, number = key
    before, _ = entries.get(name, {}).get(number, (None, ""))
    return now.get(name, {}).get(number, before)


def put_back(here: Connection, names: list[str], entries: Entries, now: Now, stays: set[Key]) -> int:
    """Make the rows of these tables what they were; return how many, and add those to ``stays`` that are not put back after all.

    What the database keeps, because two people have accepted it since, stays.
    """
    done = 0
    for one in _together(names, entries, now):
        changed = [(key, before) for key in one if (before := entries[key[0]][key[1]][0]) is not None]
        if changed and stays.isdisjoint(one) and not any(_is_closed(key, before, now) for key, before in changed):
            try:
                with db.session.begin_nested():
                    for (name, number), before in changed:
                        _put(here, Base.metadata.tables[name], before, now[name].get(number))
            except IntegrityError:
                stays.update(one)
            else:
                done += len(changed)
        else:
            stays.update(key for key, _ in changed)
    return done


def close_keys(entries: Entries, now: Now, stays: set[Key]) -> None:
    """Close what a number had opened that is another again, and tell the old one and the new; ``now`` is as it was before they went back."""
    for number, (before, _) in entries.get("elder", {}).items():
        row = now["elder"].get(number)
        if before is not None and row is not None and ("elder", number) not in stays:
            own_number.follow_number(db.session.get_one(Elder, number), row.get("phone", ""))
    for number, (before, _) in entries.get("user", {}).items():
        row = now["user"].get(number)
        if before is not None and row is not None and ("user", number) not in stays and row["phone"] != before["phone"]:
            sign_out_everywhere(db.session.get_one(User, number))


def _together(names: list[str], entries: Entries, now: Now) -> Iterator[list[Key]]:
    """Yield the rows that were touched, table by table: each by itself, but a volunteer with their sign-in."""
    sign_ins: dict[int, int] = {}
    for number in entries.get("volunteer", {}):
        user = (row_of(entries, now, ("volunteer", number)) or {}).get("user_id")
        if user in entries.get("user", {}) and (entries["user"][user][0] is not None or stands(entries, now, "user", user)):
            sign_ins[number] = user
    taken = set(sign_ins.values())
    for name in names:
        for number in entries[name]:
            if name == "volunteer" and number in sign_ins:
                yield [("user", sign_ins[number]), (name, number)]
            elif name != "user" or number not in taken:
                yield [(name, number)]


def _is_closed(key: Key, before: wholly.Row, now: Now) -> bool:
    """Say whether a row is not put back because a key would open by it."""
    name, number = key
    if name == "family_member":
        return bool(before.get("own")) and number not in now[name]
    return name == "volunteer" and number in now[name] and _waits(db.session.get_one(Volunteer, number), before)


def _waits(known: Volunteer, before: wholly.Row) -> bool:
    """Say whether the name and number a volunteer had wait for a second person now, or are somebody else's by now."""
    name, phone = before["name"], before["phone"]
    if (name, phone) == (known.name, known.phone):
        return False
    try:
        check_phone(known.community_id, known, Person(name=name, phone=phone, has_phone=before["has_phone"]))
    except Invalid:
        return True
    return waiting_on(Kind.IDENTITY, f"volunteer:{known.id}") is not None or hold_back(known, name, phone) is not None


def _put(here: Connection, table: Table, before: wholly.Row, row: wholly.Row | None) -> None:
    """Make a row what it was before, and note which of its fields are others again."""
    if row is None:
        wholly.put_rows(here, table, [before])
        audit.record(f"import_{Fate.CHANGED}", table.name, before["id"], fields={}, undone=True)
        return
    names = [each.name for each in table.columns if row.get(each.name) != before.get(each.name) and each.name not in audit.DERIVED]
    first = _said(here, table, before["id"], names)
    wholly.change_row(here, table, before)
    last = _said(here, table, before["id"], names)
    audit.record(
        f"import_{Fate.CHANGED}", table.name, before["id"], fields={name: [first[name], last[name]] for name in names}, undone=True
    )


def _said(here: Connection, table: Table, number: int, names: list[str]) -> dict[str, object]:
    """Return what the trail may keep of some fields of a row; words under seal are not opened for it."""
    plain = [table.columns[name] for name in names if not isinstance(table.columns[name].type, Sealed)]
    row = here.execute(select(table.columns["id"], *plain).where(table.columns["id"] == number)).mappings().one()
    return {name: audit.said(name, row.get(name)) for name in names}
