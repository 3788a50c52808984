"""The edge of certificates: periods, wishes, numbers, codes and copied papers as people type them."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.forms import Form, Whole, Words
from timebank.papers.schemas import LARGEST, LONGEST_NUMBER, LONGEST_REASON, LONGEST_TITLE, PeriodForm
from timebank.sentences import Sentence

LONGEST_DIGEST = 100
LONGEST_PAPER = 5000
LONGEST_LATIN = 200
ID_TYPES = {
    "居民身份证": Sentence("居民身份证"),
    "护照": Sentence("护照"),
    "港澳台居民居住证": Sentence("港澳台居民居住证"),
}


class OwnForm(PeriodForm):
    """The period of a certificate of one's own, and which one in force it may replace."""

    replaces = Whole(1, LARGEST, load_default=None)


class BatchForm(PeriodForm):
    """A period, whose certificates are wanted, and which in force were shown as to be replaced."""

    volunteer = fields.List(Whole(1, LARGEST), load_default=list)
    replaces = fields.List(Whole(1, LARGEST), load_default=list)


class CertificateForm(PeriodForm):
    """What the office may add to a certificate at the volunteer's wish, and which one in force it may replace."""

    replaces = Whole(1, LARGEST, load_default=None)
    remarks = Words(LONGEST_REASON, load_default="")
    seal_required = fields.Boolean(load_default=False)
    id_type = fields.String(load_default=next(iter(ID_TYPES)), validate=validate.OneOf(ID_TYPES, error=_("请从列表里选。")))
    id_last4 = fields.String(load_default="", validate=validate.Regexp(r"^[0-9A-Za-z]{4}$", error=_("证件尾号是最后 4 位，比如 123X。")))


class ReportedForm(Form):
    """The number the national system gave."""

    national_no = Words(LONGEST_NUMBER, load_default="")


class RightNumberForm(Form):
    """The right number of the national system; none takes a wrong one off."""

    right_no = Words(LONGEST_NUMBER, load_default="")


class CheckArgs(Form):
    """The number, the check code and the digest printed on a certificate."""

    number = Words(LONGEST_NUMBER, load_default="")
    code = Words(LONGEST_NUMBER, load_default="")
    digest = Words(LONGEST_DIGEST, load_default="")


class MaskedForm(Form):
    """What a certificate says in the places that the check page masks, with the number and the code printed on it."""

    number = Words(LONGEST_NUMBER, required=True)
    code = Words(LONGEST_NUMBER, required=True)
    volunteer_name = Words(LONGEST_TITLE, required=True)
    name_latin = Words(LONGEST_LATIN, load_default="")
    volunteer_no = Words(LONGEST_NUMBER, load_default="")
    id_type = Words(LONGEST_TITLE, load_default="")
    id_last4 = Words(LONGEST_NUMBER, load_default="")
    responsible = Words(LONGEST_TITLE, load_default="")
    handler = Words(LONGEST_TITLE, load_default="")
    remarks = Words(LONGEST_REASON, load_default="")


class PaperForm(Form):
    """What somebody copied from a certificate line by line, and the check code and the digest printed on it."""

    lines = Words(LONGEST_PAPER, required=True)
    code = Words(LONGEST_NUMBER, load_default="")
    digest = Words(LONGEST_DIGEST, load_default="")
