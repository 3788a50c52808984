"""Shapes of files on their way in: what a check of them, or their import, found."""

from marshmallow import Schema, fields


class FoundShape(Schema):
    """One thing that was found: where it stands, as the file writes it, the word that tells it from others, and what to do in both languages."""

    file = fields.String()
    sheet = fields.String()
    row = fields.Integer()
    column = fields.String()
    code = fields.String()
    zh = fields.String()
    en = fields.String()


class SheetShape(Schema):
    """What becomes of the rows of one sheet; ``odd`` are remarks that somebody should look at."""

    sheet = fields.String()
    new = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    bad = fields.Integer()
    odd = fields.Integer()


class UploadShape(Schema):
    """What was found in some files. ``problems`` stop an import, ``remarks`` do not; of very many the first are here, ``all_problems`` counts."""

    token = fields.String()
    files = fields.List(fields.String())
    checked_at = fields.AwareDateTime()
    taken_at = fields.AwareDateTime(allow_none=True)
    imported = fields.Integer(allow_none=True, metadata={"description": "the import's number, at /imports, while it can be taken back"})
    sheets = fields.List(fields.Nested(SheetShape))
    problems = fields.List(fields.Nested(FoundShape))
    all_problems = fields.Integer()
    remarks = fields.List(fields.Nested(FoundShape))
    cleared = fields.Integer(metadata={"description": "cells that clear what is known"})
    kept = fields.Integer(metadata={"description": "empty cells where something is known, which stays"})
    alike = fields.Integer(metadata={"description": "new people who may be known by another number"})
