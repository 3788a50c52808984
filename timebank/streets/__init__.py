"""Streets: the page of a street over its communities, who works for it, and which community somebody with several looks at.

Not here: which communities are open to whom (``places.tenancy``), and the month's report of a street (``reports.monthly``).
Look next in ``reports``.
"""
