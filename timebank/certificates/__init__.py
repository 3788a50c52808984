"""The register of certificates: issued, replaced, revoked, made for many at once, printed, and checked by anybody.

A certificate says what is on record and never makes a minute: records are written by ``visits``. What needs a second person, a
remark, another ending of a document, another issuer, a number put right, waits in ``proposals``.
"""
