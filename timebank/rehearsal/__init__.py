"""Rehearsal: weeks of a community played on a clock of their own, by the doors everybody uses, to see what breaks and what it costs.

``stage`` makes the copy it plays on, ``rates`` says how often life happens, ``play`` lets the days pass, ``office`` is the
coordinator, ``life`` what happens to everybody else, ``invariants`` what must hold after every event, ``figures`` what is told.
Nothing here is needed to run the product; nothing in the product knows of it.
"""
