"""A verifier written from docs/spec alone: the proof that the pages suffice.

It imports nothing of etitle, here and in ``spelling``, ``content``, ``bundling`` and ``listing``.
It is slow and plain on purpose: each function cites the clause that it follows.
"""

from __future__ import annotations

import datetime
import re
from hashlib import sha256
from typing import Any, Final

from tests.second.bundles import Bundle, first_bundle, naming, read_rescue
from tests.second.encoding import (
    Item,
    Key,
    NewerError,
    RefusedError,
    encode,
    is_one_form,
    need,
    sign1,
)
from tests.second.lists import ListKey, StatusList, read_list
from tests.second.payload import day, judge_holder, read_payload
from tests.second.texts import ReasonError, read_frame, read_text

# -- clauses 7 and 8 -------------------------------------------------------------------------------

World = list[tuple[Bundle, list[tuple[bytes, set[bytes]]], int, list[StatusList]]]
"""Each authority: bundle, rescue lists, latest time seen, lists."""

ORDER: Final = (
    "read", "frame", "payload", "signer", "signature", "use", "window", "compromise", "segment",
    "bundle", "holder", "list", "freshness", "coverage", "standing",
)  # fmt: skip
STANDING: Final = ORDER[-4:]
TIME_ALONE: Final = {
    ("bundle", "bundle_expired"), ("bundle", "clock_behind"), ("window", "issued_in_future"),
    ("signing_time", "sealed_in_future"), ("archive", "archived_in_future"),
}  # fmt: skip
STATES: Final = (
    "in_force", "voided", "withdrawn", "cancelled", "other", "suspended", "superseded"
)  # fmt: skip


def load_world(trust: dict[str, Any], name: str) -> World:
    """A world of trust.json; what is not signed as it must be is refused."""
    world: World = []
    for item in trust["worlds"][name]:
        entry = trust["bundles"][item["bundle"]]
        bundle = first_bundle(bytes.fromhex(entry["cose_sign"]), bytes.fromhex(entry["pin"]))
        rescues = [
            read_rescue(bytes.fromhex(trust["rescues"][one]), bundle) for one in item["rescues"]
        ]
        lists = [
            read_list(bytes.fromhex(trust["lists"][one]), bundle[1][1], list_keys(bundle))
            for one in item["lists"]
        ]
        world.append((bundle, rescues, item["latest_time_s"], lists))
    return world


def list_keys(bundle: Bundle) -> list[ListKey]:
    """Clauses 5.6 and 6.11: the keys that may sign lists and are not compromised."""
    return [
        (key, item[4], item[5], item[6])
        for key, item in bundle[7]
        if 2 in item[3] and item[6][-1][0] != 3
    ]


def signed_for(anchor: Item, data: bytes) -> bytes:
    """Clause 3.4.1: the Sig_structure of a token of this authority."""
    return sign1(data, encode(["etitle-token-1", anchor[0][1][1]]))[3]


def signers(data: bytes, world: World) -> list[Item]:
    """The bundles' entries of the keys under which a token verifies (3.4.3)."""
    signature = sign1(data)[2]
    return [item for anchor in world for key, item in anchor[0][7]
            if key.alg and key.is_signature(signature, signed_for(anchor, data))]  # fmt: skip


class _Judge:
    """The checks of one token, in order."""

    def __init__(
        self,
        world: World,
        at: int,
        *,
        grace_s: int,
        holder: dict[str, Any] | None,
        max_age_s: int,
        require: str,
        examples: bool,
    ) -> None:
        self.require, self.examples = require, examples
        self.world, self.at, self.grace_s, self.holder = world, at, grace_s, holder
        self.max_age_s = max_age_s
        self.found: dict[str, tuple[str, str]] = {}
        self.standing: dict[str, Any] = {"standing": "unknown", "since": None, "successor": None}
        self.age: int | None = None
        self.bundle: Bundle | None = None
        self.claimed: dict[str, Any] | None = None

    def say(self, check: str, outcome: str, reason: str) -> None:
        self.found[check] = (outcome, reason)

    def run(self, code: str | bytes) -> None:
        """Everything that can be asked."""
        try:
            data = self._expand(code)
            header, payload, signature = self._token(data)
        except ReasonError as error:
            self.say(*error.found)
            return
        self.say("frame", "pass", "ok")
        try:
            self.claimed = read_payload(payload)
            self.say("payload", "pass", "ok")
        except NewerError:
            self.say("payload", "unknown", "version_unknown")
        except RefusedError:
            self.say("payload", "fail", "payload_malformed")
        self._signer(header, signature, data)

    def _expand(self, code: str | bytes) -> bytes:
        if isinstance(code, bytes):
            if code[:1] != b"\xd2":
                raise ReasonError("read", "unknown", "not_ours")
            self.say("read", "pass", "ok")
            if len(code) > 2048:
                raise ReasonError("frame", "fail", "frame_malformed")
            return code
        kids = {key.thumbprint[:4] for anchor in self.world for key, _ in anchor[0][7] if key.alg}
        frame = read_text(code, kids.__contains__)
        self.say("read", "pass", "ok")
        return read_frame(frame)

    def _token(self, data: bytes) -> tuple[dict[int, Any], bytes, bytes]:
        try:
            header, *rest = sign1(data)
            if header[1] in (-9, -19):
                need(header.keys() == {1, 4} and len(header[4]) == 4)
        except RefusedError:
            raise ReasonError("frame", "fail", "frame_malformed") from None
        if header[1] not in (-9, -19):
            raise ReasonError("frame", "unknown", "format_unknown")
        return header, rest[0], rest[1]

    def _signer(self, header: dict[int, Any], signature: bytes, data: bytes) -> None:
        """Clauses 3.3 and 3.4.3."""
        hinted = [
            (key, item, anchor)
            for anchor in self.world
            for key, item in anchor[0][7]
            if key.thumbprint[:4] == header[4] and key.alg  # 3.2.2: none of documents alone
        ]
        suited = [one for one in hinted if one[0].alg == header[1]]
        if not hinted:
            self.say("signer", "unknown", "signer_unknown")
        elif not suited:
            self.say("signer", "fail", "suite_mismatch")
        else:
            self.say("signer", "pass", "ok")
            if not is_one_form(header[1], signature):
                self.say("signature", "fail", "signature_second_form")
                return
            right = [one for one in suited
                     if one[0].is_signature(signature, signed_for(one[2], data))]  # fmt: skip
            if not right:
                self.say("signature", "fail", "signature_bad")
                return
            self.say("signature", "pass", "ok")
            self._authority(*right[0], signed_for(right[0][2], data))

    def _authority(self, key: Key, item: Item, anchor: Item, signed: bytes) -> None:
        """Clauses 5.6 to 5.10."""
        bundle, rescues, latest, lists = anchor
        self.bundle = bundle
        self.say("use", *(("pass", "ok") if 1 in item[3] else ("fail", "use_wrong")))
        if item[6][-1][0] != 3:
            self.say("compromise", "pass", "ok")
        elif any(p == key.thumbprint and sha256(signed).digest()[:16] in d for p, d in rescues):
            self.say("compromise", "pass", "rescued")
        else:
            self.say("compromise", "unknown", "compromised")
        refused = bundle[5] and not self.examples  # 5.9
        fresh = self._fresh(bundle[3], bundle[4], latest, "bundle_")
        self.say("bundle", *(("unknown", "example") if refused else fresh))
        if self.claimed is None:
            return
        issued = day_number(self.claimed["issued"])
        if issued < item[4] or (item[5] is not None and issued > item[5]):
            self.say("window", "fail", "outside_window")
        elif issued > china_day(self.at):
            self.say("window", "unknown", "issued_in_future")
        else:
            self.say("window", "pass", "ok")
        self.say("segment", *self._segment(bundle[8], issued, item.get(9)))
        if self.holder is not None:
            self.say("holder", *judge_holder(self.claimed["identity"], self.holder))
        self._standing(bundle, latest, lists, issued)

    def _fresh(self, issued_s: int, expires_s: int, latest: int, prefix: str) -> tuple[str, str]:
        """Clause 7.4."""
        if self.at < issued_s - 300 or self.at < latest - 300:
            return "unknown", "clock_behind"
        if self.at <= expires_s:
            return "pass", "ok"
        stale = self.at <= expires_s + self.grace_s
        return ("pass", f"{prefix}stale") if stale else ("unknown", f"{prefix}expired")

    def _segment(self, segments: list[Any], issued: int, scope: Item) -> tuple[str, str]:
        """Clause 5.7."""
        assert self.claimed is not None
        deciding = segments_of(self.claimed, segments, issued)
        body = (self.claimed["approving_body"], self.claimed["body_level"])
        if segments and not deciding:
            return "fail", "outside_segment"
        if segments and not any((s[5], s[6]) == body for s in deciding):
            return "fail", "body_mismatch"
        if not in_scope(scope, self.claimed, deciding):
            return "fail", "outside_scope"
        return ("pass", "ok") if segments else ("unknown", "no_segments")

    def _standing(self, bundle: Bundle, latest: int, lists: list[StatusList], issued: int) -> None:
        """Clauses 6.2, 7.4 to 7.6."""
        assert self.claimed is not None
        index = self.claimed["index"]
        held = next((one for one in lists if one.list_id == self.claimed["list_id"]), None)
        self.say("standing", "unknown", "standing_unknown")
        if held is None:
            self.say("list", "unknown", "list_missing")
            return
        self.age = self.at - held.issued_s
        named = any(
            entry[1] == held.list_id and entry[2] == held.epoch and entry[3] <= held.sequence
            for entry in bundle[9]
        )
        self.say("list", *(("pass", "ok") if named else ("unknown", "list_unknown")))
        fresh = self._fresh(held.issued_s, held.expires_s, latest, "")
        if fresh[1] != "clock_behind" and self.at > held.issued_s + self.max_age_s:
            fresh = "unknown", "expired"
        self.say("freshness", *fresh)
        if index >= held.coverage:
            self.say("coverage", "unknown", "beyond_coverage")
            return
        newer = issued > china_day(held.issued_s)
        self.say("coverage", *(("unknown", "newer_than_list") if newer else ("pass", "ok")))
        entry = held.look_up(index)
        passed = all(self.found[check][0] == "pass" for check in STANDING[:3])
        copy = self.claimed["copy"]
        if not entry["kind"] and passed and copy and self._is_past(copy["expires"]):
            self.say("standing", "unknown", "copy_expired")
        elif entry["kind"] or passed:
            state = STATES[entry["kind"]]
            since = None if entry["day"] is None else day(entry["day"]).isoformat()
            self.standing = {"standing": state, "since": since, "successor": entry["successor"]}
            self.say("standing", "pass", state)

    def _is_past(self, last: str) -> bool:
        """Clause 2.6.3."""
        return china_day(self.at) > day_number(last)

    def answer(self) -> dict[str, Any]:
        """Clauses 8.1 and 8.2."""
        wanted = [check for check in ORDER if check != "holder" or self.holder is not None]
        checks = [(c, *self.found.get(c, ("unknown", "not_checked"))) for c in wanted]
        if self.require == "document":  # 8.3
            checks.insert(0, ("structure", "unknown", "page_not_judged"))
        outcomes = [one[1] for one in checks]
        about = [o for c, o, _ in checks if c not in STANDING and c != "holder"]
        authenticity = "unknown" if "unknown" in about else "authentic"
        authenticity = "not_authentic" if "fail" in about else authenticity
        state = self.standing["standing"]
        if "fail" in outcomes:
            summary = "INVALID"
        elif not for_time_alone(checks):
            summary = "INDETERMINATE"
        elif state not in ("in_force", "unknown"):
            summary = "NOT_IN_FORCE"
        else:
            summary = "VALID" if set(outcomes) == {"pass"} else "INDETERMINATE"
        return {
            "judged": "code", "summary": summary, "authenticity": authenticity, **self.standing,
            "list_age_s": self.age,
            "authority": naming(self.bundle) if self.bundle else None,
            "example": bool(self.bundle and self.bundle[5]),
            "checks": [{"id": c, "outcome": o, "reason": r} for c, o, r in checks],
        }  # fmt: skip


def for_time_alone(checks: list[tuple[str, str, str]]) -> bool:
    """Clause 8.2.1."""
    return all(
        outcome == "pass" or (check, reason) in TIME_ALONE
        for check, outcome, reason in checks
        if check not in STANDING and check != "holder"
    )


def segments_of(claimed: dict[str, Any], segments: list[Any], issued: int) -> list[Any]:
    """Clause 5.7: which segments a number is of."""
    fitting = [s for s in segments if _fits(s, claimed["number"])
               and s[7] <= issued and (s[8] is None or issued <= s[8])]  # fmt: skip
    exact = [s for s in fitting if s[2]]
    longest = max((len(s[1]) for s in fitting), default=None)
    return exact or [s for s in fitting if len(s[1]) == longest]


def covers(item: Item, anchor: Item, claimed: dict[str, Any]) -> bool:
    """Clause 5.13, asked of a key's entry in a bundle."""
    segments = segments_of(claimed, anchor[0][8], day_number(claimed["issued"]))
    return in_scope(item.get(9), claimed, segments)


def in_scope(scope: Item, claimed: dict[str, Any], segments: list[Any]) -> bool:
    """Clause 5.13."""
    said = {1: [claimed["approving_body"]], 2: [claimed["body_level"]], 3: [claimed["level"]],
            4: [s[0] for s in segments]}  # fmt: skip
    return scope is None or all(
        set(said[part]) & set(scope[part]) for part in said if part in scope
    )


def day_number(written: str) -> int:
    """Clause 1.2."""
    return (datetime.date.fromisoformat(written) - day(0)).days


def china_day(at: int) -> int:
    """Clause 1.2."""
    return (at + 28_800) // 86_400


def _fits(segment: Item, number: str) -> bool:
    """Clause 5.7."""
    prefix, width, first, last = (segment[n] for n in (1, 2, 3, 4))
    digits = number.removeprefix(prefix)
    if not number.startswith(prefix):
        return False
    exact = re.fullmatch(f"[0-9]{{{width}}}", digits)
    return width == 0 or (exact is not None and first <= int(digits) <= last)


def judge(
    code: str | bytes,
    *,
    world: World,
    at: str,
    grace_s: int,
    holder: dict[str, Any] | None,
    max_age_s: int = 7_776_000,
    require: str = "code",
    examples: bool,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Clause 8: the verdict as the vectors write it, and what the token says of itself."""
    at_s = int(datetime.datetime.fromisoformat(at).timestamp())
    one = _Judge(
        world, at_s, grace_s=grace_s, holder=holder, max_age_s=max_age_s, require=require,
        examples=examples,
    )  # fmt: skip
    one.run(code)
    return one.answer(), one.claimed
