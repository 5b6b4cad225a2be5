"""``etitle rescue``: rescue lists of compromised keys, signed by one root after another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etitle.cli.ceremony import Shown, confirm
from etitle.cli.inputs import read_bounded_file
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError, TrustError
from etitle.files import locked_folder, write_atomic
from etitle.issue.bundlechain import demand_roots, demand_shown
from etitle.keys.public import PublicKey
from etitle.register.publish import rescue_of
from etitle.trust.bundle import fingerprint
from etitle.trust.difference import Change, rescue_difference, rescue_digest
from etitle.trust.pin import spell_fingerprint
from etitle.trust.published import KeyState
from etitle.trust.rescue import (
    MAX_RESCUE_BYTES,
    Rescue,
    endorse_rescue,
    open_rescue,
    parse_rescue,
    sign_rescue,
)
from etitle.trust.roots import count_signatures

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from etitle.trust.published import Bundle, PublishedKey


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
    key = _compromised(options.kid.lower(), bundle)
    thumbprint = key.public.thumbprint
    with workspace.ledger() as ledger:
        path = workspace.folder / "rescue" / f"{thumbprint[:4].hex()}.cose"
        known = _known(workspace, thumbprint, path)
        made, unverified = rescue_of(
            ledger,
            bundle=bundle,
            thumbprint=thumbprint,
            at_s=workspace.at_s,
            number=1 + max((one.number for _, one in known), default=0),
        )
    for number in unverified:
        workspace.terminal.warn("issue.rescue_unverified", number=number)
    before = _in_force(known, bundle)
    digest = rescue_digest(made, bundle=bundle, timeless=True)
    _confirm(options, workspace, bundle, rescue_difference(before, made, key=key), digest)
    roots = workspace.roots(options.root)
    demand_roots(roots, bundle, before=None)
    signed = sign_rescue(made, signers=roots)
    with locked_folder(path.parent):
        _write(path, signed, workspace, bundle)
    return 0


def _endorse(path: Path, options: Namespace, workspace: Workspace, bundle: Bundle) -> int:
    data = read_bounded_file(path, limit=MAX_RESCUE_BYTES)
    body, found = parse_rescue(data)
    # What a root signs counts for ever: it must be of this authority, and of a stolen key.
    if found.authority_id != bundle.authority.id:
        raise TrustError(
            "bundle.wrong_authority", authority=found.authority_id, current=bundle.authority.id
        )
    demand_shown(body.payload, found)
    key = _compromised(found.thumbprint.hex(), bundle)
    before = _in_force(_known(workspace, found.thumbprint), bundle)
    digest = rescue_digest(found, bundle=bundle)
    _confirm(options, workspace, bundle, rescue_difference(before, found, key=key), digest)
    roots = workspace.roots(options.root)
    demand_roots(roots, bundle, before=None)
    signed = endorse_rescue(data, signers=roots)
    with locked_folder(path.parent):
        if read_bounded_file(path, limit=MAX_RESCUE_BYTES) != data:
            raise IssueError("issue.changed_meanwhile", path=path)
        _write(path, signed, workspace, bundle)
    return 0


def _confirm(
    options: Namespace,
    workspace: Workspace,
    bundle: Bundle,
    changes: Sequence[Change],
    digest: bytes,
) -> None:
    details: dict[str, object] = {
        "id": bundle.authority.id,
        "version": bundle.version,
        "pin": spell_fingerprint(fingerprint(bundle.roots)),
    }
    shown = Shown("output.ceremony_rescue", details, changes, digest)
    confirm(shown, workspace.terminal, options)


def _known(workspace: Workspace, thumbprint: bytes, *own: Path) -> list[tuple[bytes, Rescue]]:
    """Every rescue list of a key, here or as published, whoever signed it; drafts too."""
    found: list[tuple[bytes, Rescue]] = []
    for path in (*own, *sorted(workspace.published.glob("rescue/*.cose"))):
        try:
            data = read_bounded_file(path, limit=MAX_RESCUE_BYTES)
            _, rescue = parse_rescue(data)
        except (IssueError, TrustError):  # no such file
            continue
        if rescue.thumbprint == thumbprint:
            found.append((data, rescue))
    return found


def _in_force(known: Sequence[tuple[bytes, Rescue]], bundle: Bundle) -> Rescue | None:
    """The newest that was signed enough."""
    found: list[Rescue] = []
    for data, _ in known:
        try:
            found.append(open_rescue(data, bundle=bundle))
        except TrustError:  # a draft
            continue
    return max(found, key=lambda rescue: rescue.number, default=None)


def _compromised(kid: str, bundle: Bundle) -> PublishedKey:
    found = [
        key
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
    body, made = parse_rescue(data)
    count = count_signatures(body, roots=bundle.roots)
    needed = bundle.roots.threshold
    workspace.terminal.say(
        "output.rescue_signed" if count >= needed else "output.rescue_unsigned",
        path=path,
        kid=made.thumbprint[:4].hex(),
        tokens=len(made),
        count=count,
        needed=needed,
    )
