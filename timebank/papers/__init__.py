"""Papers: what stands on each of them as plain facts, their words in two languages, and the PDF and tables made of them.

Nothing here reads the database: whoever prints brings the facts. ``answers`` hands a paper to a browser.
"""
