"""``etitle trust``: an employer's store.  Needs what verification needs, and nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from etitle.certificate.dates import DAY_S
from etitle.cli.terminal import china_time
from etitle.cli.workspace import read_bundle
from etitle.errors import TrustError, explain
from etitle.store.local import Store

if TYPE_CHECKING:
    from argparse import Namespace


def _folder(options: Namespace) -> Path:
    named = options.trust or os.environ.get("ETITLE_TRUST")
    return Path(named) if named else Path.home() / ".local/share/etitle/trust"


def _pin(text: str) -> bytes:
    digits = re.sub(r"[\s:-]+", "", text)
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", digits):
        raise TrustError("issue.pin_malformed")
    return bytes.fromhex(digits)


def init(options: Namespace) -> int:
    """``trust init BUNDLE --pin FINGERPRINT``."""
    path = Path(options.bundle)
    if path.is_dir():  # a published folder: its first bundle has the pinned roots
        first = sorted(path.glob("bundles/*.cose"))
        path = first[0] if first else path / "bundles/0001.cose"
    pin = _pin(options.pin)
    Store.init(_folder(options), read_bundle(path), pin=pin, at_s=options.at_s, reset=options.reset)
    print(f"{_folder(options)}: believed from now on 已建立信任")
    return 0


def update(options: Namespace) -> int:
    """``trust update FOLDER``: bundles, lists and deltas from a published folder."""
    report = Store(_folder(options)).update(Path(options.folder), at_s=options.at_s)
    for change in report.changes:
        before = "-" if change.before is None else change.before
        after = "-" if change.after is None else change.after
        print(f"{change.authority_id}  {change.what}  {before} → {after}")
    for skipped in report.skipped:
        what, _ = explain(skipped.code, options.lang)
        print(f"passed over 略过 {skipped.name}: [{skipped.code}] {what}")
    if not report.changes:
        print("nothing new 没有新内容")
    return 0


def show(options: Namespace) -> int:
    """``trust show``: whom the store believes, and how fresh its lists are."""
    for status in Store(_folder(options)).describe():
        bundle = status.bundle
        example = "  样例 / EXAMPLE" if bundle.example else ""
        print(f"{bundle.authority.name_zh} / {bundle.authority.name_en}{example}")
        print(f"  id {bundle.authority.id}  bundle {bundle.version}  pin {status.pin.hex()}")
        print(f"  bundle due 信任包应更新于 {china_time(bundle.next_update_s)}")
        for item in status.lists:
            if item.held is None:
                print(f"  list {item.entry.list_id}  missing 缺")
                continue
            age_d = (options.at_s - item.held.issued_s) // DAY_S
            print(
                f"  list {item.entry.list_id}  sequence {item.held.sequence}"
                f"  as of 截至 {china_time(item.held.issued_s)}  {age_d} days 天"
                f"  due 应更新于 {china_time(item.held.expires_s)}"
            )
    return 0
