"""Calendars that follow by themselves: one's own visits and turns, a team's, a station's sessions, each at an address with a secret.

``models`` keep which address is whose, ``events`` say what stands in it, ``calendar`` writes it, ``views`` make and end addresses. A
calendar leaves the house, so it names kinds, houses and times, never an elder, a door or a telephone. Not here: the visits, duties
and sessions themselves.
"""
