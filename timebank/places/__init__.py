"""Places: the tree street > community > compound > building, canteens, stations and the working-day calendar.

Who lives behind a door is in ``elders``; where a volunteer sets out from is in ``volunteers``.
"""
