"""The catalogue as data: service kinds and skills. What a kind needs is a row, never a branch in the code.

Not here: the rows themselves (``seeds/catalogue``, added by ``seeding``), who holds a skill (``volunteers``), and what was
asked for (``visits``). Look next in ``visits``, where a kind becomes a request and a visit.
"""
