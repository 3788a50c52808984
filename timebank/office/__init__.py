"""The office itself: the first day with its steps, the community, its buildings and canteens, and the colleagues who sign in.

Not here: what a place is (``places``), who looks after which part (``volunteers``), how messages go (``notices``). Look next in
``planning``, where the first week is made.
"""
