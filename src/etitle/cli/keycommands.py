"""``etitle keys``: make key pairs, and show public keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from etitle.cli.passwords import new_password
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError
from etitle.files import write_atomic, write_synced
from etitle.issue.authority import read_public
from etitle.keys import mldsa
from etitle.keys.documentkey import MIN_RSA_BITS, DocumentKey
from etitle.keys.public import PublicKey
from etitle.keys.signer import AnyPrivateKey, generate, to_pem
from etitle.keys.suite import BY_NAME
from etitle.trust.pin import spell_fingerprint

if TYPE_CHECKING:
    from argparse import Namespace

    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey


def new(options: Namespace) -> int:
    """``keys new NAME…``: write NAME.pem (encrypted unless told otherwise) and NAME.pub.pem."""
    folder = Path(options.folder) if options.folder else Workspace(options).folder / "keys"
    for name in options.names:
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise IssueError("issue.key_name", name=name)
        for path in (folder / f"{name}.pem", folder / f"{name}.pub.pem"):
            if path.exists():
                raise IssueError("issue.key_exists", path=path)
    password = (
        None if options.no_password else new_password(options.password_file, options.terminal)
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name in options.names:
        key = _generate(options.suite)
        private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
        opened = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _write_pair(private, to_pem(key, password), public, opened)
        made = read_public(public)
        options.terminal.say("output.key_made", path=private, suite=made.label, kid=made.kid.hex())
        _say_thumbprint(options, made)
    return 0


def _write_pair(private: Path, secret: bytes, public: Path, opened: bytes) -> None:
    """Write both files of a key, or none: an interruption leaves no half of a pair."""
    # Readable by the owner alone from the first byte, and never over another key.
    write_synced(private, secret, mode=0o600)
    try:
        write_atomic(public, opened)
    except BaseException:
        private.unlink()
        raise


def _generate(suite: str) -> AnyPrivateKey | RSAPrivateKey | MLDSA65PrivateKey:
    if suite == "RSA-3072":
        return generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
    if suite == "ML-DSA-65":
        return mldsa.generate()
    return generate(BY_NAME[suite]).private_key


def show(options: Namespace) -> int:
    """``keys show``: suite, kid and thumbprint of every public key."""
    folder = Path(options.folder) if options.folder else Workspace(options).folder / "keys"
    for path in sorted(folder.glob("*.pub.pem")):
        key = read_public(path)
        has_private = path.with_name(path.name.removesuffix(".pub.pem") + ".pem").exists()
        options.terminal.say(
            "output.key_whole" if has_private else "output.key_public",
            name=path.name,
            suite=key.label,
            kid=key.kid.hex(),
        )
        _say_thumbprint(options, key)
    return 0


def _say_thumbprint(options: Namespace, key: PublicKey | DocumentKey) -> None:
    """As whoever signs for a root is shown it, and compares it."""
    spelled = spell_fingerprint(key.thumbprint)
    options.terminal.say("output.key_thumbprint", indent=2, thumbprint=spelled)
