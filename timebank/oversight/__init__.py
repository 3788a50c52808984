"""查账: the audit trail to be read, by person, by object and by day, and each person's own page of who looked at them and changed what.

Not here: what is noted and what of it is kept back (``timebank.audit``), where an hour comes from (``books.trail``), and the
weekly check for odd records (``records``). Start with ``words``, the one table of what every verb is called, then ``tracing``.
"""
