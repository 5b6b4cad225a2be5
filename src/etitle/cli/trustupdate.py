"""``etitle-verify trust update`` and ``show``: what was published, and how old it is."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

from etitle.certificate.dates import DAY_S
from etitle.cli.terminal import Terminal
from etitle.cli.trustfolder import shown_fingerprint, store_folder, time_of, warn_of_namesakes
from etitle.errors import StoreError, explain
from etitle.report.rows import china_time
from etitle.store.local import AlarmError, AuthorityStatus, ListStatus, Store, UpdateReport
from etitle.store.notes import Skipped
from etitle.trust.bundle import fingerprint
from etitle.trust.pin import spell_fingerprint

_DAMAGED: Final = frozenset(
    {
        "store.file_unreadable",
        "bundle.malformed",
        "bundle.rescue_malformed",
        "bundle.version_unknown",
        "list.malformed",
        "list.bomb",
        "list.signature_bad",
        "list.state_hash",
        "list.version_unknown",
        "list.delta_malformed",
        "list.delta_result",
    }
)
"""Reasons of files that are not what was published."""


def update(terminal: Terminal, options: Namespace) -> None:
    """``trust update FOLDER``: bundles, lists and deltas from a published folder."""
    store = Store(store_folder(options.trust))
    try:
        report = store.update(Path(options.folder), at=time_of(options))
    except AlarmError as alarm:
        _tell(terminal, alarm.report, options)
        for each in alarm.report.alarms[1:]:
            terminal.fail(each)
        raise
    _tell(terminal, report, options)
    if not report.read:
        raise StoreError("store.nothing_read", folder=options.folder)
    if damaged := sum(map(_is_damaged, report.skipped)):
        raise StoreError("store.damaged_files", count=damaged)


def _is_damaged(skipped: Skipped) -> bool:
    """Whether a published file is damaged, or newer than this program.

    What nobody signed, what another authority published and what is none of ours are only named.
    """
    return skipped.looks == "store.looks_damaged" or skipped.code in _DAMAGED


def _tell(terminal: Terminal, report: UpdateReport, options: Namespace) -> None:
    for change in report.changes:
        terminal.say(
            "output.store_change",
            authority=change.authority_id,
            what=_kind(terminal, change.what),
            before="-" if change.before is None else change.before,
            after="-" if change.after is None else change.after,
        )
    for each in report.renamed:
        old, new = each.before, each.after
        terminal.say(
            "output.renamed",
            id=new.id,
            zh=new.name_zh,
            en=new.name_en,
            zh_before=old.name_zh,
            en_before=old.name_en,
        )
    for skipped in report.skipped:
        _say_skipped(terminal, skipped)
    if report.read and not report.changes:
        terminal.say("output.store_unchanged")
    warn_of_namesakes(terminal, report.authorities, {each.after.id for each in report.renamed})
    for status in report.authorities:
        _warn_of_age(terminal, status, options.at_s)


def _say_skipped(terminal: Terminal, skipped: Skipped) -> None:
    why, _ = explain(skipped.code, terminal.language)
    if skipped.looks is None:
        terminal.say("output.store_skipped", name=skipped.name, reason=skipped.code, why=why)
        return
    terminal.say(
        "output.store_skipped_looks",
        name=skipped.name,
        reason=skipped.code,
        why=why,
        looks=skipped.looks,
    )


def _warn_of_age(terminal: Terminal, status: AuthorityStatus, at_s: int) -> None:
    """Say loudly what is overdue: nobody reads a date."""
    authority, due_s = status.bundle.authority.id, status.bundle.next_update_s
    if at_s > due_s:
        terminal.warn(
            "cli.bundle_overdue",
            authority=authority,
            due=china_time(due_s),
            late=_late(at_s, due_s),
        )
    for item in status.lists:
        list_id = item.entry.list_id
        if item.damage is not None:
            continue  # told as an error
        if item.held is None:
            terminal.warn("cli.list_missing", authority=authority, list_id=list_id)
        elif at_s > item.held.expires_s:
            terminal.warn(
                "cli.list_overdue",
                authority=authority,
                list_id=list_id,
                due=china_time(item.held.expires_s),
                late=_late(at_s, item.held.expires_s),
            )


def _late(at_s: int, due_s: int) -> int:
    """Days begun since something was due."""
    return -((due_s - at_s) // DAY_S)


def _kind(terminal: Terminal, what: str) -> str:
    """What the store calls ``bundle``, ``list 7`` or ``rescue 1a2b3c4d``, in the language."""
    kind, _, which = what.partition(" ")
    zh = {"bundle": "信任包", "list": "状态列表", "rescue": "确认清单"}.get(kind, kind)
    return terminal.pick(f"{zh} {which}".rstrip(), what)


def show(terminal: Terminal, options: Namespace) -> None:
    """``trust show``: the authorities pinned, and how fresh their lists are."""
    statuses = Store(store_folder(options.trust)).describe()
    for status in statuses:
        bundle = status.bundle
        terminal.say(
            "output.store_example" if bundle.example else "output.store_authority",
            zh=bundle.authority.name_zh,
            en=bundle.authority.name_en,
        )
        terminal.say(
            "output.store_bundle",
            indent=2,
            id=bundle.authority.id,
            version=bundle.version,
            due=china_time(bundle.next_update_s),
        )
        if fingerprint(bundle.roots) == status.pin:
            terminal.say("output.store_pin", indent=2, pin=shown_fingerprint(terminal, bundle))
        else:
            terminal.say("output.store_pin", indent=2, pin=spell_fingerprint(status.pin))
            terminal.say("output.store_today", indent=2, pin=shown_fingerprint(terminal, bundle))
        for item in status.lists:
            _show_list(terminal, item, options.at_s)
    for status in statuses:
        _warn_of_age(terminal, status, options.at_s)
    warn_of_namesakes(terminal, statuses, {each.bundle.authority.id for each in statuses})
    for damage in [item.damage for status in statuses for item in status.lists if item.damage]:
        raise damage


def _show_list(terminal: Terminal, item: ListStatus, at_s: int) -> None:
    if item.damage is not None:
        return
    if item.held is None:
        terminal.say("output.store_list_missing", indent=2, list_id=item.entry.list_id)
        return
    late = at_s > item.held.expires_s
    terminal.say(
        "output.store_overdue" if late else "output.store_list",
        indent=2,
        list_id=item.entry.list_id,
        sequence=item.held.sequence,
        issued=china_time(item.held.issued_s),
        days=(at_s - item.held.issued_s) // DAY_S,
        due=china_time(item.held.expires_s),
        late=_late(at_s, item.held.expires_s),
    )
