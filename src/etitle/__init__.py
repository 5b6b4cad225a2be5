"""Electronic professional-title certificates (职称电子证书): sign once, verify anywhere, offline.

The public names are re-exported here and loaded when first used, so that verifying a code never
imports what only issuing needs.

>>> import datetime, etitle
>>> question = etitle.Question(
...     trust=etitle.Trust(()), lists=etitle.Lists(),
...     at=datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC))
>>> verdict = etitle.verify_token("https://example.com/", question)
>>> verdict.summary.value, verdict.checks[0].reason.value
('INDETERMINATE', 'not_ours')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate
    from etitle.certificate.payload import decode as decode_payload
    from etitle.certificate.payload import encode as encode_payload
    from etitle.errors import EtitleError
    from etitle.keys.public import PublicKey
    from etitle.keys.signer import Signer, generate, open_signer
    from etitle.store.local import Store
    from etitle.token.frame import pack, sign, unpack
    from etitle.token.text import to_base45, to_frame, to_url
    from etitle.trust.anchors import Lists, Trust
    from etitle.verdict import (
        Authenticity,
        Check,
        CheckId,
        Outcome,
        Reason,
        Standing,
        State,
        Summary,
        Verdict,
    )
    from etitle.verify.document import verify_document
    from etitle.verify.file import verify_bytes
    from etitle.verify.picture import verify_image
    from etitle.verify.question import Holder, Policy, Question
    from etitle.verify.token import verify_token

__all__ = [
    "Authenticity",
    "Certificate",
    "Check",
    "CheckId",
    "EtitleError",
    "Holder",
    "Lists",
    "Outcome",
    "Policy",
    "PublicKey",
    "Question",
    "Reason",
    "Signer",
    "Standing",
    "State",
    "Store",
    "Summary",
    "Trust",
    "Verdict",
    "decode_payload",
    "encode_payload",
    "generate",
    "open_signer",
    "pack",
    "sign",
    "to_base45",
    "to_frame",
    "to_url",
    "unpack",
    "verify_bytes",
    "verify_document",
    "verify_image",
    "verify_token",
]

_HOMES: Final = {
    "Certificate": "certificate.model",
    "decode_payload": "certificate.payload:decode",
    "encode_payload": "certificate.payload:encode",
    "EtitleError": "errors",
    "PublicKey": "keys.public",
    "Signer": "keys.signer",
    "generate": "keys.signer",
    "open_signer": "keys.signer",
    "pack": "token.frame",
    "sign": "token.frame",
    "unpack": "token.frame",
    "to_base45": "token.text",
    "to_frame": "token.text",
    "to_url": "token.text",
    "Lists": "trust.anchors",
    "Trust": "trust.anchors",
    "Store": "store.local",
    "Holder": "verify.question",
    "Policy": "verify.question",
    "Question": "verify.question",
    "verify_bytes": "verify.file",
    "verify_document": "verify.document",
    "verify_image": "verify.picture",
    "verify_token": "verify.token",
}
"""Where each name is defined: ``module`` or ``module:name``; names not listed are the verdict's."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module 'etitle' has no attribute {name!r}"
        raise AttributeError(message)
    home, _, original = _HOMES.get(name, "verdict").partition(":")
    value = getattr(import_module(f"etitle.{home}"), original or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
