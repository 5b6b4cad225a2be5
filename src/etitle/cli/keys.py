"""``etitle keys``: make key pairs, and show public keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from etitle.cli.workspace import Workspace, new_password
from etitle.errors import IssueError
from etitle.issue.authority import read_public
from etitle.keys.signer import generate
from etitle.keys.suite import BY_NAME

if TYPE_CHECKING:
    from argparse import Namespace


def new(options: Namespace) -> int:
    """``keys new NAME…``: write NAME.pem (encrypted unless told otherwise) and NAME.pub.pem."""
    folder = Path(options.folder) if options.folder else Workspace(options).folder / "keys"
    for name in options.names:
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise IssueError("issue.key_name", name=name)
        for path in (folder / f"{name}.pem", folder / f"{name}.pub.pem"):
            if path.exists():
                raise IssueError("issue.key_exists", path=path)
    password = None if options.no_password else new_password(options.password_file)
    folder.mkdir(parents=True, exist_ok=True)
    for name in options.names:
        signer = generate(BY_NAME[options.suite])
        private = folder / f"{name}.pem"
        # Readable by the owner alone from the first byte, and never over another key.
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(signer.to_pem(password))
        public = signer.private_key.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{name}.pub.pem").write_bytes(pem)
        print(f"{private}  {signer.public.suite.name}  kid {signer.public.kid.hex()}")
    return 0


def show(options: Namespace) -> int:
    """``keys show``: suite, kid and thumbprint of every public key."""
    folder = Path(options.folder) if options.folder else Workspace(options).folder / "keys"
    for path in sorted(folder.glob("*.pub.pem")):
        key = read_public(path)
        has_private = path.with_name(path.name.removesuffix(".pub.pem") + ".pem").exists()
        where = "private key here 私钥在此" if has_private else "public only 仅公钥"
        print(f"{path.name}  {key.suite.name}  kid {key.kid.hex()}  {where}")
        print(f"  thumbprint {key.thumbprint.hex()}")
    return 0
