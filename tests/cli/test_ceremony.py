"""Nothing is signed by a root before somebody saw what changes and said yes to just that."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support import exampleoffice
from tests.support.commandline import DAY_1, DAY_2, DAY_3, ROOTS, names, refused, workbook
from tests.support.publisher import OTHER

from etitle import canon, cose
from etitle.cli import ceremony
from etitle.cli.etitle import main
from etitle.issue.bundlechain import is_signed_enough, open_bundle_chain
from etitle.trust.bundle import Bundle, RootSet
from etitle.trust.rescue import RESCUE_TYP, make_rescue, open_rescue, sign_rescue
from etitle.trust.roots import BUNDLE_TYP, parse_bundle, sign_bundle

REAL_ASK = ceremony.ask
FIRST, SECOND = Path("issuer/bundles/0001.cose"), Path("issuer/bundles/0002.cose")
TOKEN_KID = exampleoffice.signer("token-1").public.kid.hex()
ACTIVE = 'states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]'
STOLEN = ACTIVE[:-1] + ', { state = "compromised", since = 2026-01-06T00:00:00+08:00 }]'


def edit(old: str, new: str) -> None:
    """Change authority.toml, once."""
    path = Path("issuer/authority.toml")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with its first bundle, and nobody at the terminal."""
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1]) == 0
    monkeypatch.setattr(ceremony, "ask", REAL_ASK)
    return folder


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """What a refused command shows, and the digest it ends with."""
    assert refused(capsys, *arguments) == "issue.confirmation_needed"
    capsys.readouterr()
    main(list(arguments))
    out = capsys.readouterr().out
    (digest,) = re.findall(r"^(?:digest|摘要) ([0-9a-f]{64})$", out, re.MULTILINE)
    return out, digest


def test_without_a_terminal_nothing_is_signed_but_by_digest(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("bundle_days = 366", "bundle_days = 300")
    arguments = ["bundle", "rotate", *ROOTS, "--at", DAY_2]
    out, digest = shown(capsys, *arguments)
    assert "against the bundle in force (version 1, fingerprint 7A6E FDCD" in out
    assert not SECOND.exists()
    for wrong in ("", "yes", digest[:-1], digest.replace(digest[0], "g"), "0" * 64):
        assert refused(capsys, *arguments, "--yes", wrong) == "issue.digest_other"
    assert names("issuer/bundles") == ["0001.cose"]
    assert main([*arguments, "--yes", digest.upper()]) == 0
    assert is_signed_enough(SECOND.read_bytes(), before=exampleoffice.bundle())


def test_the_digest_of_one_file_is_not_that_of_another(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["bundle", "rotate", *ROOTS, "--at", DAY_2]
    _, digest = shown(capsys, *arguments)
    edit("bundle_days = 366", "bundle_days = 3000")
    assert refused(capsys, *arguments, "--yes", digest) == "issue.digest_other"
    # The time of a bundle that is made here is this machine's own.
    edit("bundle_days = 3000", "bundle_days = 366")
    assert main([*arguments[:-1], DAY_3, "--yes", digest]) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "answer",
    ["yes\n", "是\n", " YES \n", "no\n", "y\n", "\n", ""],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_is_asked(
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    language: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    agreed = answer.strip().lower() in {"yes", "是"}
    arguments = ["bundle", "rotate", *ROOTS, "--at", DAY_2, "--lang", language]
    assert main(arguments) == (0 if agreed else 1)
    assert SECOND.exists() is agreed
    assert "yes" in capsys.readouterr().err


def test_an_interrupted_question_leaves_nothing(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(ceremony, "ask", interrupt)
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 130
    assert names("issuer/bundles") == ["0001.cose"]


def test_no_password_is_asked_for_before_the_yes(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("issuer/keys/root-1.pem").write_bytes(b"no key")
    monkeypatch.setattr(ceremony, "ask", lambda *_: "no")
    arguments = ["bundle", "rotate", *ROOTS, "--at", DAY_2]
    assert refused(capsys, *arguments) == "issue.not_confirmed"
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert refused(capsys, *arguments) == "keys.file_malformed"
    assert names("issuer/bundles") == ["0001.cose"]


@pytest.mark.parametrize(
    ("states", "option"),
    [
        (("epoch = 1", "epoch = 2", "epoch = 1"), "--lower-epoch"),
        ((ACTIVE, STOLEN, ACTIVE), "--uncompromise"),
        (("threshold = 2", "threshold = 2", "threshold = 1"), "--lower-threshold"),
    ],
)
def test_what_must_be_asked_for_by_name(
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    states: tuple[str, str, str],
    option: str,
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    edit(states[0], states[1])
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    edit(states[1], states[2])
    arguments = ["bundle", "rotate", *ROOTS, "--at", DAY_3]
    others = {"--lower-epoch", "--uncompromise", "--lower-threshold"} - {option}
    assert refused(capsys, *arguments, *others) == "issue.permit_needed"
    main(arguments)
    captured = capsys.readouterr()
    assert option in captured.err
    assert "\n! " in captured.out
    assert names("issuer/bundles") == ["0001.cose", "0002.cose"]
    assert main([*arguments[:4], "--at", DAY_3, option]) == 0
    assert refused(capsys, "bundle", "endorse", *ROOTS[2:], *others) == "issue.permit_needed"
    assert main(["bundle", "endorse", *ROOTS[2:], option]) == 0


def swapped(monkeypatch: pytest.MonkeyPatch, path: Path, evil: bytes) -> None:
    """Let somebody swap a file while the question stands."""

    def swap(*_: object) -> str:
        path.write_bytes(evil)
        return "yes"

    monkeypatch.setattr(ceremony, "ask", swap)


def forged(change: Callable[[Bundle], Bundle]) -> bytes:
    bundle = parse_bundle(SECOND.read_bytes())[1]
    return sign_bundle(change(bundle), signers=[exampleoffice.signer("root-1")])


def test_a_file_swapped_between_showing_and_signing_gains_nothing(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS[:2], "--at", DAY_2]) == 0
    good = SECOND.read_bytes()
    evil = forged(lambda bundle: replace(bundle, roots=RootSet(1, bundle.roots.keys)))
    swapped(monkeypatch, SECOND, evil)
    assert refused(capsys, "bundle", "endorse", *ROOTS[2:]) == "issue.changed_meanwhile"
    assert SECOND.read_bytes() == evil  # with no second signature
    # Shown again, with a digest of what it was before.
    monkeypatch.setattr(ceremony, "ask", REAL_ASK)
    SECOND.write_bytes(good)
    _, digest = shown(capsys, "bundle", "endorse", *ROOTS[2:])
    SECOND.write_bytes(forged(lambda bundle: replace(bundle, issued_s=bundle.issued_s + 1)))
    command = ["bundle", "endorse", *ROOTS[2:], "--yes", digest]
    assert refused(capsys, *command) == "issue.digest_other"
    SECOND.write_bytes(good)
    assert main(command) == 0
    assert open_bundle_chain([FIRST.read_bytes(), SECOND.read_bytes()]).version == 2


def test_an_authority_file_swapped_while_the_question_stands_changes_nothing(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        Path("issuer/authority.toml").read_text("utf-8").replace("threshold = 2", "threshold = 1")
    )
    swapped(monkeypatch, Path("issuer/authority.toml"), text.encode())
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert parse_bundle(SECOND.read_bytes())[1].roots.threshold == 2


def test_a_bundle_made_by_two_at_once_is_written_once(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    swapped(monkeypatch, SECOND, b"another")
    assert refused(capsys, "bundle", "rotate", *ROOTS, "--at", DAY_2) == "issue.bundle_exists"
    assert SECOND.read_bytes() == b"another"


def test_a_root_sees_the_bundle_in_force_or_signs_nothing(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS[:2], "--at", DAY_2]) == 0
    shutil.move(SECOND, "carried.cose")
    shutil.move(FIRST, "first.cose")
    carried = ["bundle", "endorse", "carried.cose", *ROOTS[2:]]
    assert refused(capsys, *carried) == "issue.bundle_before_missing"
    shutil.move("first.cose", FIRST)
    # One that would leave a version out could hide what that one said.
    bundle = parse_bundle(Path("carried.cose").read_bytes())[1]
    later = sign_bundle(replace(bundle, version=3), signers=[exampleoffice.signer("root-1")])
    Path("later.cose").write_bytes(later)
    assert refused(capsys, "bundle", "endorse", "later.cose", *ROOTS[2:]) == (
        "issue.bundle_before_missing"
    )
    assert main(carried) == 0


def test_a_root_signs_only_where_it_is_one(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    stranger = ["--root", "file:issuer/keys/seal-1.pem"]
    assert refused(capsys, "bundle", "rotate", *stranger, "--at", DAY_2) == "issue.root_unknown"
    assert main(["bundle", "rotate", *ROOTS[:2], "--at", DAY_2]) == 0
    assert refused(capsys, "bundle", "endorse", *stranger) == "issue.root_unknown"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "sample"', 'id = "other"', "bundle.wrong_authority"),
        ("bundle_days = 366", "bundle_days = 366", "bundle.rollback"),
    ],
)
def test_what_no_verifier_would_take_is_not_signed(
    office: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: str
) -> None:
    edit(old, new)
    assert refused(capsys, "bundle", "rotate", *ROOTS, "--at", "2025-12-31") == code


def test_rescue_lists_are_shown_too(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook("records.xlsx", "样例甲", "样例乙")
    assert main(["issue", "records.xlsx", "--no-pdf", "--at", DAY_1]) == 0
    edit(ACTIVE, STOLEN)
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    monkeypatch.setattr(ceremony, "ask", REAL_ASK)
    command = ["rescue", TOKEN_KID, *ROOTS[:2], "--at", DAY_2]
    out, digest = shown(capsys, *command)
    assert "2 certificates stay authentic" in out
    assert not list(Path("issuer").glob("rescue/*"))
    assert refused(capsys, *command, "--yes", "0" * 64) == "issue.digest_other"
    assert main([*command, "--yes", digest]) == 0
    path = Path(f"issuer/rescue/{TOKEN_KID}.cose")
    good, endorse = path.read_bytes(), ["rescue", "endorse", str(path), *ROOTS[2:]]
    _, digest = shown(capsys, *endorse)
    bundle = parse_bundle(SECOND.read_bytes())[1]
    thumbprint = exampleoffice.signer("token-1").public.thumbprint
    more = make_rescue(
        [b"x" * 16],
        authority_id="sample",
        thumbprint=thumbprint,
        issued_s=bundle.issued_s,
        number=1,
    )
    evil = sign_rescue(more, signers=[exampleoffice.signer("root-1")])
    path.write_bytes(evil)
    assert refused(capsys, *endorse, "--yes", digest) == "issue.digest_other"
    path.write_bytes(good)
    swapped(monkeypatch, path, evil)
    assert refused(capsys, *endorse) == "issue.changed_meanwhile"
    path.write_bytes(good)
    assert main([*endorse, "--yes", digest]) == 0
    assert len(open_rescue(path.read_bytes(), bundle=bundle)) == 2
    # What stands is compared with what is to replace it.
    monkeypatch.setattr(ceremony, "ask", REAL_ASK)
    out, _ = shown(capsys, *command[:-1], DAY_3)
    assert "the list in force: 2 certificates" in out
    stranger = [*command[:2], "--root", "file:issuer/keys/seal-1.pem", "--at", DAY_3]
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert refused(capsys, *stranger) == "issue.root_unknown"


def later_entries(data: bytes, typ: str, change: Callable[[dict[Any, Any]], None]) -> bytes:
    """The same file with entries to come, signed by one root."""
    tree = canon.decode(cose.parse_sign(data, max_bytes=1 << 20).payload, max_bytes=1 << 20)
    assert isinstance(tree, dict)
    change(tree)
    return cose.sign(
        canon.encode(tree), signers=[exampleoffice.signer("root-1")], typ=typ
    ).to_bytes()


HIDDEN: dict[str, Callable[[dict[Any, Any]], None]] = {
    "the bundle": lambda tree: tree.update({-1: "later"}),
    "a key": lambda tree: tree[7][0].update({-7: b"power"}),
    "a use": lambda tree: tree[7][0].update({3: (*tree[7][0][3], 9)}),
    "the authority": lambda tree: tree[1].update({-1: 0}),
    "a segment": lambda tree: tree[8][0].update({-1: 0}),
    "a list": lambda tree: tree[9][0].update({-1: 0}),
    "a key of a suite to come": lambda tree: tree.update(
        {
            7: sorted(
                (*tree[7], {**tree[7][0], 1: {1: 7, 3: -50, -1: b""}}),
                key=lambda key: canon.encode(key[1]),
            )
        }
    ),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_what_can_not_be_shown_is_not_signed(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS[:2], "--at", DAY_2]) == 0
    forged = later_entries(SECOND.read_bytes(), BUNDLE_TYP, HIDDEN[where])
    assert parse_bundle(forged)[1].version == 2  # which a verifier reads
    SECOND.write_bytes(forged)
    assert refused(capsys, "bundle", "endorse", *ROOTS[2:]) == "issue.not_all_shown"
    assert SECOND.read_bytes() == forged


def test_what_can_not_be_shown_of_a_rescue_list_is_not_signed(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(ACTIVE, STOLEN)
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    made = make_rescue(
        [],
        authority_id="sample",
        thumbprint=exampleoffice.signer("token-1").public.thumbprint,
        issued_s=parse_bundle(SECOND.read_bytes())[1].issued_s,
        number=(1 << 64) - 1,
    )
    path = Path("rescue.cose")
    draft = sign_rescue(made, signers=[exampleoffice.signer("root-1")])
    path.write_bytes(later_entries(draft, RESCUE_TYP, lambda tree: tree.update({-1: 0})))
    command = ["rescue", "endorse", str(path), *ROOTS[2:]]
    assert refused(capsys, *command) == "issue.not_all_shown"
    path.write_bytes(draft)
    monkeypatch.setattr(ceremony, "ask", REAL_ASK)
    out, _ = shown(capsys, *command)
    assert "! its number jumps from 0 to 18446744073709551615" in out


def test_half_a_pair_of_keys_is_never_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("etitle.cli.keycommands.write_atomic", full)
    before = names("issuer/keys")
    assert main(["keys", "new", "root-9", "--no-password"]) == 1
    assert names("issuer/keys") == before


def test_a_version_that_went_out_is_not_made_again(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    shutil.copytree("issuer/bundles", "backup")
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert main(["publish", "--at", DAY_2]) == 0
    shutil.rmtree("issuer/bundles")
    assert refused(capsys, "bundle", "new", *ROOTS, "--at", DAY_3) == "issue.bundle_published"
    shutil.move("backup", "issuer/bundles")
    assert refused(capsys, "bundle", "rotate", *ROOTS, "--at", DAY_3) == "issue.bundle_published"
    # What is no bundle, and another authority's, say nothing about this one.
    for path in Path("published/bundles").iterdir():
        path.write_bytes(b"junk")
    Path("published/bundles/other.cose").write_bytes(OTHER.bundle(9))
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_3]) == 0


@pytest.mark.parametrize("place", ["issuer/bundles/0002.cose", "published/bundles/0002.cose"])
def test_a_root_signs_one_content_of_a_version(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert main(["publish", "--at", DAY_2]) == 0
    Path("published/bundles/junk.cose").write_bytes(b"junk")
    bundle = parse_bundle(SECOND.read_bytes())[1]
    other = replace(bundle, url_template="https://other.example/{number}")
    Path("other.cose").write_bytes(sign_bundle(other, signers=[exampleoffice.signer("root-1")]))
    shutil.copy(SECOND, "same.cose")
    SECOND.unlink() if place.startswith("published") else shutil.rmtree("published/bundles")
    assert refused(capsys, "bundle", "endorse", "other.cose", *ROOTS[2:]) == "issue.bundle_other"
    assert main(["bundle", "endorse", "same.cose", *ROOTS[2:]]) == 0
    Path(place).unlink()
    assert main(["bundle", "endorse", "other.cose", *ROOTS[2:]]) == 0
