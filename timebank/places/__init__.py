"""Places: the tree street > community > compound > building, canteens, stations and the working-day calendar.

Not here: who lives behind a door (``elders``), where a volunteer sets out from (``volunteers``), and how long a way takes
(``matching.travel``). Look next in ``elders``.
"""
