"""接件: what people bring to the community that is no visit yet: problems, suggestions, disputes, questions, errands with papers.

Here live the ticket with its steps up to the return call, meetings and papers of it, the shares of what was settled; and two
registers outside the time ledger, gifts in kind and groups. Visits made from a ticket live in ``visits``, sessions of a station in
``stations``; nothing here is ever counted in minutes.
"""
