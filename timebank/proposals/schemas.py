"""The edge of four eyes: what somebody types who decides."""

from timebank.forms import Form, Words

LONGEST = 300


class RefusalForm(Form):
    """Why something is refused."""

    decision = Words(LONGEST, load_default="")
