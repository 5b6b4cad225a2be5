"""``etitle-verify trust`` as people type it: every spelling of a pin, and what is told of age."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.commandline import DAY_1, refused_trust
from tests.support.publisher import OTHER, P, Publisher, roots_of

from etitle.cli import trustpins
from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify
from etitle.cli.terminal import Terminal
from etitle.trust.bundle import Authority, fingerprint
from etitle.trust.pin import spell_fingerprint
from etitle.trust.statuslist import MAX_TIME_S
from etitle.trust.words import spell_words

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
        ["site", "--pin", "WORDS"],
        ["site", "--pin", "EACH_WORD"],
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
        "WORDS": [spell_words(fingerprint(LATER), "zh")],
        "EACH_WORD": spell_words(fingerprint(LATER), "en").split(),
    }
    assert pinned(*(each for word in words for each in spelled.get(word, [word]))) == 0
    shown = capsys.readouterr()
    assert "yangli" in shown.out
    assert "older roots" not in shown.out
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


def test_what_is_no_bundle_is_told_by_its_looks(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("fetched/bundles").mkdir(parents=True)
    for name, (data, looks) in NOT_PUBLISHED.items():
        Path("fetched/bundles/2.cose").write_bytes(data)
        for path in ("fetched", "fetched/bundles/2.cose"):
            assert trust("init", path, "--pin", TODAY, "--trust", "t") == 2
            said = capsys.readouterr().err
            assert "[store.no_bundle]" in said, name
            assert looks in said


def test_a_pin_file_that_is_not_there_is_named(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("nofile.txt", "folder/fingerprint"):
        asked = ("init", "site", "--pin", name, "--trust", "t")
        assert refused_trust(capsys, *asked) == "issue.file_unreadable"
    asked = ("init", "site", "--pin", "six words", "--trust", "t")
    assert refused_trust(capsys, *asked) == "bundle.pin_malformed"


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


UPDATED = "2026-12-01"


def trust(*words: str, at: str = UPDATED) -> int:
    return verify(["trust", *words, "--trust", "t", "--at", at])


@pytest.fixture
def pair(site: Path) -> Path:
    """A store with two authorities of one name."""
    Path("other/bundles").mkdir(parents=True)
    Path("other/bundles/1.cose").write_bytes(OTHER.bundle(1))
    assert pinned("site", "--pin", TODAY) == 0
    assert pinned("other", "--pin", spell_fingerprint(OTHER.pin)) == 0
    return site


def test_two_authorities_of_one_name_are_told_apart(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pinned("other", "--pin", spell_fingerprint(OTHER.pin), "--reset") == 0
    shown = capsys.readouterr()
    assert shown.err.count("[cli.name_twice]") == 1
    for each in ("yangli", "other", TODAY, spell_fingerprint(OTHER.pin)):
        assert each in shown.err
    assert trust("show") == 0
    shown = capsys.readouterr()
    assert shown.err.count("[cli.name_twice]") == 1
    assert "id yangli" in shown.out
    assert "id other" in shown.out


@pytest.mark.parametrize("answer", ["yes\n", "no\n", None])
def test_an_authority_is_removed_when_somebody_says_so(
    pair: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str | None,
) -> None:
    monkeypatch.setattr(Terminal, "ask", lambda *_: answer)
    capsys.readouterr()
    assert trust("remove", "other") == (0 if answer == "yes\n" else 2)
    assert "will be trusted no longer" in capsys.readouterr().out
    assert trust("show") == 0
    assert ("id other" in capsys.readouterr().out) is (answer != "yes\n")
    assert Path("t/other").exists() is (answer != "yes\n")
    assert trust("remove", "other", "--yes") == (2 if answer == "yes\n" else 0)


def test_what_is_damaged_can_be_removed_too(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in Path("t/other").iterdir():
        path.write_bytes(b"damaged")
    where = ["--trust", "t"]
    assert refused_trust(capsys, "show", *where) == "store.file_changed"
    assert trust("remove", "other", "--yes") == 0
    assert "damaged" in capsys.readouterr().out
    assert trust("show") == 0
    assert refused_trust(capsys, "remove", "nobody", "--yes", *where) == "store.authority_not_held"
    assert trust("remove", "yangli", "--yes") == 0
    assert refused_trust(capsys, "remove", "yangli", "--yes", *where) == "store.not_found"


def test_a_rename_is_reported(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    renamed = Authority("other", "另一机关", "Another")
    Path("other/bundles/2.cose").write_bytes(OTHER.bundle(2, authority=renamed))
    assert trust("update", "other") == 0
    assert "样例省人社厅 / Example Province → 另一机关 / Another" in capsys.readouterr().out
    same = Authority("other", "样例省 人社厅", "x")
    Path("other/bundles/3.cose").write_bytes(OTHER.bundle(3, authority=same))
    assert trust("update", "other") == 0
    assert "[cli.name_twice]" in capsys.readouterr().err


NOT_PUBLISHED = {
    "login.cwt": (b"<!DOCTYPE html><html><form><input type='password'>", "a log-in page"),
    "page.cwt": (b"<html><body>404", "a web page"),
    "empty.cwt": (b"\r\n", "an empty file"),
    "picture.cwt": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "paper.cwt": (b"%PDF-1.7", "a PDF"),
    "zip.cwt": (b"PK\x03\x04", "an archive"),
    "lfs.cwt": (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
    "cut.cwt": (P.full(1)[:40], "cut, damaged"),
    "text.cwt": ("样例".encode("gb18030"), "text"),
    "other.cwt": (b"\1\0\2", "another kind"),
}


def test_what_is_no_published_file_is_named_and_refused(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = Path("fetched/lists")
    lists.mkdir(parents=True)
    for name, (data, _) in NOT_PUBLISHED.items():
        (lists / name).write_bytes(data)
    capsys.readouterr()
    assert trust("update", "fetched") == 2
    shown = capsys.readouterr()
    assert "[store.nothing_read]" in shown.err
    for name, (_, looks) in NOT_PUBLISHED.items():
        (line,) = [line for line in shown.out.splitlines() if name in line]
        assert looks in line
    # One file that is ours is enough; the others are named all the same.
    (lists / "1.cwt").write_bytes(P.full(1))
    assert trust("update", "fetched") == 2
    assert "[store.damaged_files]" in capsys.readouterr().err
    (lists / "cut.cwt").unlink()
    assert trust("update", "fetched") == 0
    assert "a log-in page" in capsys.readouterr().out


def test_a_damaged_list_is_not_done(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = Path("fetched/lists")
    lists.mkdir(parents=True)
    (lists / "1.cwt").write_bytes(P.full(2)[:-1] + b"\0")
    assert trust("update", "fetched") == 2
    assert "[store.damaged_files]" in capsys.readouterr().err
    (lists / "1.cwt").write_bytes(P.full(2))
    assert trust("update", "fetched") == 0
    (held,) = Path("t").glob("*/list-*")
    held.write_bytes(b"")
    assert trust("show") == 2
    assert "[store.file_changed]" in capsys.readouterr().err
    assert trust("update", "fetched") == 2
    assert trust("update", "fetched") == 0
    assert trust("show") == 0


def test_every_alarm_is_told(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, files in {
        "new": {"bundles/2.cose": OTHER.bundle(2), "lists/1.cwt": P.full(2)},
        "old": {"bundles/1.cose": OTHER.bundle(1), "lists/1.cwt": P.full(1)},
    }.items():
        for path, data in files.items():
            Path(name, path).parent.mkdir(parents=True, exist_ok=True)
            Path(name, path).write_bytes(data)
    assert trust("update", "new") == 0
    capsys.readouterr()
    assert trust("update", "old") == 2
    assert capsys.readouterr().err.count("[store.rollback]") == 2


def test_a_stranger_s_files_are_refused(pair: Path) -> None:
    # Files of an authority that is not trusted change nothing.
    Path("stranger/bundles").mkdir(parents=True)
    Path("stranger/bundles/1.cose").write_bytes(Publisher("stranger").bundle(1))
    assert trust("update", "stranger") == 2


def test_what_is_overdue_is_said_loudly(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("site/lists").mkdir()
    Path("site/lists/1.cwt").write_bytes(P.full(1))
    capsys.readouterr()
    assert trust("update", "site") == 0
    assert "[cli.list_overdue]" in capsys.readouterr().err
    for language in ("zh", "en"):
        assert trust("show", "--lang", language, at="2027-06-01") == 0
        shown = capsys.readouterr()
        assert "[cli.list_overdue]" in shown.err
        assert "[cli.bundle_overdue]" in shown.err
        assert "[cli.list_missing]" in shown.err
        assert {"zh": "已逾期", "en": "OVERDUE"}[language] in shown.out


def test_what_was_believed_can_be_shown_however_far_its_times_lie(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = MAX_TIME_S
    Path("far/bundles").mkdir(parents=True)
    far = P.bundle(1, next_update_s=last)
    Path("far/bundles/1.cose").write_bytes(far)
    assert pinned("far", "--pin", OLD) == 0
    assert trust("update", "far", at="1970-01-01") == 2  # the clock is behind
    for at in ("1970-01-01", "9998-12-31", "0001-01-01T00:00:00Z"):
        for language in ("zh", "en"):
            assert trust("show", "--lang", language, at=at) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_a_great_folder_is_read_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bundles").mkdir()
    for number in range(5):
        (tmp_path / "bundles" / f"{number}.cose").write_bytes(bytes(100))
    assert len(trustpins._bundles(tmp_path)) == 5
    monkeypatch.setattr(trustpins, "MAX_PUBLISHED_BYTES", 250)
    assert len(trustpins._bundles(tmp_path)) == 2
