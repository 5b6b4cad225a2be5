"""``etitle archive``: a signed document and evidence -> an archived document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etitle.errors import IssueError
from etitle.files import write_atomic
from etitle.keys.seal import read_x509_chain
from etitle.pades.augment import augment
from etitle.pades.tsa import TsaClient
from etitle.pades.validationdata import sort_validation_data

if TYPE_CHECKING:
    from argparse import Namespace


def archive(options: Namespace) -> int:
    """``archive``: append an archival revision; the document itself stays as it is."""
    pdf = Path(options.document).read_bytes()
    validation_data = sort_validation_data([Path(path).read_bytes() for path in options.evidence])
    roots = [one for path in options.tsa_root for one in read_x509_chain(path)]
    out = Path(options.out)
    if out.exists():
        raise IssueError("sign.archive_exists", path=out)
    tsa = TsaClient(options.tsa, x509_roots=roots)
    archived = augment(pdf, validation_data=validation_data, tsa=tsa, now_s=options.at_s)
    write_atomic(out, archived)
    options.terminal.show(str(out))
    return 0
