"""Visits: requests, dated visits, meal rounds, offers, check-ins, outcomes, confirmations and service records.

Here is also what ties a volunteer to a household: the usual deliverer, who must not be paired, who has served whom.
How a week is planned is in ``planning``; what is made of the records is in ``recognition``.
"""
