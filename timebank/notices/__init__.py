"""Messages to people: the outbox, what each message says, which way it goes, the quiet hours.

Not here: who is told what and when; the rooms above call ``actions.notify``. Sign-in codes are made in room ``access``
and only sent from here. Start with ``templates.py``; look next in ``visits``, whose ``actions.telling`` says most of it.
"""
