"""The JSON API under /api/v1: what pages show and do, for programs; thin over the same actions, policy and second persons.

``edge`` takes a request once and answers with problems, ``paging`` lists by keyset, ``shapes`` say what goes in and out, ``views``
are the doors of each room, ``spec`` describes them. Not here: tokens and what each may do (room ``access``: ``tokens``, ``bearers``,
``programs``), and every rule (the rooms below).
"""
