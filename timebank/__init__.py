"""Volunteer matching and time bank for a community office: rooms with the same doors.

Each room (access, places, catalogue, ledger, proposals, volunteers, elders, credit, visits, records, cases, planning, lending, recognition, streets, notices, exchange)
has models, actions, queries, schemas and views, and only those it needs. ``app.create_app`` is the one place that
knows all rooms; ``db.transaction`` is the one place that commits. ``demo`` and ``rehearsal`` play weeks by the doors everybody uses;
``safekeeping`` keeps copies of it all.
"""

__version__ = "0.1.0"
