"""``etitle publish``: bundles, status lists, deltas and rescue lists, for everybody."""

from __future__ import annotations

from argparse import Namespace

from etitle.cli.workspace import Workspace
from etitle.register.publish import publish as publish_all
from etitle.report.rows import china_time
from etitle.trust.published import KeyUse


def publish(options: Namespace) -> int:
    """``publish``: write what is new into the published folder."""
    workspace = Workspace(options)
    terminal = workspace.terminal
    authority, bundle = workspace.authority(), workspace.bundle()
    signer = workspace.signer(options.key, bundle=bundle, use=KeyUse.LIST)
    rescues = workspace.rescues(bundle)
    with workspace.ledger() as ledger:
        done = publish_all(
            workspace.published,
            ledger=ledger,
            bundles=workspace.bundles(),
            rescues=rescues,
            signer=signer,
            at_s=workspace.at_s,
            lifetime_s=authority.list_lifetime_s,
        )
    for each in done:
        words = terminal.words(
            "output.list",
            list_id=each.list_id,
            sequence=each.sequence,
            coverage=each.coverage,
            size=each.list_bytes,
        )
        if each.delta_bytes is not None:
            words += terminal.pick("，", ", ")
            words += terminal.words("output.list_delta", size=each.delta_bytes)
        if each.repeated:
            words += terminal.pick("", " ") + terminal.words("output.list_again")
        terminal.show(words)
    due = china_time(workspace.at_s + authority.list_lifetime_s)
    terminal.say("output.published", folder=workspace.published, due=due)
    return 0
