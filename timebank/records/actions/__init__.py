"""The verbs of the room of records, by subject."""
