"""Which photo each certificate of a batch gets."""

from __future__ import annotations

from etitle.errors import FieldError
from etitle.record.album import FOLDER_ROW, Album, MatchedPhotos, PhotoFile
from etitle.record.finding import Finding, found
from etitle.register.ledger import WITHOUT_PHOTO, Ledger


class PhotoChoice:
    """Which photo each record's certificate gets, or that it has none.

    Attributes:
        taken: the photos of the album that were chosen.
    """

    def __init__(self, ledger: Ledger, album: Album | None, matched: MatchedPhotos) -> None:
        self._ledger, self._album, self._matched = ledger, album, matched
        self.taken: list[PhotoFile] = []
        self._missing = 0

    def of(self, row: int, digest: bytes, *, issued: bool, old: str | None) -> bytes | None:
        """What to enter; from the album, else as entered before, else as the replaced one has it.

        Raises:
            FieldError: ``issue.photo_other`` or ``issue.photo_missing``.
        """
        if self._album is None or row in self._matched.faulty:
            return None
        said = self._ledger.photo(digest)
        own = self._matched.photos.get(row)
        given = WITHOUT_PHOTO if row in self._matched.without else None
        if own is not None:
            given = own.digest
            self.taken.append(own)
        if given is not None:
            if issued and said not in {None, given}:
                raise FieldError("issue.photo_other", field="photo")
            return given
        if said is None and old is not None:
            replaced = self._ledger.find(old)
            said = None if replaced is None else replaced.photo
        if said is None and not self._album.is_silent:
            raise FieldError("issue.photo_missing", field="photo")
        self._missing += said is None
        return said

    def findings(self) -> tuple[tuple[int, Finding], ...]:
        """One finding for the run where no photos were given and none declared missing."""
        if not self._missing:
            return ()
        error = FieldError("issue.photos_needed", field="photo", count=self._missing)
        return ((FOLDER_ROW, found(error, "photo")),)
