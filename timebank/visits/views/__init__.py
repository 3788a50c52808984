"""Pages of visits: on a phone, at the office's desk, and of people where they touch visits.

``phone``       a volunteer's today, week and offers, and the taps at canteen and door
``own_time``    a volunteer's time off and free times
``family``      asking for help, and following and confirming visits
``away``        days on which an elder needs nobody
``account``     a volunteer's own time account, and what a family's elder has and has promised
``following``   what a family sees of a visit
``desk``        the office's inbox, one request, and what the desk writes down; ``need_desk`` changes a need
``people``      an elder's door and a volunteer's week; ``elder_desk`` and ``volunteer_desk`` change them
``late_meals``  boxes ordered or dropped after the kitchen has closed; ``kitchen_words`` says it on every page
``cards``       what a card of these pages shows: the one place that decides between a door and a masked name
"""
