"""An issuer's folder: where each thing is, so that commands need few flags.

::

    issuer/authority.toml     what the authority says of itself
    issuer/keys/NAME.pem      private keys (encrypted), with NAME.pub.pem beside each
    issuer/bundles/0001.cose  every bundle, signed
    issuer/rescue/*.cose      rescue lists
    issuer/ledger.sqlite      what was issued; confidential, back it up
    issuer/photos/            photos of documents, by SHA-256; as confidential as the ledger
    issuer/issued/            documents, QR pictures, code texts, openings.csv (confidential)
    published/                what everybody may fetch

Root keys need not be there: ``--root`` names them wherever they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from etitle.cli.inputs import read_bounded_file
from etitle.cli.passwords import password_source
from etitle.cli.terminal import Terminal
from etitle.errors import IssueError, SignerError, TrustError

if TYPE_CHECKING:
    from argparse import Namespace

    from etitle.issue.authority import AuthorityFile
    from etitle.keys.signer import Signer
    from etitle.register.sqlite import SqliteLedger
    from etitle.trust.published import Bundle, KeyUse


class Workspace:
    """The folder that a command works in.

    Attributes:
        folder: the issuer's folder.
        published: the published folder.
        at_s: now, seconds since 1970 UTC.
        terminal: where the command speaks.
        password: asks for a key's password, or reads it from the file named.
    """

    def __init__(self, options: Namespace) -> None:
        given = options.issuer or os.environ.get("ETITLE_ISSUER")
        self.folder = Path(given) if given else Path("issuer")
        self.published = Path(options.published)
        self.at_s: int = options.at_s
        self._ledger: str | None = options.ledger
        self.terminal: Terminal = options.terminal
        self.password = password_source(
            options.password_file,
            prompt=self.terminal.pick("密钥口令：", "password of the key: "),
        )

    def authority(self) -> AuthorityFile:
        """``authority.toml``."""
        from etitle.issue.authority import read_authority  # noqa: PLC0415  # issuing only

        return read_authority(self.folder / "authority.toml")

    def bundle_paths(self) -> list[Path]:
        """Every bundle, oldest first."""
        return sorted(self.folder.glob("bundles/*.cose"))

    def bundles(self) -> list[bytes]:
        """The bytes of every bundle that is signed enough, oldest first.

        A newest one that still lacks root signatures is skipped with a notice: lists must go on.
        """
        from etitle.issue.bundlechain import is_signed_enough  # noqa: PLC0415  # issuing only
        from etitle.trust.roots import parse_bundle  # noqa: PLC0415  # issuing only

        paths = self.bundle_paths()
        found = [path.read_bytes() for path in paths]
        if len(found) > 1:
            _, before = parse_bundle(found[-2])
            if not is_signed_enough(found[-1], before=before):
                self.terminal.warn("issue.unsigned_aside", path=paths[-1])
                found.pop()
        return found

    def bundle(self) -> Bundle:
        """The bundle in force, believed as a verifier would."""
        from etitle.issue.bundlechain import open_bundle_chain  # noqa: PLC0415  # issuing only

        return open_bundle_chain(self.bundles())

    def rescues(self, bundle: Bundle) -> list[bytes]:
        """The bytes of every rescue list that is signed enough.

        One that still lacks root signatures is skipped with a notice, as a bundle is.
        """
        from etitle.trust.rescue import MAX_RESCUE_BYTES, open_rescue  # noqa: PLC0415  # as above

        found: list[bytes] = []
        for path in sorted(self.folder.glob("rescue/*.cose")):
            data = read_bounded_file(path, limit=MAX_RESCUE_BYTES)
            try:
                open_rescue(data, bundle=bundle)
            except TrustError as error:
                if error.code != "bundle.too_few_signatures":
                    raise
                self.terminal.warn("issue.unsigned_aside", path=path)
                continue
            found.append(data)
        return found

    def ledger(self) -> SqliteLedger:
        """The ledger, to be used in a ``with``."""
        from etitle.register.sqlite import SqliteLedger  # noqa: PLC0415  # issuing only

        path = self._ledger or self.folder / "ledger.sqlite"
        return SqliteLedger.open(Path(path), authority_id=self.authority().id)

    def signer(self, uri: str | None, *, bundle: Bundle, use: KeyUse) -> Signer:
        """The signer of a URI, or else the key in ``keys/`` that the bundle lets do the work.

        Raises:
            IssueError: ``issue.no_key_file``.
            SignerError: those of ``open_signer``.
        """
        from etitle.issue.authority import read_public  # noqa: PLC0415  # issuing only
        from etitle.keys.signer import open_signer  # noqa: PLC0415  # issuing only
        from etitle.trust.published import KeyState  # noqa: PLC0415  # issuing only

        if uri is not None:
            return open_signer(uri, password=self.password)
        fitting = {
            key.public for key in bundle.keys if use in key.uses and key.state is KeyState.ACTIVE
        }

        def fits(path: Path) -> bool:
            try:
                return read_public(path) in fitting
            except SignerError:  # a key that signs documents only, or another program's file
                return False

        private = self.key_uri(fits)
        if private is None:
            raise IssueError("issue.no_key_file", use=use.name.lower(), folder=self.keys)
        return open_signer(private, password=self.password)

    @property
    def keys(self) -> Path:
        """Where keys are that need not be named."""
        return self.folder / "keys"

    def key_uri(self, fits: Callable[[Path], bool]) -> str | None:
        """The URI of the private key in ``keys/`` whose NAME.pub.pem fits; None for none."""
        for path in sorted(self.keys.glob("*.pub.pem")):
            private = path.with_name(path.name.removesuffix(".pub.pem") + ".pem")
            if private.exists() and fits(path):
                return f"file:{quote(str(private))}"
        return None

    def roots(self, uris: Iterable[str]) -> list[Signer]:
        """The root keys that the command line names."""
        from etitle.keys.signer import open_signer  # noqa: PLC0415  # issuing only

        return [open_signer(uri, password=self.password) for uri in uris]


def read_bundle(path: Path) -> bytes:
    """The bytes of a file that may be a signed bundle; a pipe or a huge file is none.

    Raises:
        IssueError: ``issue.file_unreadable``.
    """
    from etitle.trust.bundle import MAX_BUNDLE_BYTES  # noqa: PLC0415  # keeps start-up short

    return read_bounded_file(path, limit=MAX_BUNDLE_BYTES)
