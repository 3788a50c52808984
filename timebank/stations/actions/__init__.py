"""The verbs of stations, by subject."""
