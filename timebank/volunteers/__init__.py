"""Volunteers: who they are, what they can do, when they are free, the units they belong to, and who leads whom (``sight``).

Not here: what a skill is (``catalogue``), how somebody signs in (``access``), and what they earned (``ledger``, reached by
``account_id``). Look next in ``visits``: what they were asked and did.
"""
