"""The player: a week packed into arrays, a first plan, and the compiled search that betters it."""
