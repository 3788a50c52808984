"""Migrations of the database, run by ``timebank init`` and ``timebank upgrade``.

A new one is drafted by ``timebank.schema.revise("why")`` inside an app context, then read and corrected by hand.
"""
