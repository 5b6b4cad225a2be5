"""The public names as a type checker sees them: read by mypy and pyright (`make types`), never run.

A line marked ``type: ignore`` must stay an error: mypy complains about marks that hide nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import etitle
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import Identity
from etitle.cose import Sign1
from etitle.keys.suite import Suite
from etitle.trust.published import Bundle


def verifies(code: str, data: bytes, store: etitle.Store, at: datetime.datetime) -> None:
    trust, lists = store.load()
    assert_type(trust, etitle.Trust)
    assert_type(lists, etitle.Lists)
    assert_type(etitle.Store(Path("trust")), etitle.Store)
    assert_type(etitle.Store.init("trust", data, pin="", at=at), etitle.Store)

    question = etitle.Question(trust=trust, lists=lists, at=at)
    assert_type(question.at_s, int)
    assert_type(question.holder, etitle.Holder | None)
    policy = etitle.Policy(
        require=etitle.Judged.DOCUMENT, grace_s=0, tsas=frozenset({data}), archival=True
    )
    holder = etitle.Holder(number="", opening=None, nationality=None)
    etitle.Question(trust=trust, lists=lists, at=at, policy=policy, holder=holder)

    assert_type(etitle.verify_token(code, question), etitle.Verdict)
    assert_type(etitle.verify_token(data, question), etitle.Verdict)
    assert_type(etitle.verify_holder(etitle.verify_token(code, question), holder), etitle.Verdict)
    assert_type(etitle.verify_image(data, question), etitle.Verdict)
    assert_type(etitle.verify_document(data, question), etitle.Verdict)
    several = etitle.verify_bytes(data, question)
    assert_type(several, Iterator[etitle.Part])


def demands_what_it_needs(code: str, trust: etitle.Trust, lists: etitle.Lists) -> None:
    at = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
    etitle.Question(lists=lists, at=at)  # type: ignore[call-arg]  # trust
    etitle.Question(trust=trust, at=at)  # type: ignore[call-arg]  # lists
    etitle.Question(trust=trust, lists=lists)  # type: ignore[call-arg]  # time
    etitle.Question(trust, lists, at)  # type: ignore[call-arg]  # by name
    etitle.verify_token(code)  # type: ignore[call-arg]  # a question
    question = etitle.Question(trust=trust, lists=lists, at=at)
    etitle.verify_image(code, question)  # type: ignore[arg-type]  # a file's bytes
    question.at = at  # type: ignore[misc]  # nobody changes a question


def answers(verdict: etitle.Verdict) -> None:
    assert_type(verdict.summary, etitle.Summary)
    assert_type(verdict.judged, etitle.Judged)
    assert_type(verdict.authenticity, etitle.Authenticity)
    assert_type(verdict.standing, etitle.Standing)
    assert_type(verdict.standing.state, etitle.State)
    assert_type(verdict.standing.since, datetime.date | None)
    assert_type(verdict.standing.successor, str | None)
    assert_type(verdict.at_s, int)
    assert_type(verdict.list_age_s, int | None)
    assert_type(verdict.authority, etitle.VerdictAuthority | None)
    assert_type(verdict.example, bool)
    assert_type(verdict.claimed, etitle.Certificate | None)
    assert_type(verdict.require(), etitle.Certificate)
    assert_type(verdict.checks, tuple[etitle.Check, ...])
    for check in verdict.checks:
        assert_type(check.id, etitle.CheckId)
        assert_type(check.outcome, etitle.Outcome)
        assert_type(check.reason, etitle.Reason)
        assert_type(check.explain("zh"), tuple[str, str])
        check.explain("fr")  # type: ignore[arg-type]
    verdict.example = False  # type: ignore[misc]  # nobody changes a verdict


def describes(certificate: etitle.Certificate) -> None:
    assert_type(certificate.number, str)
    assert_type(certificate.identity, Identity | None)
    assert_type(certificate.qualified, PartialDate)
    assert_type(certificate.issued, datetime.date)
    assert_type(certificate.supersedes, str | None)
    assert_type(certificate.index, int)


def issues(certificate: etitle.Certificate, suite: Suite, password: bytes) -> None:
    signer = etitle.open_signer("file:key.pem", password=lambda: password)
    assert_type(signer, etitle.Signer)
    assert_type(signer.public, etitle.PublicKey)
    assert_type(signer.public.thumbprint, bytes)
    assert_type(signer.sign(b""), bytes)
    made: etitle.Signer = etitle.generate(suite)
    token = etitle.sign(certificate, signer=made, authority_id="sample")
    assert_type(token, Sign1)
    frame = etitle.pack(token)
    assert_type(frame, bytes)
    assert_type(etitle.unpack(frame), Sign1)
    assert_type(etitle.to_url(frame, base="https://zc.sample.cn/v"), str)
    assert_type(etitle.to_base45(frame), str)
    assert_type(etitle.to_frame(""), bytes)
    payload = etitle.encode_payload(certificate)
    assert_type(payload, bytes)
    assert_type(etitle.decode_payload(payload), etitle.Certificate)


def misspells() -> None:
    library = etitle  # the names of this file that are misspelt are no public ones
    library.verify_tokn("")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def updates(store: etitle.Store, files: list[tuple[str, bytes]], at: datetime.datetime) -> None:
    report = store.update(files, at=at)
    assert_type(report, etitle.UpdateReport)
    assert_type(report.read, int)
    store.remove("sample")
    store.update(files, at=0)  # type: ignore[arg-type]  # a time with a time zone
    assert_type(etitle.Store.init("trust", [b""], pin=b"", at=at), etitle.Store)


def values(certificate: etitle.Certificate, bundle: Bundle, held: etitle.StatusList) -> None:
    assert_type(certificate.sex, etitle.Sex)
    assert_type(certificate.level, etitle.Level)
    assert_type(certificate.qualified, etitle.PartialDate)
    assert_type(bundle.segments, tuple[etitle.Segment, ...])
    assert_type(held.sequence, int)


def kinds() -> tuple[type[etitle.EtitleError], ...]:
    return (
        etitle.DecodeError,
        etitle.FieldError,
        etitle.ImageError,
        etitle.NotValidError,
        etitle.SignerError,
        etitle.StoreError,
        etitle.TrustError,
    )


def fails(error: etitle.EtitleError) -> None:
    assert_type(error.code, str)
    assert_type(error.details, dict[str, object])
    assert_type(error.what("zh"), str)
    assert_type(error.next("en"), str)
    assert_type(error.show("en"), str)
    raise error
