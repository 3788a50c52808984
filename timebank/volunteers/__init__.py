"""Volunteers: who they are, what they can do, when they are free, the teams and units they belong to.

What they were asked and did is in ``visits``; what they earned is in ``ledger``, reached by ``account_id``.
"""
