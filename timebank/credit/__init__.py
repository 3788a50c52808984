"""时间账户 in use: the credit rules R1 to R20, and every way minutes are spent, given or passed on.

Here live a community's settings of the rules (``models``, ``rules``), the elders' time accounts, the links between a
volunteer and a relative, the verbs that gift, donate, grant and pass on what somebody leaves (``actions``), and from where
credit is taken back that was corrected and is gone (``owing``). The
accounts themselves and every transfer are in ``ledger``; when a visit is promised, settled or called off is in
``visits.actions.paying``; the statutory minutes are another book and are never touched from here.

Read in this order: rules, models, actions, owing.
"""
