"""What an update tells besides what it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from etitle.errors import EtitleError
from etitle.store.incoming import IncomingFile


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that an update left aside.

    Attributes:
        name: the name that it came with.
        code: why.
        looks: what it looks like, where it is no published file: a code too; else None.
    """

    name: str
    code: str
    looks: str | None = None


@dataclass(slots=True)
class Notes:
    """Files left aside, and alarms."""

    skipped: list[Skipped] = field(default_factory=list[Skipped])
    alarms: list[EtitleError] = field(default_factory=list[EtitleError])
    damaged: set[int] = field(default_factory=set[int])
    """Lists whose files can't be read."""

    def skip(self, file: IncomingFile, error: EtitleError | str) -> None:
        """Leave a file aside, for that reason."""
        code = error if isinstance(error, str) else error.code
        self.skipped.append(Skipped(file.name, code))
