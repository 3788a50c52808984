"""Safekeeping: a copy of the office that is whole, the way back from it, and one step down that costs no more than it says.

A backup is one file: an ordinary zip with the database (``timebank.db``, or ``timebank.dump`` of PostgreSQL's own tools), the
office's ``secret.key`` where it keeps one, and ``manifest.json``, which says what is inside; its last line is a digest of all
that stands before it. It is made while the service runs, checked after writing, and has its name only once it is whole.

Read in this order: ``facts`` (what a database holds: counts, the heads of the books, the newest audit row), ``archive`` (the
file), ``embedded`` and ``grown`` (the copy and the way back on SQLite and on PostgreSQL), ``actions`` (the verbs), ``down``
(one migration back). Not here: when a backup is made, where copies of it go, its encryption, and the move from one kind of
database to the other.
"""
