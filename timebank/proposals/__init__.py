"""Four eyes: what one person of the office asks for and a second one decides, before it has any effect.

Whatever makes, lengthens or moves minutes on one person's word goes through here: a correction upwards, an answer to an objection
that adds minutes, changed rules, a grant above the usual one, another name or number for somebody who signs in. A room that has
such a verb says in ``carriers`` how it is carried out, in what words it is shown, and who may not decide.
"""
