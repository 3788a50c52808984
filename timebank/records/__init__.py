"""服务记录: what the law asks about a record beyond the visit itself.

Here live the ten-working-day clock, objections, evaluations, trainings, the pages of entries by hand, the weekly check for
fraud and the random call-backs. The record, its confirmation, its corrections and the verbs of entries by hand live in
``visits``; what is made of records lives in ``certificates``, ``stars``, ``reports`` and ``books``.
"""
