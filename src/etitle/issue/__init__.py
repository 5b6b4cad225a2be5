"""Issue and publish, for a program that keeps its own record of certificates.

The public names are re-exported here and loaded when first used.  ``issue_certificate`` makes one
certificate, ``publish_list`` one status list; neither stores anything, and both refuse what the
command ``etitle`` refuses.  docs/howto/platform.md shows them at work.  Provisional until
version 1.

>>> from etitle.issue import status_reasons
>>> [reason.zh for reason in status_reasons().values() if reason.code.startswith("W")][:1]
['提供虚假材料']
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which takes longer to load than all of this

if TYPE_CHECKING:
    from typing import Final

    from etitle.certificate.commitment import format_opening, new_opening, parse_opening
    from etitle.certificate.dates import PartialDate
    from etitle.certificate.identity import Profile
    from etitle.certificate.model import BodyLevel, Level, Sex, Source
    from etitle.errors import (
        EtitleError,
        FieldError,
        ImageError,
        IssueError,
        SignerError,
        TrustError,
    )
    from etitle.issue.bundlechain import fingerprint_text, open_bundle_chain
    from etitle.issue.certificate import Place
    from etitle.issue.document import DocumentMaker
    from etitle.issue.issuer import Issuer
    from etitle.issue.issuing import IssuedCertificate, issue_certificate, open_document_maker
    from etitle.issue.publication import IndexState, SignedList, publish_list
    from etitle.issue.states import (
        StatusLabel,
        StatusReason,
        next_states,
        status_labels,
        status_reasons,
    )
    from etitle.keys.seal import Seal, open_seal, read_x509_chain
    from etitle.keys.signer import Signer, open_signer
    from etitle.pades.dss import ValidationData
    from etitle.pades.sign import TimestampAuthority
    from etitle.pades.tsa import TsaClient
    from etitle.page.font import FontSource
    from etitle.page.template import Template, parse_template, shipped_template
    from etitle.record.finding import Finding, Severity
    from etitle.record.record import Record, read_record
    from etitle.trust.published import Bundle, Segment
    from etitle.trust.rescue import Rescue, open_rescue
    from etitle.trust.status import StatusKind
    from etitle.trust.statuslist import StatusList

__all__ = [
    "BodyLevel",
    "Bundle",
    "DocumentMaker",
    "EtitleError",
    "FieldError",
    "Finding",
    "FontSource",
    "ImageError",
    "IndexState",
    "IssueError",
    "IssuedCertificate",
    "Issuer",
    "Level",
    "PartialDate",
    "Place",
    "Profile",
    "Record",
    "Rescue",
    "Seal",
    "Segment",
    "Severity",
    "Sex",
    "SignedList",
    "Signer",
    "SignerError",
    "Source",
    "StatusKind",
    "StatusLabel",
    "StatusList",
    "StatusReason",
    "Template",
    "TimestampAuthority",
    "TrustError",
    "TsaClient",
    "ValidationData",
    "fingerprint_text",
    "format_opening",
    "issue_certificate",
    "new_opening",
    "next_states",
    "open_bundle_chain",
    "open_document_maker",
    "open_rescue",
    "open_seal",
    "open_signer",
    "parse_opening",
    "parse_template",
    "publish_list",
    "read_record",
    "read_x509_chain",
    "shipped_template",
    "status_labels",
    "status_reasons",
]

_HOMES: Final = {
    "format_opening": "certificate.commitment",
    "new_opening": "certificate.commitment",
    "parse_opening": "certificate.commitment",
    "Profile": "certificate.identity",
    "BodyLevel": "certificate.model",
    "Source": "certificate.model",
    "EtitleError": "errors",
    "fingerprint_text": "issue.bundlechain",
    "open_bundle_chain": "issue.bundlechain",
    "Place": "issue.certificate",
    "DocumentMaker": "issue.document",
    "Issuer": "issue.issuer",
    "IssuedCertificate": "issue.issuing",
    "issue_certificate": "issue.issuing",
    "open_document_maker": "issue.issuing",
    "IndexState": "issue.publication",
    "SignedList": "issue.publication",
    "publish_list": "issue.publication",
    "StatusLabel": "issue.states",
    "StatusReason": "issue.states",
    "next_states": "issue.states",
    "status_labels": "issue.states",
    "status_reasons": "issue.states",
    "Seal": "keys.seal",
    "open_seal": "keys.seal",
    "read_x509_chain": "keys.seal",
    "Signer": "keys.signer",
    "open_signer": "keys.signer",
    "ValidationData": "pades.dss",
    "TsaClient": "pades.tsa",
    "FontSource": "page.font",
    "Template": "page.template",
    "parse_template": "page.template",
    "shipped_template": "page.template",
    "Finding": "record.finding",
    "Record": "record.record",
    "read_record": "record.record",
    "Bundle": "trust.published",
    "Rescue": "trust.rescue",
    "open_rescue": "trust.rescue",
    "StatusKind": "trust.status",
    "FieldError": "errors",
    "ImageError": "errors",
    "IssueError": "errors",
    "SignerError": "errors",
    "TrustError": "errors",
    "Level": "certificate.model",
    "Sex": "certificate.model",
    "PartialDate": "certificate.dates",
    "Severity": "record.finding",
    "TimestampAuthority": "pades.sign",
    "StatusList": "trust.statuslist",
    "Segment": "trust.published",
}
"""The module of ``etitle`` in which each name is defined."""


if not TYPE_CHECKING:  # or a type checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415  # as above

        if name not in _HOMES:
            message = f"module 'etitle.issue' has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"etitle.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
