"""``etitle bundle``: from authority.toml to signed bundles, and what they say."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from etitle.certificate.dates import day_date
from etitle.cli.terminal import Terminal
from etitle.cli.workspace import Workspace, read_bundle
from etitle.errors import IssueError
from etitle.files import write_atomic
from etitle.issue.bundlechain import fingerprint_text, is_signed_enough, open_bundle_chain
from etitle.report.rows import china_time
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey
from etitle.trust.roots import count_signatures, endorse_bundle, parse_bundle, sign_bundle

_KEY_STATES: Final = {
    KeyState.ACTIVE: ("启用", "active"),
    KeyState.RETIRED: ("停用", "retired"),
    KeyState.COMPROMISED: ("已泄露", "compromised"),
}
_KEY_USES: Final = {
    KeyUse.TOKEN: ("签发", "token"),
    KeyUse.LIST: ("状态列表", "list"),
    KeyUse.DOCUMENT: ("签章", "document"),
}


def new(options: Namespace) -> int:
    """``bundle new``: the first bundle."""
    workspace = Workspace(options)
    if workspace.bundle_paths():
        raise IssueError("issue.bundle_exists", path=workspace.bundle_paths()[-1])
    return _write(options, workspace, before=None)


def rotate(options: Namespace) -> int:
    """``bundle rotate``: the next bundle, after authority.toml was changed."""
    workspace = Workspace(options)
    return _write(options, workspace, before=workspace.bundle())


def _write(options: Namespace, workspace: Workspace, *, before: Bundle | None) -> int:
    version = 1 if before is None else before.version + 1
    bundle = workspace.authority().bundle(version=version, at_s=workspace.at_s)
    data = sign_bundle(bundle, signers=workspace.roots(options.root))
    path = workspace.folder / "bundles" / f"{version:04}.cose"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise IssueError("issue.bundle_exists", path=path)
    write_atomic(path, data)
    _tell(workspace.terminal, path, data, before=before)
    return 0


def endorse(options: Namespace) -> int:
    """``bundle endorse``: add the signatures of further roots."""
    workspace = Workspace(options)
    paths = [Path(options.file)] if options.file else workspace.bundle_paths()[-1:]
    if not paths:
        raise IssueError("issue.no_bundle")
    data = endorse_bundle(read_bundle(paths[0]), signers=workspace.roots(options.root))
    write_atomic(paths[0], data)
    earlier = [path for path in workspace.bundle_paths() if path < paths[0]]
    before = open_bundle_chain([path.read_bytes() for path in earlier]) if earlier else None
    _tell(workspace.terminal, paths[0], data, before=before)
    return 0


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
        state=terminal.pick(*_KEY_STATES[key.state]),
        uses=terminal.pick("、", ", ").join(
            terminal.pick(*_KEY_USES[use]) for use in sorted(key.uses)
        ),
        first=day_date(key.not_before),
        last="" if key.not_after is None else day_date(key.not_after),
        name=key.seal_name,
    )
