"""Planning: the week's plan, the runs of the engine, assignments, what stays unserved and why, pins, publishing.

The only room that imports ``matching``, and of it only what does not load OR-Tools; solving happens in a child process.
"""
