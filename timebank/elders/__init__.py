"""Elders: households and doors, elders and their care notes, consents, pauses, and the family bound to them.

What they asked for and received is in ``visits``.
"""
