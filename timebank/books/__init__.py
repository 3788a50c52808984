"""The two books as people read them (账与证): a month's records and account, where an hour came from, objections, debts, passbooks, closed months.

Recorded time and credit are never added up. Minutes are never made here: records are written by ``visits``, credit is posted by ``ledger``.
"""
