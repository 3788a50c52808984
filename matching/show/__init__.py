"""A plan to look at: as lines for a terminal, or as one page with map, timeline and reasons that needs nothing else."""
