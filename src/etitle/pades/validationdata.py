"""Files -> evidence for long-term validation: certificates, CRLs and OCSP responses, sorted."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Final

from cryptography import x509
from cryptography.x509 import ocsp

from etitle.errors import IssueError
from etitle.pades.dss import ValidationData

_PEM: Final = re.compile(
    rb"-----BEGIN (CERTIFICATE|X509 CRL|OCSP RESPONSE)-----([A-Za-z0-9+/=\s]+)-----END \1-----"
)

_LOADS: Final[tuple[Callable[[bytes], object], ...]] = (
    x509.load_der_x509_certificate,
    x509.load_der_x509_crl,
    ocsp.load_der_ocsp_response,
)


def sort_validation_data(files: Sequence[bytes]) -> ValidationData:
    """Sort what files hold: PEM, one block after another, or one item in DER.

    Args:
        files: contents.

    Returns:
        The items in the order given, each once.

    Raises:
        IssueError: ``sign.archive_evidence`` for anything else.
    """
    x509s: list[bytes] = []
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    for data in files:
        try:
            blocks = [b64decode(text) for _, text in _PEM.findall(data)]
        except ValueError:
            raise IssueError("sign.archive_evidence") from None
        for item in blocks or [data]:
            kind = (x509s, crls, ocsps)[_kind(item)]
            if item not in kind:
                kind.append(item)
    return ValidationData(tuple(x509s), tuple(crls), tuple(ocsps))


def _kind(item: bytes) -> int:
    for place, load in enumerate(_LOADS):
        try:
            load(item)
        except Exception:  # noqa: BLE001, S112  # a stranger's file: errors and warnings of any kind
            continue
        return place
    raise IssueError("sign.archive_evidence")
