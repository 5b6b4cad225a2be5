"""Token vectors: from a case to its stages and its expected verdict.

The cases are in ``people`` (certificates), ``genuine``, ``judged`` and ``hostile``.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from tests.vectors.make.people import plain, to_json
from tests.vectors.make.shop import BASE, Json, Shop, WrongVectorError, shows, signed_token
from tests.vectors.make.worlds import AT, load_world

from etitle import cose
from etitle.certificate.commitment import format_opening
from etitle.certificate.model import Certificate
from etitle.report.rows import authority_json
from etitle.token import text
from etitle.verdict import Judged, Verdict
from etitle.verify.question import DEFAULT_GRACE_S, DEFAULT_MAX_AGE_S, Holder, Policy, Question
from etitle.verify.token import verify_token


@dataclass(frozen=True, kw_only=True)
class Case:
    """One token vector before it is made.

    Attributes:
        name: unique.
        zh: what it shows.
        en: the same.
        expects: the summary, then check.reason of what it is there for; the maker insists on them.
        certificate: signed as it is; None where ``token`` or ``text`` is given.
        token: a token made otherwise.
        framed: a frame made otherwise.
        text: a code text made otherwise.
        envelope: a COSE_Sign1 as bytes, judged without a code text.
        signer: label of the key.
        authority: id of the authority that signs.
        world: name of the world.
        at: the time of the verdict.
        grace_s: the policy.
        max_age_s: the policy.
        holder: the person demanded.
        require: what the policy requires to be judged.
        examples: whether the policy takes examples.
        opened: the certificate's opening, where it has one.
    """

    name: str
    zh: str
    en: str
    expects: tuple[str, ...]
    certificate: Certificate | None = None
    token: cose.Sign1 | None = None
    framed: bytes | None = None
    text: str | None = None
    envelope: bytes | None = None
    signer: str = "token"
    authority: str = "sample"
    world: str = "plain"
    at: datetime.datetime = AT
    grace_s: int = DEFAULT_GRACE_S
    max_age_s: int = DEFAULT_MAX_AGE_S
    holder: Holder | None = None
    require: Judged = Judged.CODE
    examples: bool = True
    opened: bytes | None = None


def stolen_token() -> cose.Sign1:
    """The token that the rescue list vouches for."""
    return signed_token(plain(), "stolen")


def make(case: Case, *, shop: Shop, trust_json: Json) -> Json:
    """One vector.

    Raises:
        WrongVectorError: the verdict is not the one that the case names.
    """
    token, stages, code = case.token, dict[str, object](), case.text
    if case.certificate is not None:
        token = signed_token(case.certificate, case.signer, authority=case.authority)
    if token is not None and case.framed is None:
        stages = shop.token_stages(token, authority=case.authority)
        code = str(stages["text"])
    if case.framed is not None:
        stages = {"frame": case.framed.hex(), "text": text.to_url(case.framed, base=BASE)}
        code = str(stages["text"])
    if case.envelope is not None:
        stages = {"cose_sign1": case.envelope.hex()}
    judged = case.envelope or code
    if judged is None:
        raise WrongVectorError(case.name, "nothing to judge")
    trust, lists = load_world(trust_json, case.world)
    verdict = verify_token(
        judged, Question(trust=trust, lists=lists, at=case.at,
        policy=Policy(grace_s=case.grace_s, max_age_s=case.max_age_s, require=case.require,
        examples=case.examples),
        holder=case.holder),
    )  # fmt: skip
    expected = expectation(verdict)
    insist(case.name, case.expects, expected)
    return {
        "name": case.name,
        "shows": shows(case.zh, case.en),
        "certificate": None if case.certificate is None else to_json(case.certificate),
        "opening": None
        if case.opened is None
        else {"bytes": case.opened.hex(), "printed": format_opening(case.opened)},
        "signer": case.signer if token is not None else None,
        "authority": case.authority if token is not None else None,
        "stages": stages,
        "code": code,
        "world": case.world,
        "at": case.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "grace_s": case.grace_s,
        "max_age_s": case.max_age_s,
        "examples": case.examples,
        "holder": None if case.holder is None else holder_json(case.holder),
        **required(case.require),
        "expected": expected,
    }


def required(require: Judged) -> Json:
    """The vector's entry, where documents are required."""
    return {} if require is Judged.CODE else {"require": str(require)}


def holder_json(holder: Holder) -> Json:
    """A demanded holder as the vectors show it."""
    return {
        "number": holder.number,
        "opening": format_opening(holder.opening)
        if isinstance(holder.opening, bytes)
        else holder.opening,
        "nationality": holder.nationality,
    }


def expectation(verdict: Verdict) -> Json:
    """A verdict as the vectors show it; details of checks are for people and left out."""
    standing = verdict.standing
    return {
        "judged": str(verdict.judged),
        "summary": str(verdict.summary),
        "authenticity": str(verdict.authenticity),
        "standing": str(standing.state),
        "since": None if standing.since is None else standing.since.isoformat(),
        "successor": standing.successor,
        "list_age_s": verdict.list_age_s,
        "authority": authority_json(verdict.authority),
        "example": verdict.example,
        "checks": [
            {"id": str(c.id), "outcome": str(c.outcome), "reason": str(c.reason)}
            for c in verdict.checks
        ],
    }


def insist(name: str, expects: tuple[str, ...], expected: Json) -> None:
    """Refuse a vector whose verdict is not what its author meant."""
    found = {f"{check['id']}.{check['reason']}" for check in expected["checks"]}
    summary, *pairs = expects
    missing = [pair for pair in pairs if pair not in found]
    if expected["summary"] != summary or missing:
        raise WrongVectorError(name, expected["summary"], missing)
