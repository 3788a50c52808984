"""Data in: the four workbooks a coordinator hands in, with a dry run, and their blank templates.

What lives here: columns and cells of the sheets (``columns``, ``cells``), reading of Excel and CSV with their limits
(``reading``), rows into people and places (``actions``), blank workbooks out (``writing``). What does not: the tables
themselves, and who may upload (``access``). Look next in ``visits``, where imported needs become dated visits.
"""
