"""Volunteer matching and time bank for a community office: rooms with the same doors, from the ground up.

::

    access places catalogue     who may, where it is, what kinds there are
    ledger notices proposals    minutes that move, messages that go out, what a second person decides
    volunteers elders credit    the people, and what their time is worth
    visits papers records       what is asked, promised and done; what stands on paper; what the law asks of a record
    desk phone family           pages of the office's desk, of a volunteer's phone, of families and elders
    posts stations cases        turns of duty, what happens at a station, what people bring to the desk
    oversight                   who looked at what and changed it
    planning today              the week's plan, and the day as it is lived
    certificates stars reports  what recorded time turns into
    books lending doubles       both books as people read them, volunteers lent, one person twice in a register
    streets                     a street over its communities
    exchange office handbook    in and out, an office's settings, and what an administrator reads
    api feeds hooks             the same for programs
    demo rehearsal safekeeping  weeks played by the same doors, and copies of it all

Each room has models (tables, and what must always hold), actions (verbs), queries (reads), schemas (the edge) and views (pages),
and only those it needs; a higher room imports lower ones, never the reverse. ``app.create_app`` is the one place that knows all
rooms; ``db.transaction`` is the one place that commits. A test compares this map with the territory. ``tests/rules.csv`` says of each
rule of law and practice which function keeps it and which test notices when it is broken, or that it is kept nowhere.
"""

__version__ = "0.1.0"
