"""The issuer's own photos: kept beside the ledger for good, each under the hash of its file.

A document is made from the ledger and its photo, today or when it is lost, so a photo is here
before its certificate is signed.  The ledger names it by SHA-256; another file is never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from etitle.certificate.photo import Photo
from etitle.errors import EtitleError, IssueError
from etitle.files import read_bounded, write_atomic
from etitle.record.album import PhotoFile, shown_name
from etitle.record.photorules import MAX_PHOTO_BYTES, read_photo


class PhotoStore:
    """A folder of photos, as confidential as the ledger; files are named by their SHA-256.

    Args:
        folder: made when the first photo is taken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, photos: Iterable[PhotoFile]) -> None:
        """Copy photos, as they were handed in, unless they are here.

        Raises:
            IssueError: ``issue.photo_changed`` for one that is no longer what was judged.
        """
        for photo in photos:
            if self._find(photo.digest) is not None:
                continue
            data = _bytes(photo.path)
            if data is None or sha256(data).digest() != photo.digest:
                raise IssueError("issue.photo_changed", file=shown_name(photo.path.name))
            suffix = "jpg" if data.startswith(b"\xff\xd8") else "png"
            path = self._stem(photo.digest).with_suffix(f".{suffix}")
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(path, data, mode=0o600)

    def photo(self, digest: bytes) -> Photo:
        """The photo of a digest.

        Raises:
            IssueError: ``issue.photo_lost`` where no file has it.
        """
        data = self._find(digest)
        try:
            return read_photo(data or b"")
        except EtitleError:
            raise IssueError("issue.photo_lost", digest=digest.hex()) from None

    def _stem(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name

    def _find(self, digest: bytes) -> bytes | None:
        for suffix in (".jpg", ".png"):
            data = _bytes(self._stem(digest).with_suffix(suffix))
            if data is not None and sha256(data).digest() == digest:
                return data
        return None


def _bytes(path: Path) -> bytes | None:
    try:
        return read_bounded(path, limit=MAX_PHOTO_BYTES)
    except (OSError, ValueError):
        return None
