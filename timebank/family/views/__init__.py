"""Pages of a family, and of an elder with their own number.

``family``      asking for help, following and confirming visits; ``following`` what a family sees of a visit
``requests``    one request, and cancelling it; ``one_visit`` a visit called off or asked for at another time
``away``        days on which an elder needs nobody
``binding``     a family is bound to an elder; ``messages`` what somebody was told
``own``         an elder's own page; ``own_data`` what is kept of somebody, to be seen, put right, taken along and erased
``account``     time accounts of those whose they are; ``shopping`` lists, budgets and receipts, wherever they are written
"""

from timebank.family.views import account, away, binding, messages, one_visit, own, own_data, requests, shopping

BLUEPRINTS = (
    requests.blueprint,
    away.blueprint,
    binding.blueprint,
    own.blueprint,
    own_data.blueprint,
    one_visit.blueprint,
    messages.blueprint,
    account.blueprint,
    shopping.blueprint,
)
