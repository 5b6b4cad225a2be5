"""The answer: two axes, each with its time, and every check that led to it.

Authenticity says whether the authority issued the certificate; standing says whether it is still
in force.  The summary is derived from the checks and never stored (docs/spec clause 8).
A verdict is neither true nor false: ``bool(verdict)`` raises, and the verified certificate comes
only from ``require()``.  A verdict is VALID only where every check passed that the input demands;
only ``etitle.verify`` makes one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NoReturn, final

from etitle.errors import Language, NotValidError, explain

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from etitle.certificate.model import Certificate


class Judged(StrEnum):
    """What a verdict is about (docs/spec clause 8.3)."""

    DOCUMENT = "document"
    """A file with a document signature, as a whole."""
    CODE = "code"
    """A certificate code; whatever stands around it was not judged."""


class Outcome(StrEnum):
    """What one check found."""

    PASS = "pass"  # noqa: S105  # an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


_PASS, _FAIL = Outcome.PASS, Outcome.FAIL  # looked up once: a verdict asks for each check


class Axis(StrEnum):
    """Which question a check helps to answer."""

    AUTHENTICITY = "authenticity"
    HOLDER = "holder"
    STANDING = "standing"


class CheckId(StrEnum):
    """Every check, in the order they run (docs/spec clause 8.3)."""

    BYTE_RANGE = "byte_range"
    SIGNER_CERTIFICATE = "signer_certificate"
    DOCUMENT_SIGNATURE = "document_signature"
    STRUCTURE = "structure"
    ARCHIVE = "archive"
    SIGNING_TIME = "signing_time"
    AGREEMENT = "agreement"
    READ = "read"
    FRAME = "frame"
    PAYLOAD = "payload"
    SIGNER = "signer"
    SIGNATURE = "signature"
    USE = "use"
    WINDOW = "window"
    COMPROMISE = "compromise"
    SEGMENT = "segment"
    BUNDLE = "bundle"
    HOLDER = "holder"
    LIST = "list"
    FRESHNESS = "freshness"
    COVERAGE = "coverage"
    STANDING = "standing"

    __hash__ = str.__hash__  # that of Enum is written in Python, and sets of checks are hot

    @property
    def axis(self) -> Axis:
        """The question that the check helps to answer."""
        if self in _STANDING_CHECKS:
            return Axis.STANDING
        return Axis.HOLDER if self is CheckId.HOLDER else Axis.AUTHENTICITY


DOCUMENT_CHECKS: Final = (
    CheckId.BYTE_RANGE,
    CheckId.SIGNER_CERTIFICATE,
    CheckId.DOCUMENT_SIGNATURE,
    CheckId.STRUCTURE,
    CheckId.ARCHIVE,
    CheckId.SIGNING_TIME,
    CheckId.AGREEMENT,
)
"""The checks of documents only (docs/spec clause 9); ``archive`` of archived ones only."""

_STANDING_CHECKS: Final = frozenset(
    {CheckId.LIST, CheckId.FRESHNESS, CheckId.COVERAGE, CheckId.STANDING}
)
AUTHENTICITY_CHECKS: Final = frozenset(CheckId) - _STANDING_CHECKS - {CheckId.HOLDER}
"""The checks that decide whether a certificate is authentic."""

TOKEN_DEMANDS: Final = frozenset(CheckId) - frozenset(DOCUMENT_CHECKS) - {CheckId.HOLDER}
"""The checks demanded of every code, in any form of input."""

DOCUMENT_DEMANDS: Final = TOKEN_DEMANDS | frozenset(DOCUMENT_CHECKS) - {CheckId.ARCHIVE}
"""The checks demanded of a signed document; of an archived one ``archive`` too."""


class Reason(StrEnum):
    """Every reason a check can give (docs/spec clause 8.4); its words: messages/verdict.toml."""

    OK = "ok"
    NOT_CHECKED = "not_checked"
    # byte_range, signer_certificate, document_signature
    TRAILING_SPACE = "trailing_space"
    PROTECTED = "protected"
    CUT_SHORT = "cut_short"
    JOINED = "joined"
    SAVED_AGAIN = "saved_again"
    CHANGED = "changed"
    SIGNATURE_UNREADABLE = "signature_unreadable"
    ARCHIVED = "archived"
    SEAL_UNKNOWN = "seal_unknown"
    SUITE_UNKNOWN = "suite_unknown"
    CMS_MALFORMED = "cms_malformed"
    ALGORITHM_MISSING = "algorithm_missing"
    TIMESTAMP_BAD = "timestamp_bad"
    # structure
    UNSIGNED = "unsigned"
    PAGE_NOT_JUDGED = "page_not_judged"
    DOCUMENT_MALFORMED = "document_malformed"
    READER_MISSING = "reader_missing"
    ENCRYPTED = "encrypted"
    TOKEN_MISSING = "token_missing"  # noqa: S105  # a reason, not a password
    # archive
    STAMPER_UNKNOWN = "stamper_unknown"
    ARCHIVED_IN_FUTURE = "archived_in_future"
    # signing_time
    TIMESTAMPED = "timestamped"
    SEALED_OUTSIDE_WINDOW = "sealed_outside_window"
    SEALED_IN_FUTURE = "sealed_in_future"
    # agreement
    AUTHORITY_MISMATCH = "authority_mismatch"
    OPENING_MISMATCH = "opening_mismatch"
    # read
    EMPTY = "empty"
    NOTHING_FOUND = "nothing_found"
    NOT_OURS = "not_ours"
    UNREADABLE = "unreadable"
    KIND_UNREAD = "kind_unread"
    PAGE_UNREAD = "page_unread"
    TOO_LARGE = "too_large"
    SEVERAL_CODES = "several_codes"
    INCOMPLETE = "incomplete"
    TEXT_MALFORMED = "text_malformed"
    # frame
    FRAME_MALFORMED = "frame_malformed"
    FORMAT_UNKNOWN = "format_unknown"
    # payload
    PAYLOAD_MALFORMED = "payload_malformed"
    VERSION_UNKNOWN = "version_unknown"
    # signer
    SIGNER_UNKNOWN = "signer_unknown"
    SUITE_MISMATCH = "suite_mismatch"
    # signature
    SIGNATURE_BAD = "signature_bad"
    SIGNATURE_SECOND_FORM = "signature_second_form"
    # use, window, compromise
    USE_WRONG = "use_wrong"
    OUTSIDE_WINDOW = "outside_window"
    ISSUED_IN_FUTURE = "issued_in_future"
    COMPROMISED = "compromised"
    RESCUED = "rescued"
    # segment
    NO_SEGMENTS = "no_segments"
    OUTSIDE_SEGMENT = "outside_segment"
    BODY_MISMATCH = "body_mismatch"
    OUTSIDE_SCOPE = "outside_scope"
    # bundle
    BUNDLE_STALE = "bundle_stale"
    EXAMPLE = "example"
    BUNDLE_EXPIRED = "bundle_expired"
    # holder
    HOLDER_MISMATCH = "holder_mismatch"
    FITS_MASK = "fits_mask"
    NO_HOLDER = "no_holder"
    NUMBER_MALFORMED = "number_malformed"
    OPENING_MISTYPED = "opening_mistyped"
    # list
    LIST_MISSING = "list_missing"
    LIST_UNKNOWN = "list_unknown"
    LIST_DAMAGED = "list_damaged"
    # freshness
    STALE = "stale"
    EXPIRED = "expired"
    CLOCK_BEHIND = "clock_behind"
    # coverage
    BEYOND_COVERAGE = "beyond_coverage"
    NEWER_THAN_LIST = "newer_than_list"
    # standing
    IN_FORCE = "in_force"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    OTHER = "other"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    STANDING_UNKNOWN = "standing_unknown"
    COPY_EXPIRED = "copy_expired"


_TIME_ALONE: Final = frozenset(
    {
        (CheckId.BUNDLE, Reason.BUNDLE_EXPIRED),
        (CheckId.BUNDLE, Reason.CLOCK_BEHIND),
        (CheckId.WINDOW, Reason.ISSUED_IN_FUTURE),
        (CheckId.SIGNING_TIME, Reason.SEALED_IN_FUTURE),
        (CheckId.ARCHIVE, Reason.ARCHIVED_IN_FUTURE),
    }
)
"""What leaves authenticity unknown for the clock's or the bundle's age alone (clause 8.2)."""


class Authenticity(StrEnum):
    """Whether the authority issued the certificate."""

    AUTHENTIC = "authentic"
    NOT_AUTHENTIC = "not_authentic"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Standing of an authentic certificate (domain table of void and reissue reasons)."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    OTHER = "other"
    UNKNOWN = "unknown"


class Summary(StrEnum):
    """The summary that a folder listing shows and that gives the exit code."""

    VALID = "VALID"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    INVALID = "INVALID"
    INDETERMINATE = "INDETERMINATE"


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of the input, and what was found.

    Attributes:
        id: which check.
        outcome: pass, fail or unknown.
        reason: stable reason code.
        detail: a short technical remark (an error code, a number of days); never an ID number.
    """

    id: CheckId
    outcome: Outcome
    reason: Reason
    detail: str = ""

    def explain(self, language: Language) -> tuple[str, str]:
        """What was found and the next step for a person, in one language."""
        return explain(f"verdict.{self.reason}", language, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing by the status list.

    Attributes:
        state: the state; UNKNOWN where no list answers.
        since: day of the change, where the list gives one.
        successor: 证号 of the certificate that replaces this one, where the list gives it.
        as_of_s: when the list was issued, seconds since 1970 UTC; None without a list.
    """

    state: State
    since: datetime.date | None = None
    successor: str | None = None
    as_of_s: int | None = None


UNKNOWN_STANDING: Final = Standing(State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class VerdictAuthority:
    """The authority whose key verified, as its bundle in force names it (clause 8.6).

    Anybody may take any name; the words say whose roots speak.

    Attributes:
        id: its id, unique in a trust store.
        name_zh: its name in Chinese.
        name_en: its name in English.
        words_zh: the six words of its roots' fingerprint, in Chinese (clause 5.4.1).
        words_en: the same in English.
        office: where people ask, if the bundle has a contact.
        telephone: of that office.
        query_url: where people ask on the web.
    """

    id: str
    name_zh: str
    name_en: str
    words_zh: str
    words_en: str
    office: str | None = None
    telephone: str | None = None
    query_url: str | None = None


@final
@dataclass(frozen=True, slots=True, init=False)
class Verdict:
    """What is known of one input at one time; only verification makes one.

    A program can neither build a verdict nor change one: the constructor, ``dataclasses.replace``
    and ``pickle`` raise TypeError.

    Attributes:
        checks: every check that was run or had to be skipped, in order; at least one.
        demanded: the checks that must pass for VALID (clause 8.3).
        standing: by the status list.
        at_s: the time that the verdict is for, seconds since 1970 UTC.
        authority: the authority whose key verified; None while nobody is named.
        example: the key is marked as an example in its bundle: not a real certificate.
        claimed: what the input claims, verified or not; None if it could not be read.
        url: 证书网址: the certificate's own, else the bundle's template with its number (clause
            5.2); empty while the authority is unknown and the certificate carries none.
        opening: that of a document which carries one (clause 9.5), 10 bytes; else None.
    """

    checks: tuple[Check, ...]
    demanded: frozenset[CheckId] = field(repr=False)
    standing: Standing
    at_s: int
    authority: VerdictAuthority | None
    example: bool
    claimed: Certificate | None
    url: str
    opening: bytes | None = field(repr=False)

    def __init__(self, *_values: object, **_fields: object) -> None:
        message = (
            "only verification makes a verdict: call verify_token, verify_image, verify_document "
            "or verify_bytes"
        )
        raise TypeError(message)

    @property
    def summary(self) -> Summary:
        """VALID, NOT_IN_FORCE, INVALID or INDETERMINATE: the lines of docs/spec clause 8.2."""
        if _FAIL in [check.outcome for check in self.checks]:
            return Summary.INVALID
        if self.authenticity is not Authenticity.AUTHENTIC and not self._lacks_only_time():
            return Summary.INDETERMINATE
        if self.standing.state not in (State.IN_FORCE, State.UNKNOWN):
            return Summary.NOT_IN_FORCE
        if self.standing.state is State.IN_FORCE and _all_passed(self.checks, self.demanded):
            return Summary.VALID
        return Summary.INDETERMINATE

    @property
    def judged(self) -> Judged:
        """DOCUMENT where a document signature was judged with the code, else CODE."""
        return Judged.DOCUMENT if CheckId.BYTE_RANGE in self.demanded else Judged.CODE

    @property
    def authenticity(self) -> Authenticity:
        """Authentic only if every demanded authenticity check is there and all passed."""
        found = [check for check in self.checks if check.id in AUTHENTICITY_CHECKS]
        if _FAIL in [check.outcome for check in found]:
            return Authenticity.NOT_AUTHENTIC
        if _all_passed(found, self.demanded & AUTHENTICITY_CHECKS):
            return Authenticity.AUTHENTIC
        return Authenticity.UNKNOWN

    def _lacks_only_time(self) -> bool:
        """Whether authenticity is unknown for nothing but the clock or the bundle's age."""
        found = [
            check
            for check in self.checks
            if check.id in AUTHENTICITY_CHECKS and (check.id, check.reason) not in _TIME_ALONE
        ]
        wanted = self.demanded & AUTHENTICITY_CHECKS
        asked = {check.id for check in self.checks}
        return wanted <= asked and _all_passed(found, wanted & {check.id for check in found})

    @property
    def list_age_s(self) -> int | None:
        """Age of the list that answered, in seconds at the time of the verdict."""
        return None if self.standing.as_of_s is None else self.at_s - self.standing.as_of_s

    def require(self) -> Certificate:
        """The verified certificate.

        Where ``judged`` is CODE, the page that showed the code was not judged: compare it with
        the certificate, or demand a document by ``Policy(require=Judged.DOCUMENT)``.

        Raises:
            NotValidError: ``verdict.not_valid`` unless the summary is VALID.
        """
        if self.summary is Summary.VALID and self.claimed is not None:
            return self.claimed
        blocking = [check.reason for check in self.checks if check.outcome is not Outcome.PASS]
        standing = [check.reason for check in self.checks if check.id is CheckId.STANDING]
        reason = (blocking or standing or [Reason.NOT_CHECKED])[0]
        raise NotValidError("verdict.not_valid", summary=self.summary, reason=reason)

    def __bool__(self) -> NoReturn:
        message = (
            "a verdict is not a boolean: read .summary, .authenticity and .standing, "
            "or call .require()"
        )
        raise TypeError(message)

    def __copy__(self) -> Verdict:
        return self

    def __deepcopy__(self, memo: object) -> Verdict:
        return self

    def __getstate__(self) -> NoReturn:
        message = "a verdict is not pickled: keep its report, or verify again"
        raise TypeError(message)

    def __setstate__(self, state: object) -> NoReturn:
        self.__getstate__()

    def __init_subclass__(cls) -> NoReturn:
        message = "a verdict has no other kinds"
        raise TypeError(message)


def _all_passed(checks: Sequence[Check], demanded: frozenset[CheckId]) -> bool:
    """Whether every demanded check is among these, and each of these passed."""
    passed = [check.id for check in checks if check.outcome is _PASS]
    return len(passed) == len(checks) and demanded.issubset(passed)
