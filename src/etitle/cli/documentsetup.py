"""What commands need to make documents, put together from options and ``authority.toml``."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from etitle.cli.inputs import read_bounded_file
from etitle.cli.passwords import password_source
from etitle.errors import DecodeError, IssueError
from etitle.issue.document import DocumentMaker, Judge, PageMaker, judge_by
from etitle.keys.seal import make_seal, open_document_signer, read_x509_chain
from etitle.pades.dss import ValidationData
from etitle.pades.sign import REASON
from etitle.pades.tsa import TsaClient
from etitle.page.font import FontChain, FontSource, installed_sources
from etitle.page.template import MAX_TEMPLATE_CHARACTERS, parse_template, shipped_template
from etitle.register.photos import PhotoStore
from etitle.trust.published import KeyState, KeyUse
from etitle.trust.rescue import open_rescue

if TYPE_CHECKING:
    from argparse import Namespace

    from etitle.cli.terminal import Terminal
    from etitle.cli.workspace import Workspace
    from etitle.issue.authority import AuthorityFile
    from etitle.keys.seal import Seal
    from etitle.page.template import Template
    from etitle.trust.published import Bundle

MAX_VALIDATION_FILE_BYTES: Final = 1 << 24
"""Bytes of a file of evidence; a large CA's CRL has some 10 MB."""


class DocumentSetup:
    """What documents are made with: each part is fetched when it is first needed.

    Args:
        options: of the command.
        workspace: the issuer's folder.
        authority: its ``authority.toml``.
        bundle: in force.

    Attributes:
        terminal: where findings are told.
        at_s: now, seconds since 1970 UTC.
    """

    def __init__(
        self, options: Namespace, workspace: Workspace, authority: AuthorityFile, bundle: Bundle
    ) -> None:
        self._options, self._workspace = options, workspace
        self._authority, self._bundle = authority, bundle
        self._settings = authority.document()
        self.terminal: Terminal = options.terminal
        self.at_s: int = workspace.at_s

    @cached_property
    def pages(self) -> PageMaker:
        """Template and fonts."""
        more = (FontSource(path, index) for path, index in self._settings.fonts)
        return PageMaker.open(
            template=self._template(),
            fonts=FontChain((*installed_sources(), *more)),
            bundle=self._bundle,
            code_base=self._authority.code_base,
        )

    def _template(self) -> Template:
        named = self._options.template or self._settings.template
        if named is None:
            raise IssueError("issue.no_template")
        if isinstance(named, str) and not named.endswith(".toml"):
            return shipped_template(named)
        data = read_bounded_file(Path(named), limit=4 * MAX_TEMPLATE_CHARACTERS)
        try:
            return parse_template(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise DecodeError("page.template_malformed", key="UTF-8") from None

    @cached_property
    def judge(self) -> Judge:
        """Judges a document as an employer who has this bundle and no list."""
        bundle = self._bundle
        rescues = self._workspace.rescues(bundle)
        return judge_by(bundle, [open_rescue(data, bundle=bundle) for data in rescues])

    @property
    def photos(self) -> PhotoStore:
        """The issuer's photos."""
        return PhotoStore(self._workspace.folder / "photos")

    def open_maker(self) -> DocumentMaker:
        """With the seal opened and the time-stamp authority asked."""
        maker = DocumentMaker(
            pages=self.pages,
            seal=self._seal(),
            judge=self.judge,
            tsa=self._tsa(),
            validation_data=self._validation_data(),
            reason=self._settings.reason or REASON,
        )
        maker.demand_ready(at_s=self.at_s)
        return maker

    def _seal(self) -> Seal:
        """The key that ``--seal`` names, or else the one in ``keys/``, with its certificates."""
        options = self._options
        path = options.seal_password_file
        if options.seal is None:
            uri = self._key_file()
            path = path or options.password_file
        else:
            # A PIN is no file's password: a device locks itself after a few wrong ones.
            uri = options.seal
        prompt = self.terminal.pick("印章口令或 PIN：", "password or PIN of the seal: ")
        signer = open_document_signer(uri, password=password_source(path, prompt=prompt))
        published = {key.x509 for key in self._bundle.keys if KeyUse.DOCUMENT in key.uses}
        seals = [
            make_seal(signer, x509_chain=chain)
            for chain in self._authority.x509_chains()
            if chain[0] in published and _spki(chain[0]) == signer.spki
        ]
        if not seals:
            raise IssueError("issue.seal_not_in_bundle", name=uri.partition(":")[0] + ":…")
        at_s = self.at_s  # a renewed certificate may be there beside the old one
        return max(seals, key=lambda seal: seal.not_before_s <= at_s <= seal.not_after_s)

    def _key_file(self) -> str:
        wanted = {
            _spki(key.x509)
            for key in self._bundle.keys
            if KeyUse.DOCUMENT in key.uses and key.state is KeyState.ACTIVE and key.x509
        }
        uri = self._workspace.key_uri(lambda path: _spki_of_pem(path) in wanted)
        if uri is None:
            raise IssueError("issue.no_seal", folder=self._workspace.keys)
        return uri

    def _tsa(self) -> TsaClient | None:
        url = self._options.tsa or self._settings.tsa
        if url is None:
            return None
        paths = self._options.tsa_root or self._settings.tsa_roots
        roots = [der for path in paths for der in read_x509_chain(str(path))]
        if not roots:
            raise IssueError("issue.tsa_root_missing")
        return TsaClient(url, x509_roots=roots)

    def _validation_data(self) -> ValidationData | None:
        settings = self._settings
        if not (settings.x509s or settings.crls or settings.ocsps):
            return None
        x509s = tuple(der for path in settings.x509s for der in read_x509_chain(str(path)))
        crls, ocsps = (
            tuple(read_bounded_file(path, limit=MAX_VALIDATION_FILE_BYTES) for path in paths)
            for paths in (settings.crls, settings.ocsps)
        )
        return ValidationData(x509s, crls, ocsps)


def _spki(der: bytes) -> bytes:
    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _spki_of_pem(path: Path) -> bytes:
    try:
        key = load_pem_public_key(path.read_bytes())
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except ValueError:
        return b""  # another program's file
