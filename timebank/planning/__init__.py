"""Planning: the week's plan, the runs of the engine, assignments, what stays unserved and why, pins, publishing.

The only room that imports ``matching``, and of it only what does not load OR-Tools; solving happens in a child process.
Not here: offers and what comes of them (``visits``; publishing calls its ``actions.offering``), and the rules of a good
plan (``matching``). Read ``snapshot`` first: it is the bridge between the two. Look next in ``visits``.
"""
