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

TYPE_CHECKING = False  # as typing has it, which takes longer to load than all of this

if TYPE_CHECKING:
    from typing import Final

    from etitle.certificate.dates import PartialDate
    from etitle.certificate.model import Certificate, Level, Sex
    from etitle.certificate.payload import decode as decode_payload
    from etitle.certificate.payload import encode as encode_payload
    from etitle.errors import (
        DecodeError,
        EtitleError,
        FieldError,
        ImageError,
        NotValidError,
        SignerError,
        StoreError,
        TrustError,
    )
    from etitle.keys.public import PublicKey
    from etitle.keys.signer import Signer, generate, open_signer
    from etitle.store.local import Store, UpdateReport
    from etitle.token.frame import pack, sign, unpack
    from etitle.token.text import to_base45, to_frame, to_url
    from etitle.trust.anchors import Lists, Trust
    from etitle.trust.published import Segment
    from etitle.trust.statuslist import StatusList
    from etitle.verdict import (
        Authenticity,
        Check,
        CheckId,
        Judged,
        Outcome,
        Reason,
        Standing,
        State,
        Summary,
        Verdict,
        VerdictAuthority,
    )
    from etitle.verify.document import verify_document
    from etitle.verify.file import verify_bytes
    from etitle.verify.part import Part
    from etitle.verify.person import verify_holder
    from etitle.verify.picture import verify_image
    from etitle.verify.question import Holder, Policy, Question
    from etitle.verify.token import verify_token

__all__ = [
    "Authenticity",
    "Certificate",
    "Check",
    "CheckId",
    "DecodeError",
    "EtitleError",
    "FieldError",
    "Holder",
    "ImageError",
    "Judged",
    "Level",
    "Lists",
    "NotValidError",
    "Outcome",
    "Part",
    "PartialDate",
    "Policy",
    "PublicKey",
    "Question",
    "Reason",
    "Segment",
    "Sex",
    "Signer",
    "SignerError",
    "Standing",
    "State",
    "StatusList",
    "Store",
    "StoreError",
    "Summary",
    "Trust",
    "TrustError",
    "UpdateReport",
    "Verdict",
    "VerdictAuthority",
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
    "verify_holder",
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
    "Part": "verify.part",
    "verify_bytes": "verify.file",
    "verify_document": "verify.document",
    "verify_holder": "verify.person",
    "verify_image": "verify.picture",
    "verify_token": "verify.token",
    "DecodeError": "errors",
    "FieldError": "errors",
    "ImageError": "errors",
    "NotValidError": "errors",
    "SignerError": "errors",
    "StoreError": "errors",
    "TrustError": "errors",
    "Level": "certificate.model",
    "Sex": "certificate.model",
    "PartialDate": "certificate.dates",
    "UpdateReport": "store.local",
    "StatusList": "trust.statuslist",
    "Segment": "trust.published",
}
"""Where each name is defined: ``module`` or ``module:name``; names not listed are the verdict's."""


if not TYPE_CHECKING:  # or a type checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415  # as above

        if name not in __all__:
            message = f"module 'etitle' has no attribute {name!r}"
            raise AttributeError(message)
        home, _, original = _HOMES.get(name, "verdict").partition(":")
        value = getattr(import_module(f"etitle.{home}"), original or name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
