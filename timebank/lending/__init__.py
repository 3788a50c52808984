"""Lending 借用: one community asks another for a volunteer for some weeks; the other agrees, the volunteer may decline, it ends in one press.

Not here: where somebody serves in a week (``volunteers.lent``), which every plan reads. Look next in ``streets``.
"""
