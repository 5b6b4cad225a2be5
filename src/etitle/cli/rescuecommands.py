"""``etitle rescue``: rescue lists of compromised keys, signed by one root after another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etitle import cose
from etitle.cli.inputs import read_bounded_file
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError, TrustError
from etitle.files import write_atomic
from etitle.keys.public import PublicKey
from etitle.register.publish import rescue_of
from etitle.trust.published import KeyState
from etitle.trust.rescue import MAX_RESCUE_BYTES, decode_rescue, endorse_rescue, sign_rescue
from etitle.trust.roots import count_signatures

if TYPE_CHECKING:
    from argparse import Namespace

    from etitle.trust.published import Bundle


def rescue(options: Namespace) -> int:
    """``rescue KID``: the tokens the ledger knows.  ``rescue endorse FILE``: more signatures."""
    workspace = Workspace(options)
    bundle = workspace.bundle()
    if options.kid == "endorse":
        if options.file is None:
            raise IssueError("issue.rescue_file_needed")
        return _endorse(Path(options.file), options, workspace, bundle)
    if options.file is not None:
        raise IssueError("issue.key_unknown", kid=f"{options.kid} {options.file}")
    thumbprint = _compromised(options.kid.lower(), bundle)
    roots = workspace.roots(options.root)
    with workspace.ledger() as ledger:
        made = rescue_of(ledger, bundle=bundle, thumbprint=thumbprint, at_s=workspace.at_s)
    path = workspace.folder / "rescue" / f"{thumbprint[:4].hex()}.cose"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, sign_rescue(made, signers=roots), workspace, bundle)
    return 0


def _endorse(path: Path, options: Namespace, workspace: Workspace, bundle: Bundle) -> int:
    data = read_bounded_file(path, limit=MAX_RESCUE_BYTES)
    body = cose.parse_sign(endorse_rescue(data, signers=()), max_bytes=MAX_RESCUE_BYTES)
    found = decode_rescue(body.payload)
    # What a root signs counts for ever: it must be of this authority, and of a stolen key.
    if found.authority_id != bundle.authority.id:
        raise TrustError(
            "bundle.wrong_authority", authority=found.authority_id, current=bundle.authority.id
        )
    _compromised(found.thumbprint.hex(), bundle)
    _write(path, endorse_rescue(data, signers=workspace.roots(options.root)), workspace, bundle)
    return 0


def _compromised(kid: str, bundle: Bundle) -> bytes:
    found = [
        key.public.thumbprint
        for key in bundle.keys
        if isinstance(key.public, PublicKey)  # others sign no tokens
        and key.public.thumbprint.hex().startswith(kid)
        and key.state is KeyState.COMPROMISED
    ]
    if len(found) != 1:
        raise IssueError("issue.key_unknown", kid=kid)
    return found[0]


def _write(path: Path, data: bytes, workspace: Workspace, bundle: Bundle) -> None:
    write_atomic(path, data)
    body = cose.parse_sign(data, max_bytes=MAX_RESCUE_BYTES)
    made, count = decode_rescue(body.payload), count_signatures(body, roots=bundle.roots)
    needed = bundle.roots.threshold
    workspace.terminal.say(
        "output.rescue_signed" if count >= needed else "output.rescue_unsigned",
        path=path,
        kid=made.thumbprint[:4].hex(),
        tokens=len(made),
        count=count,
        needed=needed,
    )
