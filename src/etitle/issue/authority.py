"""``authority.toml``: an authority's description, in a file that people read and edit.

Each bundle is made from it: a new key, a retired one, another segment is an edit of this file and a
new bundle.  Public keys stand beside it as PEM files; private keys are never named here.
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from etitle.certificate.dates import CHINA, DAY_S, day_number
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import IssueError, SignerError
from etitle.files import read_bounded
from etitle.issue.issuer import MAX_CODE_BASE, leads_to_codes
from etitle.keys import mldsa, spki
from etitle.keys.documentkey import DocumentKey
from etitle.keys.public import PublicKey
from etitle.keys.seal import read_x509_chain
from etitle.trust.published import (
    Authority,
    Bundle,
    Contact,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Scope,
    Segment,
)

MAX_AUTHORITY_BYTES: Final = 1 << 20
"""Bytes of the file, and of each key file that it names."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class _State(_Table):
    state: Literal["active", "retired", "compromised"]
    since: datetime.datetime


_BodyLevelName = Literal["region", "city", "county", "delegated"]


class _Scope(_Table):
    bodies: list[str] = []
    body_levels: list[_BodyLevelName] = []
    levels: list[Annotated[int, Field(ge=1, le=5)]] = []
    segments: list[int] = []

    def read(self) -> Scope:
        return Scope(
            bodies=tuple(sorted(set(self.bodies), key=str.encode)),
            body_levels=tuple(sorted({BodyLevel[name.upper()] for name in self.body_levels})),
            levels=tuple(Level(number) for number in sorted(set(self.levels))),
            segments=tuple(sorted(set(self.segments))),
        )


class _Key(_Table):
    public: str
    uses: Annotated[list[Literal["token", "list", "document"]], Field(min_length=1)]
    not_before: datetime.date
    not_after: datetime.date | None = None
    states: Annotated[list[_State], Field(min_length=1)]
    seal_name: str
    seal_number: str = ""
    x509: str | None = None
    scope: _Scope | None = None


class _Contact(_Table):
    office: str
    telephone: str | None = None
    query_url: str | None = None

    def read(self) -> Contact:
        return Contact(self.office, self.telephone, self.query_url)


class _Segment(_Table):
    id: int
    prefix: str
    width: int
    first: int
    last: int
    body: str
    body_level: _BodyLevelName
    not_before: datetime.date
    not_after: datetime.date | None = None


class _List(_Table):
    id: int
    epoch: int
    minimum_sequence: int = 0
    uri: str


class _Roots(_Table):
    threshold: int
    public: Annotated[list[str], Field(min_length=1)]


def _leads_to_codes(base: str) -> str:
    """Refuse here what every certificate's self-check would refuse, after its place was given."""
    if not leads_to_codes(base):
        message = "should be https://<host>, or with a path, in the form of docs/spec clause 4.4"
        raise ValueError(message)
    return base


class _Font(_Table):
    path: str
    index: Annotated[int, Field(ge=0)] = 0


class _Document(_Table):
    template: str
    fonts: list[_Font] = []
    reason: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    tsa: str | None = None
    tsa_roots: list[str] = []
    x509s: list[str] = []
    crls: list[str] = []
    ocsps: list[str] = []


class _Whole(_Table):
    id: str
    name_zh: str
    name_en: str
    example: bool = False
    url_template: str
    code_base: Annotated[str, Field(max_length=MAX_CODE_BASE), AfterValidator(_leads_to_codes)]
    bundle_days: Annotated[int, Field(ge=1, le=3660)] = 366
    list_days: Annotated[int, Field(ge=1, le=366)] = 7
    list_id: int
    roots: _Roots
    keys: list[_Key]
    segments: list[_Segment] = []
    lists: list[_List]
    contact: _Contact | None = None
    document: _Document | None = None


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """How an authority's documents are made, as its file says: ``[document]``.

    Attributes:
        template: path of a TOML file, or the name of a template that ships; None where the
            file names none.
        fonts: files behind the font that ships, each with the font's index in a collection.
        reason: why documents are signed, as viewers show it; None for the usual words.
        tsa: URL of a time-stamp authority; None for documents without time-stamps.
        tsa_roots: files with the roots that its time-stamps must lead to.
        x509s: files of evidence for B-LT: certificates,
        crls: CRLs,
        ocsps: OCSP responses.
    """

    template: str | Path | None = None
    fonts: tuple[tuple[Path, int], ...] = ()
    reason: str | None = None
    tsa: str | None = None
    tsa_roots: tuple[Path, ...] = ()
    x509s: tuple[Path, ...] = ()
    crls: tuple[Path, ...] = ()
    ocsps: tuple[Path, ...] = ()


class AuthorityFile:
    """An ``authority.toml``, read.

    Attributes:
        id: the authority's id.
        code_base: ``https://<host>`` of scanned codes; no input of trust.
        list_id: the list that new certificates are covered by.
        list_lifetime_s: until when the next list is due.
    """

    def __init__(self, whole: _Whole, folder: Path) -> None:
        self._whole, self._folder = whole, folder
        self.id = whole.id
        self.code_base = whole.code_base
        self.list_id = whole.list_id
        self.list_lifetime_s = whole.list_days * DAY_S

    def bundle(self, *, version: int, at_s: int) -> Bundle:
        """The bundle that the file describes.

        Args:
            version: one more than that of the bundle before.
            at_s: its issue time, seconds since 1970 UTC.

        Raises:
            IssueError: ``issue.file_unreadable`` for a key file; ``issue.document_key`` for a key
                with a use that its kind can't have, or without the seal certificate that it must
                have; ``issue.x509_refused`` or ``issue.x509_other_key`` for its certificate.
            SignerError: those of ``read_public``; ``keys.unsupported_key`` for a root that can
                sign documents alone.
        """
        whole = self._whole
        keys = [self._key(key) for key in whole.keys]
        roots = map(self._root, whole.roots.public)
        return Bundle(
            authority=Authority(whole.id, whole.name_zh, whole.name_en),
            version=version,
            issued_s=at_s,
            next_update_s=at_s + whole.bundle_days * DAY_S,
            example=whole.example,
            roots=RootSet.of(whole.roots.threshold, roots),
            keys=tuple(sorted(keys, key=lambda key: key.public.to_bytes())),
            segments=tuple(
                Segment(
                    each.prefix,
                    each.width,
                    each.first,
                    each.last,
                    each.body,
                    BodyLevel[each.body_level.upper()],
                    day_number(each.not_before),
                    None if each.not_after is None else day_number(each.not_after),
                    each.id,
                )
                for each in sorted(whole.segments, key=lambda each: each.id)
            ),
            lists=tuple(
                ListEntry(each.id, each.epoch, each.minimum_sequence, each.uri)
                for each in sorted(whole.lists, key=lambda each: each.id)
            ),
            url_template=whole.url_template,
            contact=None if whole.contact is None else whole.contact.read(),
        )

    def document(self) -> DocumentSettings:
        """The section ``[document]``."""
        said, here = self._whole.document, self._folder
        if said is None:
            return DocumentSettings()
        return DocumentSettings(
            template=here / said.template if said.template.endswith(".toml") else said.template,
            fonts=tuple((here / font.path, font.index) for font in said.fonts),
            reason=said.reason,
            tsa=said.tsa,
            tsa_roots=tuple(here / name for name in said.tsa_roots),
            x509s=tuple(here / name for name in said.x509s),
            crls=tuple(here / name for name in said.crls),
            ocsps=tuple(here / name for name in said.ocsps),
        )

    def x509_chains(self) -> tuple[tuple[bytes, ...], ...]:
        """The certificates of each key that seals documents, its own first, DER.

        Raises:
            SignerError: ``keys.file_unreadable`` or ``keys.x509_malformed``.
        """
        return tuple(
            read_x509_chain(str(self._folder / key.x509))
            for key in self._whole.keys
            if key.x509 is not None and "document" in key.uses
        )

    def _key(self, key: _Key) -> PublishedKey:
        public = read_public(self._folder / key.public)
        alone = isinstance(public, DocumentKey)
        if alone and (key.uses != ["document"] or key.x509 is None):
            raise IssueError("issue.document_key", path=key.public, kind=public.label)
        return PublishedKey(
            public=public,
            x509=None if key.x509 is None else self._seal(key.x509, public),
            uses=frozenset(KeyUse[use.upper()] for use in key.uses),
            not_before=day_number(key.not_before),
            not_after=None if key.not_after is None else day_number(key.not_after),
            history=tuple(
                (KeyState[each.state.upper()], _seconds(each.since)) for each in key.states
            ),
            seal_name=key.seal_name,
            seal_number=key.seal_number,
            scope=None if key.scope is None else key.scope.read(),
        )

    def _seal(self, name: str, public: PublicKey | DocumentKey) -> bytes:
        der = read_seal(self._folder / name)
        if spki.held_by(der) != public.to_spki():
            raise IssueError("issue.x509_other_key", path=name, kid=public.kid.hex())
        return der

    def _root(self, name: str) -> PublicKey:
        public = read_public(self._folder / name)
        if isinstance(public, DocumentKey):
            raise SignerError("keys.unsupported_key", kind=f"{public.label} ({name})")
        return public


def read_public(path: Path) -> PublicKey | DocumentKey:
    """A public key from a PEM file.

    Raises:
        IssueError: ``issue.file_unreadable``.
        SignerError: ``keys.file_malformed``, ``keys.unsupported_key``, ``keys.rsa_size``,
            ``keys.rsa_exponent`` or ``keys.mldsa_missing``.
    """
    data = _read(path)
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        mldsa.demand_for(data, error)
        raise SignerError("keys.file_malformed", path=path) from None
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return DocumentKey.rsa(numbers.n, numbers.e)
    lattice = mldsa.as_public(key)
    if lattice is not None:
        return DocumentKey.ml_dsa_65(lattice.public_bytes_raw())
    return PublicKey(key)  # type: ignore[arg-type]  # it refuses every other type


def read_authority(path: Path) -> AuthorityFile:
    """Read an ``authority.toml``; the key files that it names stand relative to its folder.

    Raises:
        IssueError: ``issue.file_unreadable``, or ``issue.authority_malformed`` naming the entry.
    """
    try:
        whole = _Whole.model_validate(tomllib.loads(_read(path).decode("utf-8-sig")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise IssueError(
            "issue.authority_malformed", path=path, what=f"{place}: {first['msg']}"
        ) from None
    except (ValueError, RecursionError) as error:  # ValueError: a number of 5,000 digits, too
        spoken = isinstance(error, tomllib.TOMLDecodeError)
        what = str(error) if spoken else "UTF-8, numbers, nesting"
        raise IssueError("issue.authority_malformed", path=path, what=what) from None
    return AuthorityFile(whole, path.parent)


def read_seal(path: Path) -> bytes:
    """A seal certificate (X.509), PEM or DER, as DER.

    Raises:
        IssueError: ``issue.file_unreadable``, or ``issue.x509_refused`` for what is none.
    """
    data = _read(path)
    pem = data.lstrip().startswith(b"-----BEGIN")
    load = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
    try:
        certificate = load(data)
    except ValueError:
        raise IssueError("issue.x509_refused", path=path) from None
    return certificate.public_bytes(Encoding.DER)


def _seconds(at: datetime.datetime) -> int:
    return int((at if at.tzinfo else at.replace(tzinfo=CHINA)).timestamp())


def _read(path: Path) -> bytes:
    try:
        data = read_bounded(path, limit=MAX_AUTHORITY_BYTES)
    except (OSError, ValueError):
        raise IssueError("issue.file_unreadable", path=path) from None
    if data is None:  # never its beginning alone: a key's last state may stand in the rest
        raise IssueError("issue.authority_malformed", path=path, what=f"> {MAX_AUTHORITY_BYTES}")
    return data
