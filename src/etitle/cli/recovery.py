"""The way back after a list key was stolen: authority.toml as the next bundle needs it.

The office's file keeps its comments and its order; only what must change is written anew.  The
roots then sign the bundle as they sign any other (docs/spec clause 7.3.7).
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from etitle.certificate.dates import CHINA
from etitle.errors import IssueError
from etitle.issue.authority import read_public

_TABLE: Final = re.compile(r"^[ \t]*\[+[^\[\]]+\]+.*$", re.MULTILINE)
_STATES: Final = re.compile(r"^[ \t]*states[ \t]*=[ \t]*\[", re.MULTILINE)
_EPOCH: Final = re.compile(r"^([ \t]*epoch[ \t]*=[ \t]*)(\d+)", re.MULTILINE)
_MINIMUM: Final = re.compile(r"^([ \t]*minimum_sequence[ \t]*=[ \t]*)(\d+)", re.MULTILINE)


def recovered(text: str, *, folder: Path, kid: str, since: datetime.datetime, new_key: str) -> str:
    """An authority's file after the theft of a list key.

    The key is compromised, a new list key stands beside it, and each list begins a new epoch.

    Args:
        text: the content of authority.toml.
        folder: where it lies; the key files that it names stand relative to it.
        kid: of the stolen key, 8 hexadecimal digits.
        since: since when it is compromised.
        new_key: file of the new public key, relative to the folder.

    Raises:
        IssueError: ``issue.key_unknown`` where no list key has the kid, ``issue.list_key_same``
            for the stolen key as the new one, or ``issue.recovery_by_hand`` where the file is
            written in another way than ``[[keys]]`` and ``[[lists]]``.
    """
    keys = tomllib.loads(text)["keys"]
    stolen = [key for key in keys if "list" in key["uses"] and _kid(folder, key["public"]) == kid]
    if len(stolen) != 1:
        raise IssueError("issue.key_unknown", kid=kid)
    if _kid(folder, new_key) == kid:
        raise IssueError("issue.list_key_same", kid=kid)
    moment = since.astimezone(CHINA).isoformat(timespec="seconds")
    parts: list[str] = []
    for part in _tables(text):
        if part.lstrip().startswith("[[keys]]") and _names(part, stolen[0]["public"]):
            parts.append(_compromised(part, moment))
            if not any(key["public"] == new_key for key in keys):
                parts.append(_new_key(stolen[0], new_key, since))
        elif part.lstrip().startswith("[[lists]]"):
            later = _EPOCH.sub(lambda found: found[1] + str(int(found[2]) + 1), part)
            parts.append(_MINIMUM.sub(r"\g<1>1", later))
        else:
            parts.append(part)
    changed = "".join(parts)
    _check(text, changed, public=stolen[0]["public"])
    return changed


def _kid(folder: Path, public: str) -> str:
    return read_public(folder / public).kid.hex()


def _tables(text: str) -> Iterator[str]:
    starts = [0, *(found.start() for found in _TABLE.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        yield text[start:end]


def _names(part: str, public: str) -> bool:
    try:
        return bool(tomllib.loads(part)["keys"][0].get("public") == public)
    except tomllib.TOMLDecodeError:
        return False


def _compromised(part: str, moment: str) -> str:
    """The states with one more; they end where the brackets do."""
    found = _STATES.search(part)
    if found is None:
        return part
    depth, at = 1, found.end()
    while depth and at < len(part):
        depth += {"[": 1, "]": -1}.get(part[at], 0)
        at += 1
    before = part[: at - 1].rstrip().removesuffix(",")
    return f'{before}, {{ state = "compromised", since = {moment} }}]{part[at:]}'


def _new_key(stolen: dict[str, object], public: str, since: datetime.datetime) -> str:
    moment = since.astimezone(CHINA)
    name = str(stolen["seal_name"]).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'[[keys]]\npublic = "{public}"\nuses = ["list"]\nnot_before = {moment.date()}\n'
        f'states = [{{ state = "active", since = {moment.isoformat(timespec="seconds")} }}]\n'
        f'seal_name = "{name}"\n\n'
    )


def _check(before: str, after: str, *, public: str) -> None:
    """Refuse a file in which the changes did not come where they belong."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
        states = next(key["states"] for key in new["keys"] if key["public"] == public)
        done = states[-1]["state"] == "compromised" and all(
            later["epoch"] == earlier["epoch"] + 1 and later.get("minimum_sequence", 0) <= 1
            for earlier, later in zip(old["lists"], new["lists"], strict=True)
        )
    except (ValueError, StopIteration, KeyError):
        done = False
    if not done:
        raise IssueError("issue.recovery_by_hand")
