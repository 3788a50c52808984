"""Webhooks: what an office's other programs hear of at once, signed, with numbers and never a name; they ask the API for the rest.

What is noted on the audit trail is the news: ``actions`` write a call beside it in the same write unit, ``sending`` makes the call
once that is stored and tries again for a day, ``addresses`` refuse those that lead into the office's own network. The doors
that register and end them are the API's (room ``api``).
"""
