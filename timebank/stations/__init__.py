"""服务站: what happens at a station instead of at a door.

Here live its opening hours and what it offers, sessions for many (haircut days, clinics, classes, sittings of a canteen) with
their queue and register, things that are left there (to be mended, or parcels kept), and check-ups people are called to.
Where a station stands is kept in ``places``; whoever is on duty at a session earns by ``visits``; its papers are printed by ``papers``.
"""
