"""The public names of ``etitle.issue`` as a type checker sees them: read, never run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import assert_type

from etitle import issue


def issues(data: bytes, place: issue.Place, at: datetime.datetime) -> None:
    bundle = issue.open_bundle_chain([data])
    assert_type(bundle, issue.Bundle)
    signer = issue.open_signer("file:key.pem")
    assert_type(signer, issue.Signer)
    issuer = issue.Issuer(
        bundle=bundle, signer=signer, list_id=1, profile=issue.Profile.MASKED, code_base=""
    )
    seal = issue.open_seal("file:seal.pem", x509_chain=issue.read_x509_chain("seal.pem"))
    assert_type(seal, issue.Seal)
    template = issue.shipped_template("sample")
    maker = issue.open_document_maker(issuer, seal=seal, template=template, at=at)
    assert_type(maker, issue.DocumentMaker)
    done = issue.issue_certificate({}, place, issuer=issuer, maker=maker, photo=None, at=at)
    assert_type(done, issue.IssuedCertificate)
    assert_type(done.opening, str | None)
    issue.issue_certificate({}, place, issuer=issuer, maker=maker, at=at)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    state = issue.IndexState(0, issue.StatusKind.VOIDED, at.date())
    published = issue.publish_list(
        [state], bundle=bundle, list_id=1, coverage=1, previous=None, signer=signer, at=at
    )
    assert_type(published, issue.SignedList)
    assert_type(published.delta, bytes | None)


def tables() -> None:
    assert_type(issue.status_reasons(), Mapping[str, issue.StatusReason])
    assert_type(issue.status_labels(), Mapping[issue.StatusKind, issue.StatusLabel])
    assert_type(issue.next_states(issue.StatusKind.VALID), frozenset[issue.StatusKind])


def misspells() -> None:
    issue.publish_lst()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def values(bundle: issue.Bundle, done: issue.SignedList, found: issue.Finding) -> None:
    assert_type(bundle.segments, tuple[issue.Segment, ...])
    assert_type(done.content, issue.StatusList)
    assert_type(found.severity, issue.Severity)


def choices() -> tuple[type, ...]:
    return (issue.Level, issue.Sex, issue.PartialDate)


def kinds() -> tuple[type[issue.EtitleError], ...]:
    return (
        issue.FieldError,
        issue.ImageError,
        issue.IssueError,
        issue.SignerError,
        issue.TrustError,
    )


def stamps(client: issue.TsaClient) -> issue.TimestampAuthority:
    return client
