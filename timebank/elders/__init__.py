"""Elders: households and doors, elders and their care notes, consents, pauses, and the family bound to them.

Not here: the buildings behind the doors (``places``), how a family signs in (``access``), and the pages of requests and
visits. Look next in ``visits``: what they asked for and received, and what a pause calls off.
"""
