"""A volunteer's phone, with a network and without one. Only pages: the verbs are in ``visits``.

What a phone keeps without a network is in ``static/offline.js`` and ``worker.js``; what did not fit when it came, in ``visits.mismatches``.
"""
