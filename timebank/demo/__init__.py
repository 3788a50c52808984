"""Demos: real communities' weeks played from the roster to the certificate, by the doors everybody else uses.

``ground`` makes room for one, ``office`` is who works there, ``week`` and ``days`` are what every community lives through, ``doors``
says who can sign in as what; each community's own story stands in a file of its name, and ``playing`` plays it. Their data
stands in ``seeds``; what is played here is played by nobody else.
"""
