"""The time book: accounts and immutable transfers of whole minutes between them.

Here live the two tables, the verbs that post (``actions``), what is owed after corrections (``owing``, ``claims``), the
reads (``queries``), the triggers that hold even against raw SQL (``ddl``), the hash chain (``chain``) and the check of it
all (``verify``). No person lives here: a
volunteer or an elder points at an account, the ledger never points back, so somebody can be forgotten and every sum
stays whole. The statutory record of real minutes is the other book: look in ``visits``; statements and certificates
are in ``books``.

Read in this order: models, chain, actions, owing, ddl, verify.
"""
