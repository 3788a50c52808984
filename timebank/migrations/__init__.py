"""Migrations of the database, run by ``timebank init`` and ``timebank upgrade``."""
