"""The fingerprint that a verifier pins, in every spelling, and the bundles it leads to.

A person copies it from paper, hears it on the telephone or pastes the authority's whole
``fingerprint.txt``; what it means is decided here, once (docs/spec clause 5.4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import hexdigits
from typing import Final

from etitle.errors import TrustError
from etitle.trust.bundle import Bundle, fingerprint, payload_hash
from etitle.trust.roots import open_bundle, open_next, parse_bundle
from etitle.trust.words import BITS, find_words, read_words

MAX_PIN_TEXT: Final = 1 << 16
"""Characters of what is given as a pin; a ``fingerprint.txt`` has some 200."""
_DIGITS: Final = 64
_GROUP: Final = 4
_LABEL: Final = re.compile(r"^[^:=]*[^\W\da-fA-F_][^:=]*[:=]")
"""What stands before a colon, unless it may be part of a fingerprint."""
_WORD: Final = re.compile(r"[0-9A-Za-z]+|[^\W_]")


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person was told of a root set: the first bits of its fingerprint, or all of them.

    Attributes:
        value: the bits, as a number.
        bits: how many.
    """

    value: int
    bits: int

    @classmethod
    def whole(cls, digest: bytes) -> Pin:
        """The pin that is a whole fingerprint."""
        return cls(int.from_bytes(digest, "big"), 8 * len(digest))

    def fits(self, digest: bytes) -> bool:
        """Whether a root set's fingerprint, 32 bytes, begins with these bits."""
        return int.from_bytes(digest, "big") >> (8 * len(digest) - self.bits) == self.value


@dataclass(frozen=True, slots=True)
class PinnedChain:
    """Where a pin leads.

    Attributes:
        pin: the fingerprint of the pinned roots, 32 bytes.
        bundles: signed bundles, from one of the pinned roots to the one in force.
        bundle: the one in force.
    """

    pin: bytes
    bundles: tuple[bytes, ...]
    bundle: Bundle


def spell_fingerprint(digest: bytes) -> str:
    """A fingerprint as it is shown everywhere: capitals, in groups of four.

    >>> spell_fingerprint(bytes.fromhex("f6cf1b5a"))
    'F6CF 1B5A'
    """
    digits = digest.hex().upper()
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def parse_pin(text: str) -> Pin:
    """Read a pin: a fingerprint in any spelling, its six words, or a text that holds one of them.

    Case, width, line breaks and whatever stands between the digits do not count, nor do other
    lines such as the authority's name, nor words before or behind the digits.

    Raises:
        TrustError: ``bundle.pin_malformed`` where there is no fingerprint, or more than one;
            ``bundle.pin_contradictory`` where digits and words are of different fingerprints;
            ``bundle.words_damaged``.

    >>> parse_pin("指纹：" + "F6CF 1b5a" * 8).fits(bytes.fromhex("f6cf1b5a" * 8))
    True
    """
    lines = unicodedata.normalize("NFKC", text[:MAX_PIN_TEXT]).splitlines()
    runs = {*_over_lines(lines), *(run for line in lines for run in _in_line(line))}
    found = {Pin.whole(bytes.fromhex(run)) for run in runs if len(run) == _DIGITS}
    if not found:  # words stand for no more than digits do, and a name may look like them
        found = {Pin(value, BITS) for value in map(read_words, _parts(lines)) if value is not None}
    if len(found) != 1:
        raise TrustError("bundle.pin_malformed", count=max(map(len, runs)))
    pin = found.pop()
    # Somebody may have read out the words, and would pin the digits that stand beside them.
    if any(value != pin.value >> pin.bits - BITS for value in find_words("\n".join(lines))):
        raise TrustError("bundle.pin_contradictory")
    return pin


def _parts(lines: Sequence[str]) -> Iterator[str]:
    """What may be six words: each line without its label, and all lines together."""
    for line in lines:
        yield line.rpartition(":")[2]
    yield " ".join(lines)


def _over_lines(lines: Iterable[str]) -> list[str]:
    """The digits of lines that hold nothing else but a label, each run of lines together."""
    runs = [""]
    for line in lines:
        parts = _in_line(_LABEL.sub("", line, count=1))
        if len(parts) == 1:
            runs[-1] += parts[0]
        else:
            runs.append("")
    return runs


def _in_line(line: str) -> list[str]:
    """The digits of a line, apart where letters stand between them that are no digits."""
    parts = [""]
    for word in _WORD.findall(line):
        digits = word.lower().removeprefix("0x")
        if all(digit in hexdigits for digit in digits):
            parts[-1] += digits
        else:
            parts.append("")
    return parts


def follow_pin(files: Iterable[bytes], pin: Pin) -> PinnedChain:
    """Find the newest bundle of the pinned roots, and what leads on from it (clause 5.5).

    Files that are no bundle of the chain are passed over, so a whole published folder may be
    given, in any order; the pin may be that of today's roots or of older ones.

    Raises:
        TrustError: ``bundle.pin_mismatch``, ``bundle.forked``, or the error of the bundle that
            comes nearest.
    """
    bundles, refused = _parsed(files)
    fitting = [item for item in bundles if pin.fits(fingerprint(item[1].roots))]
    if not fitting:
        if bundles:
            raise TrustError("bundle.pin_mismatch", authority=bundles[-1][1].authority.id)
        raise refused or TrustError("bundle.malformed", field="map")
    start = _start(fitting, bundles)
    digest = fingerprint(start[1].roots)
    kept = [start]
    passed: list[Bundle] = []
    for data, bundle in bundles:
        if bundle.version < start[1].version:
            continue
        if not _follows(data, kept[-1][1]):
            _refuse_branch(data, bundle, kept[-1][1], passed)
            continue
        if bundle.roots != kept[-1][1].roots:
            passed.append(kept[-1][1])
        # One bundle stays for each change of roots.
        while len(kept) > 1 and _follows(data, kept[-2][1]):
            kept.pop()
        if len(kept) == 1 and _is_first(data, digest):
            kept.clear()
        kept.append((data, bundle))
    return PinnedChain(digest, tuple(data for data, _ in kept), kept[-1][1])


def _refuse_branch(data: bytes, bundle: Bundle, current: Bundle, passed: Sequence[Bundle]) -> None:
    """Roots that were changed led on to another bundle, too: one of the two is a thief's."""
    if payload_hash(bundle) == payload_hash(current):
        return
    if any(_follows(data, one) for one in passed):
        raise TrustError("bundle.forked", version=bundle.version)


def _parsed(files: Iterable[bytes]) -> tuple[list[tuple[bytes, Bundle]], TrustError | None]:
    """The bundles by version, and why the last of the other files is none."""
    bundles: list[tuple[bytes, Bundle]] = []
    refused: TrustError | None = None
    for data in files:
        try:
            bundles.append((data, parse_bundle(data)[1]))
        except TrustError as error:
            refused = error
    return sorted(bundles, key=lambda item: item[1].version), refused


def _start(
    fitting: list[tuple[bytes, Bundle]], bundles: list[tuple[bytes, Bundle]]
) -> tuple[bytes, Bundle]:
    """The newest that the pinned roots have signed enough, or where others have a say, the oldest.

    The pinned roots may have been changed because they were stolen: what a thief signs with them
    alone may have any version, so the way goes through every change up to it.
    """
    newest = _first_that_opens(list(reversed(fitting)))
    who, version = newest[1].authority.id, newest[1].version
    if all(
        one.roots == newest[1].roots
        for _, one in bundles
        if one.authority.id == who and one.version <= version
    ):
        return newest
    return _first_that_opens(fitting)


def _first_that_opens(fitting: list[tuple[bytes, Bundle]]) -> tuple[bytes, Bundle]:
    refused: list[TrustError] = []
    for data, bundle in fitting:
        try:
            open_bundle(data, pin=fingerprint(bundle.roots))
        except TrustError as error:
            refused.append(error)
        else:
            return data, bundle
    raise refused[0]


def _is_first(data: bytes, digest: bytes) -> bool:
    """Whether a bundle opens under the pin itself."""
    try:
        open_bundle(data, pin=digest)
    except TrustError:
        return False
    return True


def _follows(data: bytes, current: Bundle) -> bool:
    """Whether a bundle may replace the current one; two of one version are an alarm."""
    try:
        open_next(data, current=current)
    except TrustError as error:
        if error.code == "bundle.forked":
            raise
        return False
    return True
