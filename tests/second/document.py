"""Clause 9.7 as a stranger reads it: a signed document to a verdict, from the specification alone.

Imports nothing of etitle; the CMS is read in ``sealing``, the file in ``leaf``, what
follows it in ``revising``.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any, TypeAlias

from tests.second import archive, verifier
from tests.second.bundles import naming
from tests.second.cms import (
    OIDS,
    NotWholeError,
    Statement,
    cms_of,
    hole_of,
    is_chain,
    range_at,
    read_cms,
    read_time,
    verifies,
)
from tests.second.encoding import RefusedError, need
from tests.second.payload import read_opening
from tests.second.pdf import File
from tests.second.verifier import STANDING, World

CHECKS = (
    "byte_range",
    "signer_certificate",
    "document_signature",
    "structure",
    "archive",
    "signing_time",
    "agreement",
)
Entry: TypeAlias = Any
"""A decoded map of a bundle, or an authority of a world."""


Found: TypeAlias = "dict[str, tuple[str, str]]"


def judge(  # what a vector gives
    pdf: bytes,
    *,
    world: World,
    at: str,
    grace_s: int,
    tsas: set[bytes],
    archival: bool,
    holder: Entry,
    examples: bool,
) -> dict[str, Any]:
    """Clauses 8 and 9.7: the verdict as the vectors write it."""
    found: Found = {}
    given: dict[str, Any] = {"at": at, "grace_s": grace_s, "holder": holder, "examples": examples}
    try:
        token, entries, moment = _document(pdf, world, at, tsas, found, archival=archival)
    except RefusedError:
        return _answer(found, _nothing(given), None)
    if token is None:
        return _answer(found, _nothing(given), entries[0][1])
    sheet, opening, sealed_s = token
    if holder is not None and opening is not None and is_opening(opening):
        given["holder"] = {**holder, "opening": opening.decode()}
    judged = [(verifier.judge(sheet, world=[anchor], **given), item, anchor)
              for item, anchor in entries]  # fmt: skip
    agreed = [one for one in judged if one[0][0]["authority"]]
    now = int(datetime.datetime.fromisoformat(at).timestamp())
    answers = [_period(item, sealed_s, now, moment) for _, item, _ in agreed or judged]
    found["signing_time"] = min(answers, key=lambda one: ("fail", "unknown", "pass").index(one[0]))
    if agreed:
        order = ("INVALID", "NOT_IN_FORCE", "INDETERMINATE", "VALID")
        (verdict, claimed), _, anchor = min(
            agreed, key=lambda one: order.index(one[0][0]["summary"])
        )
        if claimed is not None:
            found["agreement"] = _opening(claimed, opening)
            within = all(verifier.covers(item, anchor, claimed) for _, item, anchor in agreed)
            if found["agreement"][0] == "pass" and not within:
                found["agreement"] = ("fail", "outside_scope")
    else:
        (verdict, claimed), anchor = verifier.judge(sheet, world=world, **given), entries[0][1]
        if verdict["authority"]:
            found["agreement"] = ("fail", "authority_mismatch")
    if moment is not None:
        _timed(verdict, sheet, world, moment)
    return _answer(found, verdict, anchor)


def is_opening(data: bytes) -> bool:
    """Clause 9.5: the printed form without hyphens, and nothing else."""
    if not re.fullmatch(rb"[0-9A-HJKMNP-TV-Z]{17}", data):
        return False
    try:
        read_opening(data.decode())
    except RefusedError:
        return False
    return True


def _opening(claimed: dict[str, Any], opening: bytes | None) -> tuple[str, str]:
    masked = claimed["identity"] is not None and claimed["identity"]["commitment"] is not None
    right = opening is not None and is_opening(opening)
    fits = right if masked else opening is None
    return ("pass", "ok") if fits else ("fail", "opening_mismatch")


def _document(  # as above
    pdf: bytes, world: World, at: str, tsas: set[bytes], found: Found, *, archival: bool
) -> tuple[tuple[bytes, bytes | None, int] | None, list[Any], int | None]:
    """Steps 1 to 5; whatever ends them is a refusal."""
    original, revisions = _whole(pdf, world, found, archival=archival)
    start, end, statement = _seal(original, world, found)
    entries = [(item, anchor) for anchor in world for _, item in anchor[0][7]
               if item[2] == statement.signer]  # fmt: skip
    suited = [one for one in entries if 3 in one[0][3]]
    if not entries:
        newer = statement.signer in _newer(world)
        found["signer_certificate"] = ("unknown", "suite_unknown" if newer else "seal_unknown")
    else:
        found["signer_certificate"] = ("fail", "use_wrong")
    need(suited)
    found["signer_certificate"] = ("pass", "ok")
    moment = _imprint(original[:start] + original[end:], statement, found)
    try:
        file = File(original, start, end)
        sealed_s, files = file.sealed_s(), file.files()
    except RefusedError:
        found["structure"] = ("fail", "document_malformed")
        return None, suited, None
    if "token.cose" not in files:
        found["structure"] = ("unknown", "token_missing")
        return None, suited, None
    found["structure"] = ("pass", "ok")
    proofs = [moment[0]] if moment is not None and moment[1] in tsas else []
    now = int(datetime.datetime.fromisoformat(at).timestamp())
    if revisions:
        found["archive"], archived = archive.judge(pdf, revisions, now, tsas)
        proofs += [archived] if archived is not None else []
    token = files["token.cose"], files.get("opening.txt"), sealed_s
    return token, suited, min(proofs) if proofs else None


def _whole(
    pdf: bytes, world: World, found: Found, *, archival: bool
) -> tuple[bytes, list[archive.Revision]]:
    """Step 1: what the later steps judge, and the revisions that `archive` is asked of."""
    passed, space = ("pass", "ok"), _space(pdf)
    if space:
        pdf, passed = pdf[:-space], ("pass", "trailing_space")
    try:
        hole_of(pdf)
    except NotWholeError:
        pass
    else:
        found["byte_range"] = passed
        return pdf, []
    try:
        original, revisions = archive.split(pdf)
    except RefusedError:
        _damaged(pdf + b" " * space, world, found)
        raise
    if not archival:
        found["byte_range"] = ("unknown", "archived")
        return original, []
    found["byte_range"], found["archive"] = passed, ("unknown", "not_checked")
    return original, revisions


def _range(pdf: bytes, at: int) -> int:
    """Where the byte range ends that is written at a place; of none in the form of 9.2, the end."""
    try:
        _, second, rest = range_at(pdf, at)
    except RefusedError:
        return len(pdf)
    return second + rest


def _space(pdf: bytes) -> int:
    """Clause 9.7.3: how many bytes of white space are left out."""
    space = pdf[_range(pdf, pdf.rfind(b"/ByteRange")) :]
    return len(space) if len(space) <= 1024 and set(space) <= set(b"\0\t\n\f\r ") else 0


def _damaged(pdf: bytes, world: World, found: Found) -> None:
    """Clause 9.7.3: the first reason that applies."""
    seals = [item[2] for anchor in world for _, item in anchor[0][7] if item[2] is not None]
    digits = [run.lower() for run in re.findall(rb"[0-9A-Fa-f]{512,}", pdf)]
    digits += [_unescaped(inside).hex().encode() for inside in _strings(pdf) if len(inside) > 255]
    ours = {run for run in digits if any(seal.hex().encode() in run for seal in seals)}
    end = _range(pdf, pdf.find(b"/ByteRange"))
    reason = "changed"
    if re.search(rb"/Encrypt(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)", pdf):
        reason = "protected"
    elif b"%%EOF" not in pdf.rstrip(b"\0\t\n\f\r ")[-1024:] or _is_short(pdf, end):
        reason = "cut_short"
    elif len(ours) > 1 or (pdf.count(b"/ByteRange") > 1 and pdf.count(b"%PDF-") > 1):
        reason = "joined"
    else:
        try:
            hole_of(pdf[:end])
            reason = "saved_again"
        except NotWholeError:
            pass
    if ours:
        found["byte_range"] = ("fail", reason)
    elif reason in ("protected", "cut_short") or not digits:
        found["byte_range"] = ("unknown", "signature_unreadable")
    else:
        found["signer_certificate"] = ("unknown", "seal_unknown")


def _strings(pdf: bytes) -> list[bytes]:
    """Clause 9.7.3: literal strings that begin with a zero, with escaped parentheses alone."""
    found, at = [], pdf.find(b"(0")
    while at >= 0:
        end = at + 1
        while end < len(pdf) and pdf[end : end + 1] not in {b"(", b")"}:
            end += 2 if pdf[end : end + 1] == b"\\" else 1
        if pdf[end : end + 1] == b")":
            found.append(pdf[at + 1 : end])
        at = pdf.find(b"(0", end)
    return found


def _unescaped(inside: bytes) -> bytes:
    """ISO 32000-1 table 3."""
    made, at = bytearray(), 0
    while at < len(inside):
        one = inside[at : at + 1]
        at += 1
        if one != b"\\":
            made += one
            continue
        octal = re.match(rb"[0-7]{1,3}", inside[at : at + 3])
        if octal:
            made.append(int(octal[0], 8) % 256)
            at += octal.end()
            continue
        line_end = inside[at : at + 2] == b"\r\n"
        one = inside[at : at + 1]
        letters = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
        made += b"" if one in {b"\r", b"\n"} else letters.get(one, one)
        at += 2 if line_end else 1
    return bytes(made)


def _is_short(pdf: bytes, end: int) -> bool:
    """Clause 9.7.3: the byte range ends behind the file, and its hole is where it says."""
    if end <= len(pdf):
        return False
    a, b, _ = range_at(pdf, pdf.find(b"/ByteRange"))
    return pdf[a : a + 1] == b"<" and pdf[b - 1 : b] == b">"


def _seal(pdf: bytes, world: World, found: Found) -> tuple[int, int, Statement]:
    """Step 2, as far as the CMS."""
    seals = [item[2] for anchor in world for _, item in anchor[0][7] if item[2] is not None]
    start, end, content = hole_of(pdf)
    try:
        statement = read_cms(cms_of(content), "data", 1)
        demanded = {OIDS["content type"], OIDS["digest"], OIDS["ess v2"]}
        need(statement.content is None and statement.kinds - {OIDS["protection"]} == demanded)
        need(statement.hash == ("sha512" if statement.kind in ("ed", "ml") else "sha256"))
    except RefusedError:
        if any(seal in content for seal in seals):
            found["signer_certificate"], found["document_signature"] = (
                ("pass", "ok"),
                ("fail", "cms_malformed"),
            )
        else:
            newer = any(seal in content for seal in _newer(world))
            found["signer_certificate"] = ("unknown", "suite_unknown" if newer else "seal_unknown")
        raise
    return start, end, statement


def _newer(world: World) -> list[bytes]:
    """Clause 5.12: the certificates of keys of unknown suites, beside those that are none."""
    return [seal for anchor in world for seal in anchor[0][-2]]


def _imprint(covered: bytes, one: Statement, found: Found) -> tuple[int, bytes] | None:
    """Step 3, in its order."""
    reason = ""
    if hashlib.new(one.hash, covered).digest() != one.digest:
        reason = "signature_bad"
    elif not is_chain(one.signer, one.others, to_root=True):
        reason = "cms_malformed"
    elif not verifies(one):
        reason = "signature_bad"
    if reason:
        found["document_signature"] = ("fail", reason)
        raise RefusedError
    found["document_signature"] = ("pass", "ok")
    if one.stamp is None:
        return None
    try:
        return read_time(one.stamp, one.signature)
    except RefusedError:
        found["document_signature"] = ("fail", "timestamp_bad")
        raise


def _period(item: Entry, sealed_s: int, now: int, trusted: int | None) -> tuple[str, str]:
    """Clause 9.8."""
    day = verifier.china_day(sealed_s)
    if day < item[4] or (item[5] is not None and day > item[5]):
        return "fail", "sealed_outside_window"
    if sealed_s > now + 300:
        return "unknown", "sealed_in_future"
    state, since = item[6][-1]
    if state != 3:
        return "pass", "ok"
    timely = trusted is not None and trusted < since
    return ("pass", "timestamped") if timely else ("unknown", "compromised")


def _timed(verdict: dict[str, Any], token: bytes, world: World, moment: int) -> None:
    """Clause 9.8: a time-stamp answers for the token within too."""
    for check in verdict["checks"]:
        if check["reason"] == "compromised":
            hinted = verifier.signers(token, world)
            if all(moment < item[6][-1][1] for item in hinted):
                check.update(outcome="pass", reason="timestamped")


def _nothing(given: dict[str, Any]) -> dict[str, Any]:
    """The verdict on a token that nobody looked at."""
    verdict, _ = verifier.judge(b"", world=[], **given)
    for check in verdict["checks"]:
        check.update(outcome="unknown", reason="not_checked")
    return verdict


def _answer(found: Found, verdict: dict[str, Any], anchor: Entry) -> dict[str, Any]:
    """Clauses 8.1 and 8.2 over all checks."""
    names = [name for name in CHECKS if name != "archive" or name in found]
    before = [(name, *found.get(name, ("unknown", "not_checked"))) for name in names]
    checks = [{"id": i, "outcome": o, "reason": r} for i, o, r in before] + verdict["checks"]
    about = [c["outcome"] for c in checks if c["id"] not in STANDING and c["id"] != "holder"]
    authenticity = "unknown" if "unknown" in about else "authentic"
    authenticity = "not_authentic" if "fail" in about else authenticity
    outcomes = {c["outcome"] for c in checks}
    state = verdict["standing"]
    if "fail" in outcomes:
        summary = "INVALID"
    elif not verifier.for_time_alone([(c["id"], c["outcome"], c["reason"]) for c in checks]):
        summary = "INDETERMINATE"
    elif state not in ("in_force", "unknown"):
        summary = "NOT_IN_FORCE"
    else:
        summary = "VALID" if outcomes == {"pass"} else "INDETERMINATE"
    named = anchor[0] if anchor is not None else None
    return verdict | {
        "judged": "document", "summary": summary, "authenticity": authenticity, "checks": checks,
        "authority": verdict["authority"] or (naming(named) if named else None),
        "example": verdict["example"] or bool(named and named[5]),
    }  # fmt: skip
