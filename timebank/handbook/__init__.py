"""The handbook of whoever looks after the installation: what to do on the first day, every night and when something is amiss, in two languages.

``text``, ``safety`` and ``trouble`` hold its words, ``settings`` what each setting means, ``views`` the page. Every command and setting named in it is held by a test against the
program itself.
"""
