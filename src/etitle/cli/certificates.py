"""``etitle issue``, ``void``, ``supersede``, ``publish`` and what else needs the ledger."""

from __future__ import annotations

import datetime
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from etitle.certificate.codes import reasons, states
from etitle.certificate.commitment import format_opener
from etitle.certificate.dates import CHINA, day_date
from etitle.certificate.identity import Profile
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError
from etitle.issue.issuer import Issuer
from etitle.record.album import FOLDER_ROW, Album
from etitle.record.workbook import Row, read_workbook, write_findings
from etitle.register.batch import issue_batch, write_files
from etitle.register.photos import PhotoStore
from etitle.register.plan import BatchPlan, make_plan
from etitle.register.publish import publish as publish_all
from etitle.register.publish import refuse_old_ledger
from etitle.register.sqlite import SqliteLedger
from etitle.trust.published import KeyUse

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

    from etitle.cli.documents import Desk
    from etitle.errors import Language
    from etitle.issue.authority import AuthorityFile
    from etitle.issue.document import DocumentMaker
    from etitle.register.ledger import LedgerEntry, StateChange
    from etitle.trust.published import Bundle

_SHOWN_FINDINGS = 50


def _desk(
    options: Namespace, workspace: Workspace, authority: AuthorityFile, bundle: Bundle
) -> Desk | None:
    """Where documents are made; None where none are wanted, which needs no extra ``pdf``."""
    if options.no_pdf:
        return None
    from etitle.cli.documents import Desk  # noqa: PLC0415  # as said

    return Desk(options, workspace, authority, bundle)


def _album(options: Namespace) -> Album | None:
    folder = None if options.photos is None else Path(options.photos)
    album = Album(folder, without=options.without_photo or ())
    # Without documents nobody needs photos; those that are given are kept for later.
    return None if options.no_pdf and album.is_silent else album


def _open(options: Namespace, workspace: Workspace) -> SqliteLedger:
    return workspace.ledger(workspace.authority().id, path=options.ledger)


def issue(options: Namespace) -> int:
    """``issue WORKBOOK``: every row or none."""
    rows = read_workbook(Path(options.workbook), sheet=options.sheet)
    return _issue(options, rows)


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
    with _open(options, Workspace(options)) as ledger:
        ledger.state_of(options.number)
    return _issue(options, (Row(row.number, cells, row.findings),))


def _issue(options: Namespace, rows: tuple[Row, ...]) -> int:
    workspace = Workspace(options)
    authority, bundle = workspace.authority(), workspace.bundle()
    issuer = Issuer(
        bundle=bundle,
        signer=workspace.signer(options.key, bundle=bundle, use=KeyUse.TOKEN),
        list_id=authority.list_id,
        profile=Profile[options.profile.upper()],
        code_base=authority.code_base,
    )
    reason = options.reason
    if reason is not None:
        _demand(reason, "superseded", options.remark)
    desk = _desk(options, workspace, authority, bundle)
    try_out = None if desk is None else partial(desk.pages.try_out, key=issuer.signer.public)
    with _open(options, workspace) as ledger:
        refuse_old_ledger(workspace.published, bundle=bundle, ledger=ledger)
        plan = make_plan(
            rows,
            issuer=issuer,
            ledger=ledger,
            at_s=workspace.at_s,
            reason=reason,
            remark=options.remark,
            album=_album(options),
            try_out=try_out,
        )
        _tell(options, plan)
        if plan.errors or options.dry_run:
            return 1 if plan.errors else 0
        maker = None if desk is None else desk.open_maker()  # before a number is given
        PhotoStore(workspace.folder / "photos").take(plan.photos)
        issued = issue_batch(plan, issuer=issuer, ledger=ledger, at_s=workspace.at_s)
        folder = Path(options.out) if options.out else workspace.folder / "issued"
        written = write_files(issued, folder=folder, pictures=not options.no_png, svg=options.svg)
        print(
            f"{len(issued)} issued 已签发, {written.drawn} written 已写, {written.kept} kept 已有"
        )
        failed = 0
        if desk is not None and maker is not None:
            failed = _seal(desk, issued, folder, maker=lambda: maker)
    print(f"{folder}")
    if len(issued) == 1:
        opener = issued[0].opener
        print(f"{issued[0].number}  核验码 {format_opener(opener) if opener else '-'}")
    return 1 if failed else 0


def _seal(
    desk: Desk, issued: Iterable[LedgerEntry], folder: Path, *, maker: Callable[[], DocumentMaker]
) -> int:
    """Write the documents and say what became of them; returns how many failed."""
    from etitle.register.documents import write_documents  # noqa: PLC0415  # as in _desk

    done = write_documents(
        issued, folder=folder, judge=desk.judge, maker=maker, photos=desk.photos, at_s=desk.at_s
    )
    print(f"PDF: {done.made} sealed 已签章, {done.kept} kept 已有", end="")
    print(f", {done.left} without word of a photo 未载明照片" if done.left else "", end="")
    print(f", {done.ended} not in force, not sealed 非有效，不再签章" if done.ended else "")
    for number, error in done.failed[:_SHOWN_FINDINGS]:
        desk.terminal.fail(error, where=number)
    more = len(done.failed) - _SHOWN_FINDINGS
    if more > 0:
        sys.stderr.write(f"etitle: {more} more documents failed\n")
    return len(done.failed)


def _tell(options: Namespace, plan: BatchPlan) -> None:
    """The findings: on standard error, and all of them in the report asked for."""
    language: Language = options.lang
    for row, finding in plan.findings[:_SHOWN_FINDINGS]:
        where = "photos" if row == FOLDER_ROW else f"row {row}"
        sys.stderr.write(
            f"etitle: {where}: {finding.severity}[{finding.code}]: {finding.what(language)}\n"
        )
        if finding.severity == "error" and finding.next(language):
            sys.stderr.write(f"hint: {finding.next(language)}\n")
    more = len(plan.findings) - _SHOWN_FINDINGS
    if more > 0:
        sys.stderr.write(f"etitle: {more} more findings; --report FILE lists all\n")
    if options.report:
        write_findings(Path(options.report), plan.findings)
    warnings = len(plan.findings) - plan.errors
    print(f"{len(plan.jobs)} rows can be issued 可签发, {plan.errors} errors 错误, ", end="")
    print(f"{warnings} warnings 提醒")


def _demand(reason: str, to: str, remark: str | None) -> None:
    known = reasons().get(reason)
    if known is None or known.to != to:
        fitting = ", ".join(
            f"{each.code} {each.zh}" for each in reasons().values() if each.to == to
        )
        raise IssueError("issue.reason_unfit", reason=reason, to=states()[to], known=fitting)
    if known.remark_required and not (remark or "").strip():
        raise IssueError("issue.remark_missing")


def change(options: Namespace) -> int:
    """``void``, ``withdraw``, ``cancel``, ``suspend``: by a reason of the table."""
    _demand(options.reason, options.to, options.remark)
    workspace = Workspace(options)
    with _open(options, workspace) as ledger:
        done = ledger.change(
            options.number, reason=options.reason, remark=options.remark, at_s=workspace.at_s
        )
    _show(options.number, done)
    return 0


def restore(options: Namespace) -> int:
    """``restore``: end a suspension."""
    workspace = Workspace(options)
    with _open(options, workspace) as ledger:
        done = ledger.restore(options.number, remark=options.remark, at_s=workspace.at_s)
    _show(options.number, done)
    return 0


def other(options: Namespace) -> int:
    """``other``: a state of no reason of the table."""
    workspace = Workspace(options)
    with _open(options, workspace) as ledger:
        done = ledger.change_other(options.number, remark=options.remark, at_s=workspace.at_s)
    _show(options.number, done)
    return 0


def _show(number: str, change: StateChange) -> None:
    parts = [number, states()[change.kind.name.lower()], change.kind.name.lower()]
    parts += [str(day_date(change.day)), change.reason or "", change.remark or ""]
    parts += [f"→ {change.successor}"] if change.successor else []
    print("  ".join(part for part in parts if part))


def status(options: Namespace) -> int:
    """``status NUMBER``: every step of a certificate."""
    with _open(options, Workspace(options)) as ledger:
        ledger.state_of(options.number)
        for step in ledger.history(options.number):
            _show(options.number, step)
    return 0


def files(options: Namespace) -> int:
    """``files``: write what is lost of every certificate again."""
    workspace = Workspace(options)
    folder = Path(options.out) if options.out else workspace.folder / "issued"
    authority = workspace.authority()
    with workspace.ledger(authority.id, path=options.ledger) as ledger:
        written = write_files(
            ledger.entries(), folder=folder, pictures=not options.no_png, svg=options.svg
        )
        print(f"{folder}: {written.drawn} written 已写, {written.kept} kept 已有")
        if options.no_pdf:
            return 0
        desk = _desk(options, workspace, authority, workspace.bundle())
        return 1 if desk and _seal(desk, ledger.entries(), folder, maker=desk.open_maker) else 0


def publish(options: Namespace) -> int:
    """``publish``: bundles, lists, deltas, rescue lists."""
    workspace = Workspace(options)
    authority, bundle = workspace.authority(), workspace.bundle()
    signer = workspace.signer(options.key, bundle=bundle, use=KeyUse.LIST)
    rescues = workspace.rescues(bundle)
    with _open(options, workspace) as ledger:
        done = publish_all(
            workspace.published,
            ledger=ledger,
            bundles=workspace.bundles(),
            rescues=rescues,
            signer=signer,
            at_s=workspace.at_s,
            lifetime_s=authority.list_lifetime_s,
        )
    until = datetime.datetime.fromtimestamp(workspace.at_s + authority.list_lifetime_s, CHINA)
    for each in done:
        delta = "" if each.delta_bytes is None else f", delta {each.delta_bytes} bytes"
        again = " (again 重写)" if each.repeated else ""
        print(
            f"list {each.list_id}  sequence {each.sequence}  covers {each.coverage}"
            f"  {each.list_bytes} bytes{delta}{again}"
        )
    print(f"{workspace.published}  next due 下次应发布 {until.isoformat()}")
    return 0
