"""What recorded time turns into: statements, certificates and their public check, and the papers volunteers carry.

Minutes are never made here: records are written by ``visits``, credit is posted by ``ledger``. This room reads both
books, keeps the certificate register and prints. Look next in ``visits`` for where a minute comes from.
"""
