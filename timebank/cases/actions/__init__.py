"""Verbs of what people bring: taking it in, its steps up to the return call, its meetings, papers and requests."""
