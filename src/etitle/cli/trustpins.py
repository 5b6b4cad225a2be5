"""``etitle-verify trust init`` and ``remove``: whom an employer trusts, and whom no longer."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

from etitle.cli.arguments import translated
from etitle.cli.inputs import read_bounded_file
from etitle.cli.terminal import Terminal
from etitle.cli.trustfolder import shown_fingerprint, store_folder, time_of, warn_of_namesakes
from etitle.errors import IssueError, StoreError, TrustError, UsageError
from etitle.files import read_bounded
from etitle.store.disk import MAX_PUBLISHED_BYTES, MAX_PUBLISHED_FILES
from etitle.store.local import Store
from etitle.store.looks import looks_like
from etitle.trust.bundle import MAX_BUNDLE_BYTES, fingerprint
from etitle.trust.pin import MAX_PIN_TEXT, Pin, PinnedChain, follow_pin, parse_pin

_MARKS: Final = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
"""How editors mark the encoding of a text file."""


def init(terminal: Terminal, options: Namespace) -> None:
    """``trust init BUNDLE --pin FINGERPRINT``."""
    path, given = _arguments(terminal, options)
    pin = _pin(terminal, given, path)
    chain = _follow(path, pin)
    folder = store_folder(options.trust)
    store = Store.init(
        folder, chain.bundles, pin=chain.pin, at=time_of(options), reset=options.reset
    )
    who = chain.bundle.authority
    terminal.say("output.pinned", folder=folder, zh=who.name_zh, en=who.name_en, id=who.id)
    today = shown_fingerprint(terminal, chain.bundle)
    older = fingerprint(chain.bundle.roots) != chain.pin
    terminal.say("output.pinned_older" if older else "output.store_pin", indent=2, pin=today)
    warn_of_namesakes(terminal, store.describe(), {who.id})


def _follow(path: Path, pin: Pin) -> PinnedChain:
    """What leads on from the pin; a file that is no bundle is told by what it looks like."""
    files = _bundles(path)
    try:
        return follow_pin(files, pin)
    except TrustError as error:
        if error.code != "bundle.malformed":
            raise
        raise StoreError("store.no_bundle", path=path, looks=looks_like(files[-1])) from None


def remove(terminal: Terminal, options: Namespace) -> None:
    """``trust remove ID``."""
    folder = store_folder(options.trust)
    store = Store(folder)
    _say_what_goes(terminal, store, options.id)
    if not options.yes:
        answer = terminal.ask(
            terminal.pick("确认不再信任的，请输入 yes：", "to remove it, type yes: ")
        )
        if answer is None:
            raise UsageError("cli.remove_confirmation")
        if not terminal.agrees(answer):
            raise UsageError("cli.remove_declined")
    store.remove(options.id)
    terminal.say("output.removed", folder=folder, id=options.id)


def _say_what_goes(terminal: Terminal, store: Store, authority_id: str) -> None:
    try:
        statuses = {status.bundle.authority.id: status for status in store.describe()}
    except (StoreError, TrustError) as error:
        if error.code in {"store.not_found", "store.state_lost", "store.state_corrupt"}:
            raise
        terminal.say("output.remove_damaged", id=authority_id)
    else:
        status = statuses.get(authority_id)
        if status is None:
            raise StoreError("store.authority_not_held", authority=authority_id)
        who = status.bundle.authority
        terminal.say(
            "output.remove",
            zh=who.name_zh,
            en=who.name_en,
            id=who.id,
            version=status.bundle.version,
            lists=sum(item.held is not None for item in status.lists),
            pin=shown_fingerprint(terminal, status.bundle),
        )
    terminal.say("output.remove_means", indent=2)


def _arguments(terminal: Terminal, options: Namespace) -> tuple[Path, str]:
    """The bundle and the pin; digits in groups need no quotation marks."""
    words: list[str] = options.pin
    if options.bundle is not None:
        return Path(options.bundle), " ".join(words)
    if len(words) > 1 and Path(words[-1]).exists():
        return Path(words[-1]), " ".join(words[:-1])
    what = "the following arguments are required: BUNDLE"
    raise UsageError(
        "cli.trust_usage",
        what=translated(what) if terminal.language == "zh" else what,
        program="etitle-verify trust init",
    )


def _pin(terminal: Terminal, given: str, bundle: Path) -> Pin:
    try:
        return parse_pin(given)
    except TrustError:
        path = Path(given)
        text = _read_text(path)
        if text is None and (path.suffix or len(path.parts) > 1):  # no digits and no word has those
            raise IssueError("issue.file_unreadable", path=path) from None
        if text is None:
            raise
    if bundle.is_dir() and path.resolve().is_relative_to(bundle.resolve()):
        terminal.warn("cli.pin_beside_bundle", path=path)
    return parse_pin(text)


def _read_text(path: Path) -> str | None:
    """The text of a file, whatever editor wrote it; None where there is no such file."""
    try:
        data = read_bounded(path, limit=4 * MAX_PIN_TEXT)
    except (OSError, ValueError):
        return None
    for mark, encoding in _MARKS:
        if (data or b"").startswith(mark):
            return (data or b"").decode(encoding, "replace")
    try:
        return (data or b"").decode("utf-8")
    except UnicodeDecodeError:
        return (data or b"").decode("gb18030", "replace")


def _bundles(path: Path) -> list[bytes]:
    """A file that may be a bundle, or the bundles of a published folder."""
    if not path.is_dir():
        return [read_bounded_file(path, limit=MAX_BUNDLE_BYTES)]
    found: list[bytes] = []
    refused: IssueError | StoreError = StoreError("store.not_published", path=path)
    left = MAX_PUBLISHED_BYTES
    for each in sorted(path.glob("bundles/*.cose"))[:MAX_PUBLISHED_FILES]:
        try:
            data = read_bounded_file(each, limit=min(MAX_BUNDLE_BYTES, left))
        except IssueError as error:  # another file may lead on
            refused = error
        else:
            found.append(data)
            left -= len(data)
    if not found:
        raise refused
    return found
