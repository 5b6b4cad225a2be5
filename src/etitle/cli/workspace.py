"""An issuer's folder: where each thing is, so that commands need few flags.

::

    issuer/authority.toml     what the authority says of itself
    issuer/keys/NAME.pem      private keys (encrypted), with NAME.pub.pem beside each
    issuer/bundles/0001.cose  every bundle, signed
    issuer/rescue/*.cose      rescue lists
    issuer/ledger.sqlite      what was issued; confidential, back it up
    issuer/photos/            photos of documents, by SHA-256; as confidential as the ledger
    issuer/issued/            documents, QR pictures, code texts, openers.csv (confidential)
    published/                what everybody may fetch

Root keys need not be there: ``--root`` names them wherever they are.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etitle.cli.inputs import read_bounded_file
from etitle.errors import IssueError, SignerError, TrustError

if TYPE_CHECKING:
    from argparse import Namespace

    from etitle.issue.authority import AuthorityFile
    from etitle.keys.signer import Signer
    from etitle.register.sqlite import SqliteLedger
    from etitle.trust.published import Bundle, KeyUse

MAX_PASSWORD_BYTES: Final = 4096


class Workspace:
    """The folder that a command works in.

    Attributes:
        folder: the issuer's folder.
        published: the published folder.
        at_s: now, seconds since 1970 UTC.
        password: asks for a key's password, or reads it from the file named.
    """

    def __init__(self, options: Namespace) -> None:
        given = options.issuer or os.environ.get("ETITLE_ISSUER")
        self.folder = Path(given) if given else Path("issuer")
        self.published = Path(options.published)
        self.at_s: int = options.at_s
        self.password = password_source(options.password_file)

    def authority(self) -> AuthorityFile:
        """``authority.toml``."""
        from etitle.issue.authority import read_authority  # noqa: PLC0415  # issuing only

        return read_authority(self.folder / "authority.toml")

    def bundle_paths(self) -> list[Path]:
        """Every bundle, oldest first."""
        return sorted(self.folder.glob("bundles/*.cose"))

    def bundles(self) -> list[bytes]:
        """The bytes of every bundle that is signed enough, oldest first.

        A newest one that still waits for roots is left aside with a word: the list must go on.
        """
        from etitle.issue.bundlechain import is_signed_enough  # noqa: PLC0415  # issuing only
        from etitle.trust.roots import parse_bundle  # noqa: PLC0415  # issuing only

        paths = self.bundle_paths()
        found = [path.read_bytes() for path in paths]
        if len(found) > 1:
            _, before = parse_bundle(found[-2])
            if not is_signed_enough(found[-1], before=before):
                _warn_unsigned(paths[-1])
                found.pop()
        return found

    def bundle(self) -> Bundle:
        """The bundle in force, believed as a verifier would."""
        from etitle.issue.bundlechain import open_bundle_chain  # noqa: PLC0415  # issuing only

        return open_bundle_chain(self.bundles())

    def rescues(self, bundle: Bundle) -> list[bytes]:
        """The bytes of every rescue list that is signed enough.

        One that still waits for roots is left aside with a word, as a bundle is.
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
                _warn_unsigned(path)
                continue
            found.append(data)
        return found

    def ledger(self, authority_id: str, *, path: str | None = None) -> SqliteLedger:
        """The ledger."""
        from etitle.register.sqlite import SqliteLedger  # noqa: PLC0415  # issuing only

        return SqliteLedger.open(
            Path(path) if path else self.folder / "ledger.sqlite", authority_id=authority_id
        )

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
        for path in sorted(self.folder.glob("keys/*.pub.pem")):
            private = path.with_name(path.name.removesuffix(".pub.pem") + ".pem")
            try:
                is_it = private.exists() and read_public(path) in fitting
            except SignerError:  # a key that signs documents only, or another program's file
                continue
            if is_it:
                return open_path(private, password=self.password)
        raise IssueError("issue.no_key_file", use=use.name.lower(), folder=self.folder / "keys")


def _warn_unsigned(path: Path) -> None:
    sys.stderr.write(
        f"etitle: warning: {path} lacks root signatures and is not in force yet"
        " / 根签名不足，尚未生效\n"
    )


def read_bundle(path: Path) -> bytes:
    """The bytes of a file that may be a signed bundle; a pipe or a huge file is none.

    Raises:
        IssueError: ``issue.file_unreadable``.
    """
    from etitle.trust.bundle import MAX_BUNDLE_BYTES  # noqa: PLC0415  # keeps start-up short

    return read_bounded_file(path, limit=MAX_BUNDLE_BYTES)


def open_path(path: Path, *, password: Callable[[], bytes]) -> Signer:
    """The signer in a file."""
    from urllib.parse import quote  # noqa: PLC0415  # issuing only

    from etitle.keys.signer import open_signer  # noqa: PLC0415  # issuing only

    return open_signer(f"file:{quote(str(path))}", password=password)


def password_source(path: str | None, *, prompt: str = "password 口令: ") -> Callable[[], bytes]:
    """Where passwords come from: a file's first line, or a prompt; never the command line."""

    def ask() -> bytes:
        if path is not None:
            try:
                with Path(path).open("rb") as file:
                    return file.readline(MAX_PASSWORD_BYTES).rstrip(b"\r\n")
            except OSError:
                raise SignerError("keys.file_unreadable", path=path) from None
        if not sys.stdin.isatty():
            raise SignerError("keys.no_terminal")
        return getpass.getpass(prompt).encode()

    return ask


def new_password(path: str | None) -> bytes:
    """A password for a new key, typed twice.

    Raises:
        IssueError: ``issue.password_empty`` or ``issue.passwords_differ``.
    """
    first = password_source(path)()
    if not first:
        raise IssueError("issue.password_empty")
    if path is None and getpass.getpass("again 再输一次: ").encode() != first:
        raise IssueError("issue.passwords_differ")
    return first
