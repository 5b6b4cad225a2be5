"""``make demo``: the whole way once, with a fictional authority, into the folder ``demo/``.

An office hands in a workbook; the authority issues, publishes, then voids one certificate and
reissues another; an employer pins the authority, takes what was published, and verifies with the
network cut off.  Every command is shown as a person would type it.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import openpyxl
from tests.support.attack import overwrite, scan
from tests.support.records import WITHOUT_PHOTO_ROWS, make_photos, make_records

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
BIN = Path(sys.executable).parent

_REFUSE = """
import sys
def refuse(event, args):
    if event.startswith("socket."):
        raise OSError("the demonstration has cut the network off: " + event)
sys.addaudithook(refuse)
from etitle.cli.etitle_verify import main
sys.exit(main(sys.argv[2:]))
"""


def say(text: str) -> None:
    """A line of the story."""
    sys.stdout.write(f"\n\033[1m{text}\033[0m\n" if sys.stdout.isatty() else f"\n== {text}\n")
    sys.stdout.flush()


def run(
    command: str,
    *,
    expect: int = 0,
    last: int | None = None,
    but: str | None = None,
    words_before: tuple[str, ...] = (),
) -> str:
    """Run a command of ours in ``demo/``; show it and its (last) lines, and hold it to its end.

    Lines that hold ``but`` are counted, not shown.
    """
    words = shlex.split(command)
    sys.stdout.write(f"$ {command}\n")
    sys.stdout.flush()
    words[0] = str(BIN / words[0])
    done = subprocess.run(  # noqa: S603  # the demonstration's own commands
        [*words_before, *words], cwd=DEMO, check=False, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"COLUMNS": "100"},
    )  # fmt: skip
    lines = done.stdout.splitlines(keepends=True)
    whole = last is None or done.returncode != expect
    lines = lines if whole else lines[len(lines) - (last or 0) :]
    left = [line for line in lines if but is None or but not in line]
    sys.stdout.writelines(left)
    if len(left) < len(lines):
        sys.stdout.write(f"(and {len(lines) - len(left)} times {but})\n")
    sys.stdout.flush()
    if done.returncode != expect:
        sys.exit(f"demo: expected exit code {expect}, got {done.returncode}")
    return done.stdout


def verify(arguments: str, *, expect: int, last: int | None = None) -> str:
    """``etitle-verify`` where no network can be reached."""
    return run(f"etitle-verify {arguments}", expect=expect, last=last, words_before=_cut_off())


@cache
def _cut_off() -> tuple[str, ...]:
    """What to put before a command so that it has no network, not even the loopback."""
    namespace = ("unshare", "--map-root-user", "--net")
    if shutil.which("unshare"):
        tried = subprocess.run([*namespace, "true"], capture_output=True, check=False)  # noqa: S603
        if tried.returncode == 0:
            return namespace
    sys.stdout.write("(no network namespace here: every socket call is refused instead)\n")
    return (sys.executable, "-c", _REFUSE)


def corrected_row(number_of_row: int) -> str:
    """A workbook with one row of the records, its specialty put right; returns its name."""
    book = openpyxl.load_workbook(DEMO / "records.xlsx")
    sheet = book.active
    if sheet is None:
        sys.exit("demo: the workbook has no sheet")
    headings = [cell.value for cell in sheet[1]]
    kept = [cell.value for cell in sheet[number_of_row]]
    kept[headings.index("专业名称")] = "道路与桥梁工程"
    sheet.delete_rows(2, sheet.max_row)
    for column, value in enumerate(kept, 1):
        sheet.cell(2, column, value).number_format = "@"
    book.save(DEMO / "corrected.xlsx")
    return "corrected.xlsx"


def forged(folder: Path, source: Path) -> None:
    """Forgeries of one certificate: a digit changed, somebody else's code, a page written over."""
    folder.mkdir()
    code = source.read_text("utf-8").strip()
    at = len(code) - 40
    changed = str((int(code[at]) + 1) % 10)
    (folder / "one-digit-changed.txt").write_text(code[:at] + changed + code[at + 1 :], "utf-8")
    (folder / "somebody-elses.txt").write_text("https://pay.example.com/q?id=8848", "utf-8")
    document = source.with_suffix(".pdf").read_bytes()
    (folder / "written-over.pdf").write_bytes(overwrite(document, "CHIEF PHYSICIAN"))


def main() -> int:
    """Tell the story; exit code 0 when every step ended as it should."""
    shutil.rmtree(DEMO, ignore_errors=True)
    (DEMO / "issuer").mkdir(parents=True)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    first = (now - datetime.timedelta(days=2)).isoformat()
    second = (now - datetime.timedelta(days=1)).isoformat()

    say("1. An office hands in a workbook of 24 fake people and their photos; the fictional 样例省"
        " has example keys and an example seal")  # fmt: skip
    make_records(DEMO / "records.xlsx")
    make_photos(DEMO / "photos")
    shutil.copytree(ROOT / "keys-example/keys", DEMO / "issuer/keys")
    shutil.copy(ROOT / "keys-example/authority.toml", DEMO / "issuer/authority.toml")
    # Without a terminal nobody can be asked: what changes is shown first, then confirmed by digest.
    bundle = ("etitle bundle new --root file:issuer/keys/root-1.pem"
              f" --root file:issuer/keys/root-3.pem --at {first}")  # fmt: skip
    shown = re.search(r"\b[0-9a-f]{64}\b", run(bundle, expect=1))
    run(f"{bundle} --yes {shown[0] if shown else ''}", last=1)

    say(
        "2. The authority judges every row and photo: two old records have none, which must be said"
    )
    # Warnings of example numbers: their address code was never assigned.
    run(f"etitle issue records.xlsx --photos photos --dry-run --at {first}", expect=1,
        but="[record.address_unknown]")  # fmt: skip
    sys.stdout.write(
        "\nSo it says so, issues QR codes and signed PDFs, and publishes keys and list\n"
    )
    run(f"etitle issue records.xlsx --photos photos --without-photo {WITHOUT_PHOTO_ROWS}"
        f" --out issued --at {first}", but="[record.address_unknown]")  # fmt: skip
    run(f"etitle publish --at {first}")
    printed = (DEMO / "published/fingerprint.txt").read_text("utf-8")
    pin = " ".join(re.findall(r"\b[0-9A-F]{4}\b", printed))
    issued = sorted((DEMO / "issued").glob("*.txt"))
    documents = len(list((DEMO / "issued").glob("*.pdf")))
    sys.stdout.write(f"{len(issued)} certificates in demo/issued/, {documents} of them as PDF\n")

    say("3. An employer pins the authority, by a fingerprint obtained through a separate channel")
    run(f"etitle-verify trust init published/ --pin {pin} --trust trust --at {first}")
    run(f"etitle-verify trust update published/ --trust trust --at {first}")

    say("4. A day later one certificate is voided and one reissued; the list is published again")
    voided, superseded = issued[0].stem, issued[1].stem
    run(f"etitle void {voided} --reason V01 --remark 'typed twice' --at {second}")
    row = superseded_row(superseded)
    run(f"etitle supersede {superseded} --by {corrected_row(row)} --reason R03"
        f" --remark 'specialty corrected' --out issued --at {second}",
        but="[record.address_unknown]")  # fmt: skip
    run(f"etitle publish --at {second}")
    run(f"etitle-verify trust update published/ --trust trust --at {second}")

    say("5. The employer verifies every document, picture and text that was handed in; no network"
        " can be reached")  # fmt: skip
    private = shutil.ignore_patterns("openings.csv")  # what only the authority has
    shutil.copytree(DEMO / "issued", DEMO / "received", ignore=private)
    verify("--examples --trust trust --lang en received/", expect=4, last=1)
    verify(f"--examples --trust trust --lang en received/{issued[3].stem}.pdf", expect=0)
    verify(f"--examples --trust trust --lang zh received/{voided}.pdf", expect=4)
    verify(f"--examples --trust trust --lang en received/{superseded}.txt", expect=4)

    say("6. Forgeries and strangers: a digit changed, somebody else's code, another title written"
        " over the signed page")  # fmt: skip
    forged(DEMO / "forged", issued[3])
    verify("--examples --trust trust --lang en forged/", expect=1)

    say(
        "7. A scan has no signature: its QR code is judged, and the verdict says that its page"
        " is not"
    )
    (DEMO / "scanned.pdf").write_bytes(scan(issued[3].with_suffix(".png")))
    verify("--examples --trust trust --lang en scanned.pdf", expect=0, last=3)

    say("Done. Look at demo/issued/ (open a PDF), demo/records.xlsx, demo/published/, demo/trust/.")
    return 0


def superseded_row(number: str) -> int:
    """The row of the workbook that a certificate was issued from, told by its name."""
    # Told by its name, as a clerk would look for it; the command is not part of the story.
    told = subprocess.run(  # noqa: S603  # the demonstration's own command
        [BIN / "etitle-verify", "--examples", "--trust", "trust", "--json", f"issued/{number}.txt"],
        cwd=DEMO, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    name = json.loads(told.stdout)["certificate"]["name"]
    sheet = openpyxl.load_workbook(DEMO / "records.xlsx").active
    if sheet is None:
        sys.exit("demo: the workbook has no sheet")
    headings = [cell.value for cell in sheet[1]]
    column = headings.index("姓名") + 1
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, column).value == name:
            return row
    sys.exit(f"demo: {name} is not in the workbook")


if __name__ == "__main__":
    sys.exit(main())
