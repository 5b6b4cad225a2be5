"""``etitle bundle``: from authority.toml to signed bundles, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etitle.certificate.dates import day_date
from etitle.cli.terminal import china_time
from etitle.cli.workspace import Workspace, read_bundle
from etitle.errors import IssueError
from etitle.files import write_atomic
from etitle.issue.bundlechain import fingerprint_text, is_signed_enough, open_bundle_chain
from etitle.keys.signer import Signer, open_signer
from etitle.trust.roots import count_signatures, endorse_bundle, parse_bundle, sign_bundle

if TYPE_CHECKING:
    from argparse import Namespace

    from etitle.trust.published import Bundle


def _roots(options: Namespace, workspace: Workspace) -> list[Signer]:
    return [open_signer(uri, password=workspace.password) for uri in options.root]


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
    data = sign_bundle(bundle, signers=_roots(options, workspace))
    path = workspace.folder / "bundles" / f"{version:04}.cose"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise IssueError("issue.bundle_exists", path=path)
    write_atomic(path, data)
    _tell(path, data, before=before)
    return 0


def endorse(options: Namespace) -> int:
    """``bundle endorse``: add the signatures of further roots."""
    workspace = Workspace(options)
    paths = [Path(options.file)] if options.file else workspace.bundle_paths()[-1:]
    if not paths:
        raise IssueError("issue.no_bundle")
    data = endorse_bundle(read_bundle(paths[0]), signers=_roots(options, workspace))
    write_atomic(paths[0], data)
    earlier = [path for path in workspace.bundle_paths() if path < paths[0]]
    before = open_bundle_chain([path.read_bytes() for path in earlier]) if earlier else None
    _tell(paths[0], data, before=before)
    return 0


def _tell(path: Path, data: bytes, *, before: Bundle | None) -> None:
    body, bundle = parse_bundle(data)
    count = count_signatures(body, roots=bundle.roots)
    enough = is_signed_enough(data, before=before)
    state = "signed enough 签名已足" if enough else "more signatures needed 还需根签名"
    print(f"{path}  version {bundle.version}  {count}/{bundle.roots.threshold}  {state}")


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
    print(fingerprint_text(bundle), end="")
    print(f"version {bundle.version}  issued {china_time(bundle.issued_s)}", end="")
    print(f"  next update {china_time(bundle.next_update_s)}")
    count = count_signatures(body, roots=bundle.roots)
    print(f"roots: {bundle.roots.threshold} of {len(bundle.roots.keys)}, {count} signed")
    for key in bundle.keys:
        until = "" if key.not_after is None else str(day_date(key.not_after))
        uses = ", ".join(sorted(use.name.lower() for use in key.uses))
        print(
            f"key {key.public.kid.hex()}  {key.public.label}  {key.state.name.lower()}  {uses}"
            f"  {day_date(key.not_before)} – {until}  {key.seal_name}"
        )
    for segment in bundle.segments:
        digits = f"{segment.first}–{segment.last}" if segment.width else "*"
        print(f"segment {segment.prefix}+{segment.width}  {digits}  {segment.body}")
    for entry in bundle.lists:
        print(f"list {entry.list_id}  epoch {entry.epoch}  {entry.uri}")
    return 0
