"""One person twice in a register: found, looked at side by side, merged once a second person agrees, and taken apart again within a day.

Nothing of the past changes hands: records, certificates and transfers keep their owner. What is to come does, and what stands on an elder's
account by a booked transfer.
"""
