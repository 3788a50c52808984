"""Posts 岗位: who stands where, week after week: posts with their weekly rota, who has taken which turn of it, swaps, streaks.

A post's turns are duties of room ``visits``, made week by week: being there, the minutes and the record are told there. Not
here: sessions at a station with a queue (``stations``), and who goes to whom (``planning``).
"""
