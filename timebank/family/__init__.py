"""A family, and an elder with their own number: asking, following, confirming, calling off, and their own data. Only pages: the verbs are in ``visits``."""
