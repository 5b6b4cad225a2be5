"""``etitle bundle``: from authority.toml to signed bundles, and what they say."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from etitle.certificate.dates import day_date
from etitle.cli.ceremony import Shown, confirm
from etitle.cli.terminal import Terminal
from etitle.cli.workspace import Workspace, read_bundle
from etitle.errors import IssueError, TrustError
from etitle.files import locked_folder, write_atomic
from etitle.issue.bundlechain import (
    demand_next,
    demand_roots,
    demand_shown,
    fingerprint_text,
    is_signed_enough,
    open_bundle_chain,
)
from etitle.report.difference import STATE_WORDS, uses_words
from etitle.report.rows import china_time
from etitle.trust.bundle import fingerprint, payload_hash
from etitle.trust.difference import difference, difference_digest
from etitle.trust.pin import spell_fingerprint
from etitle.trust.published import Bundle, PublishedKey
from etitle.trust.roots import count_signatures, endorse_bundle, parse_bundle, sign_bundle


def new(options: Namespace) -> int:
    """``bundle new``: the first bundle."""
    workspace = Workspace(options)
    if workspace.bundle_paths():
        raise IssueError("issue.bundle_exists", path=workspace.bundle_paths()[-1])
    return _make(options, workspace, [])


def rotate(options: Namespace) -> int:
    """``bundle rotate``: the next bundle, after authority.toml was changed."""
    workspace = Workspace(options)
    bundles = workspace.bundles()
    open_bundle_chain(bundles)
    return _make(options, workspace, [parse_bundle(data)[1] for data in bundles])


def _make(options: Namespace, workspace: Workspace, in_force: list[Bundle]) -> int:
    before = in_force[-1] if in_force else None
    version = 1 if before is None else before.version + 1
    path = workspace.folder / "bundles" / f"{version:04}.cose"
    if path.exists():
        raise IssueError("issue.bundle_exists", path=path)
    bundle = workspace.authority().bundle(version=version, at_s=workspace.at_s)
    demand_next(bundle, before=before)
    _refuse_published(workspace, bundle)
    digest = difference_digest(before, bundle, timeless=True)
    _confirm(options, workspace, bundle, in_force, digest=digest)
    signers = workspace.roots(options.root)
    demand_roots(signers, bundle, before=before)
    data = sign_bundle(bundle, signers=signers)
    with locked_folder(path.parent):
        if path.exists():
            raise IssueError("issue.bundle_exists", path=path)
        write_atomic(path, data)
    _tell(workspace.terminal, path, data, before=before)
    return 0


def _refuse_published(workspace: Workspace, bundle: Bundle) -> None:
    """Refuse a version that went out already: this folder may be an old copy, or another one."""
    for path in sorted(workspace.published.glob("bundles/*.cose")):
        try:
            out = parse_bundle(read_bundle(path))[1]
        except (IssueError, TrustError):  # no bundle: whoever publishes will say so
            continue
        if out.authority.id == bundle.authority.id and out.version >= bundle.version:
            raise IssueError("issue.bundle_published", path=path, version=out.version)


def _refuse_second(workspace: Workspace, bundle: Bundle, own: Path) -> None:
    """Refuse another content of a version that is here or went out.

    To a verifier two contents of one version are a fork, and stop every update.
    """
    for path in (*workspace.bundle_paths(), *sorted(workspace.published.glob("bundles/*.cose"))):
        try:
            other = parse_bundle(read_bundle(path))[1]
        except (IssueError, TrustError):  # no bundle, or one that the next step refuses
            continue
        if (
            path.resolve() != own.resolve()
            and (other.authority.id, other.version) == (bundle.authority.id, bundle.version)
            and payload_hash(other) != payload_hash(bundle)
        ):
            raise IssueError("issue.bundle_other", path=path, version=bundle.version)


def endorse(options: Namespace) -> int:
    """``bundle endorse``: add the signatures of further roots."""
    workspace = Workspace(options)
    paths = [Path(options.file)] if options.file else workspace.bundle_paths()[-1:]
    if not paths:
        raise IssueError("issue.no_bundle")
    path, data = paths[0], read_bundle(paths[0])
    body, bundle = parse_bundle(data)
    demand_shown(body.payload, bundle)
    _refuse_second(workspace, bundle, path)
    in_force = _in_force(workspace, bundle.version)
    before = in_force[-1] if in_force else None
    demand_next(bundle, before=before)
    _confirm(options, workspace, bundle, in_force, digest=difference_digest(before, bundle))
    signers = workspace.roots(options.root)
    demand_roots(signers, bundle, before=before)
    signed = endorse_bundle(data, signers=signers)
    with locked_folder(path.parent):
        if read_bundle(path) != data:
            raise IssueError("issue.changed_meanwhile", path=path)
        write_atomic(path, signed)
    _tell(workspace.terminal, path, signed, before=before)
    return 0


def _in_force(workspace: Workspace, version: int) -> list[Bundle]:
    """The bundles before a version, the last of them the one in force."""
    found: list[tuple[bytes, Bundle]] = []
    for path in workspace.bundle_paths():
        data = read_bundle(path)
        bundle = parse_bundle(data)[1]
        if bundle.version < version:
            found.append((data, bundle))
    if not found or found[-1][1].version != version - 1:
        if version == 1:
            return []
        folder = workspace.folder / "bundles"
        raise IssueError("issue.bundle_before_missing", version=version - 1, folder=folder)
    open_bundle_chain([data for data, _ in found])
    return [bundle for _, bundle in found]


def _confirm(
    options: Namespace,
    workspace: Workspace,
    bundle: Bundle,
    in_force: list[Bundle],
    *,
    digest: bytes,
) -> None:
    before = in_force[-1] if in_force else None
    title = "output.ceremony_first"
    details: dict[str, object] = {}
    if before is not None:
        title = "output.ceremony_bundle"
        pin = spell_fingerprint(fingerprint(before.roots))
        details = {"before": before.version, "version": bundle.version, "pin": pin}
    changes = difference(before, bundle, earlier=in_force[:-1], at_s=workspace.at_s)
    confirm(Shown(title, details, changes, digest), workspace.terminal, options)


def _tell(terminal: Terminal, path: Path, data: bytes, *, before: Bundle | None) -> None:
    body, bundle = parse_bundle(data)
    enough = is_signed_enough(data, before=before)
    terminal.say(
        "output.bundle_signed" if enough else "output.bundle_unsigned",
        path=path,
        version=bundle.version,
        count=count_signatures(body, roots=bundle.roots),
        needed=bundle.roots.threshold,
    )


def show(options: Namespace) -> int:
    """``bundle show``: what a bundle says, and the fingerprint to pin."""
    workspace = Workspace(options)
    path = Path(options.file) if options.file else None
    if path is None:
        if not workspace.bundle_paths():
            raise IssueError("issue.no_bundle")
        path = workspace.bundle_paths()[-1]
    data = read_bundle(path)
    body, bundle = parse_bundle(data)
    terminal = workspace.terminal
    sys.stdout.write(fingerprint_text(bundle))
    terminal.say(
        "output.bundle",
        version=bundle.version,
        issued=china_time(bundle.issued_s),
        due=china_time(bundle.next_update_s),
    )
    terminal.say(
        "output.bundle_roots",
        needed=bundle.roots.threshold,
        keys=len(bundle.roots.keys),
        count=count_signatures(body, roots=bundle.roots),
    )
    for key in bundle.keys:
        _show_key(terminal, key)
    for segment in bundle.segments:
        terminal.say(
            "output.bundle_segment",
            prefix=segment.prefix,
            width=segment.width,
            digits=f"{segment.first}–{segment.last}" if segment.width else "*",
            body=segment.body,
        )
    for entry in bundle.lists:
        terminal.say("output.bundle_list", list_id=entry.list_id, epoch=entry.epoch, uri=entry.uri)
    return 0


def _show_key(terminal: Terminal, key: PublishedKey) -> None:
    terminal.say(
        "output.bundle_key",
        kid=key.public.kid.hex(),
        suite=key.public.label,
        state=terminal.pick(*STATE_WORDS[key.state]),
        uses=uses_words(key.uses, terminal.language),
        first=day_date(key.not_before),
        last="" if key.not_after is None else day_date(key.not_after),
        name=key.seal_name,
    )
