"""The verbs of planning, in the order of a week.

``weeks``       a week is opened: its visits are scheduled, its windows brought up to date
``runs``        the engine is asked, started, stopped; its answer is recorded
``editing``     assign, unassign, move, pin, take up a fix; each judged by the referee
``judging``     the referee over the plan as it stands, each breach confined to whose it is
``covering``    somebody is asked at once for what nobody is going to do
``publishing``  what is proposed becomes offers; the difference is shown first
"""
