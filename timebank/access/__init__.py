"""Who may come in: users and roles, sign-in by phone code or link, sessions, and the one table of who may open which page.

Not here: people as volunteers, elders or families (rooms ``volunteers`` and ``elders``), places (a user names a community
by its number only), and the sending of a code (room ``notices``). Start with ``policy.py``, then ``guards.py``; look next
in ``volunteers``.
"""
