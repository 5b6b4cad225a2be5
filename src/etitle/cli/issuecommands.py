"""``etitle issue``, ``supersede`` and ``files``: certificates, their files, their documents."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etitle.certificate.commitment import format_opening
from etitle.certificate.identity import Profile
from etitle.cli.statecommands import check_reason
from etitle.cli.terminal import Terminal
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError
from etitle.issue.issuer import Issuer
from etitle.record.album import FOLDER_ROW, Album
from etitle.record.workbook import RecordRow, read_workbook, write_findings
from etitle.register.batch import issue_batch, write_files
from etitle.register.photos import PhotoStore
from etitle.register.plan import BatchPlan, make_plan
from etitle.register.publish import refuse_old_ledger
from etitle.register.sqlite import SqliteLedger
from etitle.trust.published import KeyUse

if TYPE_CHECKING:
    from etitle.cli.documentsetup import DocumentSetup
    from etitle.issue.document import DocumentMaker
    from etitle.register.ledger import LedgerEntry

MAX_SHOWN: Final = 50
"""Findings that are shown; a report has all of them."""


def issue(options: Namespace) -> int:
    """``issue WORKBOOK``: every row or none."""
    rows = read_workbook(Path(options.workbook), sheet=options.sheet)
    return _Issuing.begin(options).run(rows)


def supersede(options: Namespace) -> int:
    """``supersede OLD --by WORKBOOK``: one row, as the successor of a certificate."""
    rows = read_workbook(Path(options.by), sheet=options.sheet)
    if options.row is not None:
        rows = tuple(row for row in rows if row.number == options.row)
    if len(rows) != 1:
        raise IssueError("issue.one_row_needed", count=len(rows))
    row = rows[0]
    cells = {**row.cells, "supersedes": options.number}
    if str(cells.get("number", "")).strip() == options.number:
        del cells["number"]  # the workbook still shows the old one; the new one gets its own
    with Workspace(options).ledger() as ledger:
        ledger.state_of(options.number)
    return _Issuing.begin(options).run((RecordRow(row.number, cells, row.findings),))


def files(options: Namespace) -> int:
    """``files``: write what is lost of every certificate again."""
    workspace = Workspace(options)
    folder = _output_folder(options, workspace)
    with workspace.ledger() as ledger:
        written = write_files(
            ledger.entries(), folder=folder, pictures=not options.no_png, svg=options.svg
        )
        workspace.terminal.say(
            "output.files", folder=folder, written=written.drawn, kept=written.kept
        )
        setup = _document_setup(options, workspace)
        if setup is None:
            return 0
        failed = _write_documents(setup, ledger.entries(), folder, maker=setup.open_maker)
        return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class _Issuing:
    """What a batch is issued with.

    Attributes:
        options: of the command.
        workspace: the issuer's folder.
        issuer: who signs.
        setup: what documents are made with; None where none are wanted.
    """

    options: Namespace
    workspace: Workspace
    issuer: Issuer
    setup: DocumentSetup | None

    @classmethod
    def begin(cls, options: Namespace) -> _Issuing:
        workspace = Workspace(options)
        authority, bundle = workspace.authority(), workspace.bundle()
        issuer = Issuer(
            bundle=bundle,
            signer=workspace.signer(options.key, bundle=bundle, use=KeyUse.TOKEN),
            list_id=authority.list_id,
            profile=Profile[options.profile.upper()],
            code_base=authority.code_base,
        )
        if options.reason is not None:
            check_reason(options.reason, "superseded", options.remark)
        return cls(options, workspace, issuer, _document_setup(options, workspace))

    def run(self, rows: tuple[RecordRow, ...]) -> int:
        """Plan, tell the findings, and issue where there is no error."""
        with self.workspace.ledger() as ledger:
            refuse_old_ledger(self.workspace.published, bundle=self.issuer.bundle, ledger=ledger)
            plan = self._plan(rows, ledger)
            _tell_findings(self.workspace.terminal, plan)
            if self.options.report:
                write_findings(Path(self.options.report), plan.findings)
            _tell_plan(self.workspace.terminal, plan)
            if plan.errors or self.options.dry_run:
                return 1 if plan.errors else 0
            return self._issue(plan, ledger)

    def _plan(self, rows: tuple[RecordRow, ...], ledger: SqliteLedger) -> BatchPlan:
        setup, options = self.setup, self.options
        try_out = None
        if setup is not None:
            try_out = partial(setup.pages.try_out, key=self.issuer.signer.public)
        return make_plan(
            rows,
            issuer=self.issuer,
            ledger=ledger,
            at_s=self.workspace.at_s,
            reason=options.reason,
            remark=options.remark,
            album=_album(options),
            try_out=try_out,
        )

    def _issue(self, plan: BatchPlan, ledger: SqliteLedger) -> int:
        setup, options, workspace = self.setup, self.options, self.workspace
        maker = None if setup is None else setup.open_maker()  # before a number is given
        PhotoStore(workspace.folder / "photos").take(plan.photos)
        issued = issue_batch(plan, issuer=self.issuer, ledger=ledger, at_s=workspace.at_s)
        folder = _output_folder(options, workspace)
        written = write_files(issued, folder=folder, pictures=not options.no_png, svg=options.svg)
        terminal = workspace.terminal
        terminal.say("output.issued", issued=len(issued), written=written.drawn, kept=written.kept)
        failed = 0
        if setup is not None and maker is not None:
            failed = _write_documents(setup, issued, folder, maker=lambda: maker)
        terminal.say("output.issued_folder", folder=folder)
        if len(issued) == 1:
            opening = issued[0].opening
            printed = format_opening(opening) if opening else "-"
            terminal.say("output.issued_one", number=issued[0].number, printed=printed)
        return 1 if failed else 0


def _document_setup(options: Namespace, workspace: Workspace) -> DocumentSetup | None:
    """What documents are made with; None where none are wanted, which needs no extra ``page``."""
    if options.no_pdf:
        return None
    from etitle.cli.documentsetup import DocumentSetup  # noqa: PLC0415  # as said

    return DocumentSetup(options, workspace, workspace.authority(), workspace.bundle())


def _album(options: Namespace) -> Album | None:
    folder = None if options.photos is None else Path(options.photos)
    album = Album(folder, without=options.without_photo or ())
    # Without documents nobody needs photos; those that are given are kept for later.
    return None if options.no_pdf and album.is_silent else album


def _output_folder(options: Namespace, workspace: Workspace) -> Path:
    return Path(options.out) if options.out else workspace.folder / "issued"


def _write_documents(
    setup: DocumentSetup,
    issued: Iterable[LedgerEntry],
    folder: Path,
    *,
    maker: Callable[[], DocumentMaker],
) -> int:
    """Write the documents and say what became of them; returns how many failed."""
    from etitle.register.documents import write_documents  # noqa: PLC0415  # needs extra page

    terminal = setup.terminal
    done = write_documents(
        issued, folder=folder, judge=setup.judge, maker=maker, photos=setup.photos, at_s=setup.at_s
    )
    parts = [terminal.words("output.documents", made=done.made, kept=done.kept)]
    if done.left:
        parts.append(terminal.words("output.documents_left", count=done.left))
    if done.ended:
        parts.append(terminal.words("output.documents_ended", count=done.ended))
    terminal.show(terminal.pick("，", ", ").join(parts))
    for number, error in done.failed[:MAX_SHOWN]:
        terminal.fail(error, where=number)
    more = len(done.failed) - MAX_SHOWN
    if more > 0:
        terminal.note("output.more_failed", count=more)
    return len(done.failed)


def _tell_findings(terminal: Terminal, plan: BatchPlan) -> None:
    for row, finding in plan.findings[:MAX_SHOWN]:
        where = terminal.pick(f"第 {row} 行", f"row {row}")
        if row == FOLDER_ROW:
            where = terminal.pick("照片", "photos")
        # A warning's next step is to look: it would be the same line again and again.
        then = finding.next(terminal.language) if finding.severity == "error" else ""
        words = finding.what(terminal.language), then
        terminal.message(finding.severity, finding.code, words, where=where)
    more = len(plan.findings) - MAX_SHOWN
    if more > 0:
        terminal.note("output.more_findings", count=more)


def _tell_plan(terminal: Terminal, plan: BatchPlan) -> None:
    terminal.say(
        "output.plan",
        jobs=len(plan.jobs),
        errors=plan.errors,
        warnings=len(plan.findings) - plan.errors,
    )
