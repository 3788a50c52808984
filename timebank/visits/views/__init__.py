"""Pages of visits on a phone.

``phone``       a volunteer's today, week and offers, and the taps at canteen and door
``own_time``    a volunteer's time off and free times
``family``      asking for help, and following and confirming visits
``away``        days on which an elder needs nobody
``account``     a volunteer's own time account, and what a family's elder has and has promised
``following``   what a family sees of a visit
``cards``       what a card of these pages shows: the one place that decides between a door and a masked name
"""
