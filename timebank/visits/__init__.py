"""Visits: requests, dated visits, meal rounds, offers, check-ins, outcomes, confirmations and service records.

Here is also what ties a volunteer to a household: the usual deliverer, who must not be paired, who has served whom.
Not here: who proposes whom for a week (``planning``), the time accounts that a confirmation credits (``ledger``), and the
papers made of the records. Look next in ``planning`` for the week, in ``recognition`` for the papers.
"""
