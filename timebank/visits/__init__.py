"""Visits: requests, dated visits, meal rounds, offers, check-ins, outcomes, confirmations and service records.

Here is also what ties a volunteer to a household: the usual deliverer, who must not be paired, who has served whom.
Not here: who proposes whom for a week (``planning``), the time accounts that a confirmation credits (``ledger``), the pages
(``desk``, ``phone``, ``family``), and the papers made of the records. Taps that came late from a phone without a network and did
not fit: ``mismatches``. Look next in ``planning`` for the week, in ``today`` and ``books`` for the papers.
"""
