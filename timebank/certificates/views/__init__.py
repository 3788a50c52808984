"""Pages of certificates: the register, batches, one's own certificates, and the public check."""

from timebank.certificates.views.shared import blueprint

# isort: split
from timebank.certificates.views import batches, own, public, register

__all__ = ["batches", "blueprint", "own", "public", "register"]
