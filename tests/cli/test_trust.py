"""``etitle-verify trust init`` as people type it: every spelling of a pin, old and new."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.commandline import DAY_1, refused_trust
from tests.support.publisher import P, roots_of

from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify
from etitle.trust.bundle import fingerprint
from etitle.trust.pin import spell_fingerprint

LATER = roots_of(P.later_roots)
TODAY = spell_fingerprint(fingerprint(LATER))
OLD = spell_fingerprint(P.pin)


@pytest.fixture
def site(folder: Path) -> Path:
    """A published folder whose authority has changed its roots."""
    both = [*P.roots[:2], *P.later_roots[:2]]
    bundles = folder / "site/bundles"
    bundles.mkdir(parents=True)
    (bundles / "0001.cose").write_bytes(P.bundle(1))
    (bundles / "0002.cose").write_bytes(P.bundle(2, both, roots=LATER))
    (bundles / "0003.cose").write_bytes(P.bundle(3, P.later_roots[:2], roots=LATER))
    return folder


def pinned(*words: str) -> int:
    return verify(["trust", "init", *words, "--trust", "t", "--at", "2026-12-01"])


@pytest.mark.parametrize(
    "words",
    [
        ["site", "--pin", "TODAY"],
        ["site", "--pin", "LOWER"],
        ["site", "--pin", "GROUPS"],
        ["--pin", "GROUPS", "site"],
        ["--pin", "TODAY", "site"],
        ["site", "--pin", "PASTED"],
        ["site", "--pin", "told.txt"],
        ["site", "--pin", "notepad.txt"],
        ["site", "--pin", "wps.txt"],
        ["site/bundles/0003.cose", "--pin", "TODAY"],
    ],
)
def test_todays_pin_is_taken_in_every_spelling(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    told = f"样例省人社厅 / Example (yangli)\n{TODAY}\n"
    Path("told.txt").write_text(told, "utf-8")
    Path("notepad.txt").write_text(told, "utf-16")
    Path("wps.txt").write_text(told, "gb18030")
    spelled = {
        "TODAY": [TODAY],
        "LOWER": [TODAY.replace(" ", "").lower()],
        "GROUPS": TODAY.split(),
        "PASTED": [told],
    }
    assert pinned(*(each for word in words for each in spelled.get(word, [word]))) == 0
    shown = capsys.readouterr()
    assert "yangli" in shown.out
    assert TODAY not in shown.out
    assert not shown.err


def test_an_older_pin_leads_to_todays_roots(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pinned("site", "--pin", OLD) == 0
    assert TODAY in capsys.readouterr().out
    assert verify(["trust", "show", "--trust", "t", "--at", "2026-12-01"]) == 0
    shown = capsys.readouterr().out
    assert "bundle 3" in shown
    assert OLD in shown


def test_a_pin_that_came_with_the_bundle_is_warned_of(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("site/fingerprint.txt").write_text(TODAY, "utf-8")
    assert pinned("site", "--pin", "site/fingerprint.txt") == 0
    assert "[cli.pin_beside_bundle]" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bundle_is_needed(site: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert pinned("--pin", *TODAY.split(), "--lang", language) == 2
    assert "BUNDLE" in capsys.readouterr().err


def test_a_text_without_a_fingerprint_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").touch()
    Path("empty/bundles").mkdir(parents=True)
    where = ["--trust", "t"]
    assert refused_trust(capsys, "init", "site", "--pin", "empty.txt", *where) == (
        "bundle.pin_malformed"
    )
    assert refused_trust(capsys, "init", "empty", "--pin", TODAY, *where) == "store.not_published"


def test_what_is_published_names_todays_roots(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roots = [f"--root=file:issuer/keys/root-{n}.pem" for n in (1, 2, 3)]
    assert main(["bundle", "new", *roots, "--at", DAY_1]) == 0
    file = Path("issuer/authority.toml")
    changed = file.read_text("utf-8").replace('"keys/root-1.pub.pem", ', "")
    assert changed != file.read_text("utf-8")
    file.write_text(changed, "utf-8")
    assert main(["bundle", "rotate", *roots, "--at", DAY_1]) == 0
    assert main(["publish", "--at", DAY_1]) == 0
    init = ["trust", "init", "published", "--trust", "t", "--at", DAY_1]
    capsys.readouterr()
    assert verify([*init, "--pin", "published/fingerprint.txt"]) == 0
    assert "bundle" not in capsys.readouterr().out
    first = fingerprint(exampleoffice.bundle().roots).hex()
    assert verify([*init, "--pin", first, "--reset"]) == 0
    assert "today's" in capsys.readouterr().out
