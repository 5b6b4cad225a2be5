"""``etitle issue`` makes signed documents: from photos, with seals of every kind, to the end."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from tests.support import exampleoffice
from tests.support.attack import overwrite, scan
from tests.support.commandline import DAY_1, DAY_2, ROOTS, names, refused, workbook
from tests.support.hsm import PIN, make_hsm
from tests.support.portrait import draw_portrait
from tests.support.tsa import make_authority, serving
from tests.support.x509 import Maker, new_key

from etitle.certificate.photo import Photo
from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify
from etitle.issue import document
from etitle.pades.byterange import find_byte_range
from etitle.pades.sign import sign_document
from etitle.pades.structure import read_strict
from etitle.trust.bundle import fingerprint

ONE, TWO, THREE = (f"issuer/issued/450100000000{n}.pdf" for n in (1, 2, 3))
ISSUE = ("issue", "records.xlsx", "--photos", "photos", "--at", DAY_1)


@pytest.fixture
def folder(folder: Path) -> Path:
    """With a bundle, and a workbook of two people with photos."""
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1]) == 0
    workbook("records.xlsx", "样例甲", "样例乙")
    hand_in("样例甲", "样例乙")
    return folder


def hand_in(*people: str, folder: str = "photos", **drawn: object) -> None:
    Path(folder).mkdir(exist_ok=True)
    for n, name in enumerate(people):
        path = Path(folder) / f"{name}_{exampleoffice.id_number(n)}.jpg"
        path.write_bytes(draw_portrait(**{"variant": n, "quality": 85, **drawn}))  # type: ignore[arg-type]


def edit(old: str, new: str) -> None:
    path = Path("issuer/authority.toml")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def verdicts(*arguments: str, at: str = DAY_1) -> int:
    """The exit code of an employer who has what is published."""
    shutil.rmtree("t", ignore_errors=True)
    assert main(["publish", "--at", at]) == 0
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    trust = ["published", "--trust", "t", "--at", at]
    assert verify(["trust", "init", *trust, "--pin", pin]) == 0
    assert verify(["trust", "update", *trust]) == 0
    given = [file for argument in arguments for file in handed_over(Path(argument))]
    return verify(["--examples", *given, "--trust", "t", "--at", at])


def handed_over(path: Path) -> list[str]:
    """A file, or what an office hands over of a folder: all but the table of openings."""
    if not path.is_dir():
        return [str(path)]
    return [str(file) for file in sorted(path.iterdir()) if file.name != "openings.csv"]


def nothing_issued() -> bool:
    with sqlite() as count:
        return count == 0


class sqlite:  # noqa: N801  # reads as a word in a with
    """How many places the ledger has given."""

    def __enter__(self) -> int:
        import sqlite3  # noqa: PLC0415  # one helper's own

        if not Path("issuer/ledger.sqlite").exists():
            return 0
        self._db = sqlite3.connect("issuer/ledger.sqlite")
        return int(self._db.execute("SELECT count(*) FROM certificates").fetchone()[0])

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_db"):
            self._db.close()


def test_an_employer_finds_every_document_valid(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ISSUE]) == 0
    assert "PDF: 2 sealed, 0 kept" in capsys.readouterr().out
    kinds = ("pdf", "png", "txt")
    files = [f"450100000000{n}.{kind}" for n in (1, 2) for kind in kinds]
    assert names("issuer/issued") == [*files, "openings.csv"]
    assert verdicts("issuer/issued") == 0
    assert "6: 6 VALID" in capsys.readouterr().out
    pdf = Path(ONE).read_bytes()
    assert draw_portrait(variant=0, quality=85)[-2000:] in pdf
    assert Path(ONE).stat().st_mode & 0o077 == 0
    opening = (
        Path("issuer/issued/openings.csv").read_text("utf-8-sig").splitlines()[1].split(",")[2]
    )
    sheet = read_strict(pdf, find_byte_range(pdf))
    assert sheet.opening == opening.replace("-", "").encode()


def test_a_dry_run_tells_all_that_documents_lack_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook("records.xlsx", "样例甲", "样例乙", "样例丙", "样例\U00030edd", "样例戊")
    hand_in("-", "-", "-", "样例\U00030edd")
    hand_in("-", "样例乙", height=555)
    number = exampleoffice.id_number(4)
    Path(f"photos/样例戊_{number[:2]}***{number[-4:]}.jpg").write_bytes(b"GIF89a")
    for language in ("en", "zh"):
        arguments = [*ISSUE, "--dry-run", "--lang", language, "--report", "report.csv"]
        assert main(arguments) == 1
        err = capsys.readouterr().err
        row = {"en": r"row (\d+): error", "zh": r"第 (\d+) 行：错误"}[language]
        told = set(re.findall(rf"etitle: {row}\[(.*?)\]", err))
        assert told == {
            ("3", "photo.ratio"),
            ("4", "issue.photo_missing"),
            ("5", "page.glyph_missing"),
            ("6", "photo.not_a_photo"),
        }
        photos = {"en": "photos: warning", "zh": "照片：提醒"}[language]
        assert f"{photos}[issue.photo_unmatched]" in err
        assert "U+30EDD" in err
        assert not any(exampleoffice.id_number(n)[6:] in err for n in range(5))
    report = Path("report.csv").read_text("utf-8-sig")
    assert "照片 photos,照片,提醒 warning" in report
    assert "5,版面,错误 error" in report
    assert nothing_issued()
    assert not Path("issuer/photos").exists()


def test_a_page_without_room_is_an_error_of_its_row(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = (
        Path(document.__file__).parents[1] / "page/templates/sample.toml"
    ).read_text("utf-8")  # fmt: skip
    template = template.replace("row_mm = 12.4", "row_mm = 14").replace(
        "text_pt = 13", "text_pt = 16"
    )
    book = openpyxl.load_workbook("records.xlsx")
    sheet = book.active
    assert sheet is not None
    sheet["A2"], sheet["E2"], sheet["G2"] = "样例" * 45, "样" * 60, "样例" * 50
    book.save("records.xlsx")
    Path("tight.toml").write_text(template.replace("least_pt = 7", "least_pt = 16"), "utf-8")
    arguments = ["issue", "records.xlsx", "--without-photo", "all", "--at", DAY_1]
    assert main([*arguments, "--dry-run"]) == 0
    assert main([*arguments, "--template", "tight.toml"]) == 1
    assert "row 2: error[page.too_long]" in capsys.readouterr().err
    assert nothing_issued()


def test_nothing_said_of_photos_is_one_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["issue", "records.xlsx", "--at", DAY_1]) == 1
    err = capsys.readouterr().err
    assert err.count("error[") == 1
    assert "photos: error[issue.photos_needed]: 2 rows" in err
    assert nothing_issued()


def test_old_records_without_a_photo_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(f"photos/样例乙_{exampleoffice.id_number(1)}.jpg").unlink()
    assert main([*ISSUE, "--without-photo", "2-3"]) == 1
    assert "row 2: error[issue.photo_contradicted]" in capsys.readouterr().err
    assert main([*ISSUE, "--without-photo", "9"]) == 1
    assert "error[issue.without_unknown]" in capsys.readouterr().err
    assert main([*ISSUE, "--without-photo", "3"]) == 0
    text = subprocess.run(  # noqa: S603  # ours
        [shutil.which("pdftotext") or "pdftotext", TWO, "-"], capture_output=True, check=True
    ).stdout.decode()  # fmt: skip
    assert "无照片" in text
    assert main(["issue", "a.xlsx", "--without-photo", "3-2"]) == 2
    assert main(["issue", "a.xlsx", "--without-photo", "x"]) == 2


@pytest.mark.parametrize("after", [0, 1])
def test_a_run_killed_between_documents_is_finished_by_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    make = document.DocumentMaker.make
    made: list[object] = []

    def die(
        maker: document.DocumentMaker,
        code_text: str,
        *,
        opening: bytes | None,
        photo: Photo | None,
        at_s: int,
        work_unit: str | None,
    ) -> bytes:
        if len(made) == after:
            raise KeyboardInterrupt
        made.append(code_text)
        return make(maker, code_text, opening=opening, photo=photo, at_s=at_s, work_unit=work_unit)

    with monkeypatch.context() as patch:
        patch.setattr(document.DocumentMaker, "make", die)
        assert refused(capsys, *ISSUE, expect=130) == "issue.interrupted"
    first = Path(ONE).read_bytes() if after else b""
    assert main([*ISSUE]) == 0
    assert f"PDF: {2 - after} sealed, {after} kept" in capsys.readouterr().out
    assert not after or Path(ONE).read_bytes() == first
    assert names("issuer/issued")[-1] == "openings.csv"
    assert verdicts("issuer/issued") == 0


def test_a_run_killed_before_signing_keeps_the_photo_that_was_entered(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("etitle.register.plan.sign_certificate", die)
        assert refused(capsys, *ISSUE, expect=130) == "issue.interrupted"
    shutil.rmtree("photos")
    assert main(["issue", "records.xlsx", "--at", DAY_1]) == 0
    assert draw_portrait(variant=1, quality=85)[-2000:] in Path(TWO).read_bytes()


def test_a_work_unit_is_printed_also_when_a_document_is_made_again(folder: Path) -> None:
    book = openpyxl.load_workbook("records.xlsx")
    sheet = book.active
    assert sheet is not None
    column = sheet.max_column + 1
    sheet.cell(1, column, "现工作单位")
    sheet.cell(2, column, "样例省甲市第一水务设计院")
    book.save("records.xlsx")
    template = ["--template", "statement"]
    assert main([*ISSUE, *template]) == 0

    def printed(path: str) -> bool:
        done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)  # noqa: S603, S607  # a test tool
        return "样例省甲市第一水务设计院" in done.stdout.decode()

    assert printed(ONE)
    assert not printed(TWO)
    Path(ONE).unlink()
    assert main(["files", *template, "--at", DAY_1]) == 0
    assert printed(ONE)
    # Another unit makes no other certificate.
    sheet.cell(2, column, "样例省甲市第二水务设计院")
    book.save("records.xlsx")
    assert main([*ISSUE, *template]) == 0
    assert len(list(Path("issuer/issued").glob("*.pdf"))) == 2


def test_lost_and_spoilt_documents_are_made_again_from_the_ledger(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ISSUE]) == 0
    shutil.rmtree("photos")
    first = Path(ONE).read_bytes()
    Path("seal-1.pem").write_bytes(Path("issuer/keys/seal-1.pem").read_bytes())
    Path("issuer/keys/seal-1.pem").unlink()
    assert main(["files", "--at", DAY_2]) == 0  # nothing to seal, and no seal is asked for
    Path(ONE).unlink()
    assert refused(capsys, "files", "--at", DAY_2) == "issue.no_seal"
    Path(TWO).write_bytes(first)  # somebody else's
    assert main(["files", "--at", DAY_2, "--seal", "file:seal-1.pem"]) == 0
    assert "PDF: 2 sealed, 0 kept" in capsys.readouterr().out
    again = Path(ONE).read_bytes()
    assert again != first  # of another time
    assert verdicts("issuer/issued", at=DAY_2) == 0


def test_a_lost_photo_is_told_and_brought_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ISSUE]) == 0
    shutil.rmtree("issuer/photos")
    Path(ONE).unlink()
    capsys.readouterr()
    assert main(["files", "--at", DAY_2]) == 1
    assert "etitle: 4501000000001: error[issue.photo_lost]" in capsys.readouterr().err
    assert main([*ISSUE[:4], "--at", DAY_2]) == 0
    assert verdicts("issuer/issued", at=DAY_2) == 0


def test_what_is_not_in_force_is_not_sealed_anew(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ISSUE]) == 0
    void = ["void", "4501000000001", "--reason", "V01", "--remark", "样例", "--at", DAY_2]
    assert main(void) == 0
    Path(ONE).unlink()
    assert main(["files", "--at", DAY_2]) == 0
    assert "1 kept, 1 not in force" in capsys.readouterr().out
    assert not Path(ONE).exists()


def test_documents_may_follow_the_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issue", "records.xlsx", "--no-pdf", "--at", DAY_1]) == 0
    assert main(["files", "--at", DAY_1]) == 0
    assert "2 with nothing recorded about a photo" in capsys.readouterr().out
    assert not Path(ONE).exists()
    assert main([*ISSUE]) == 0
    assert verdicts("issuer/issued") == 0
    hand_in("样例甲", quality=40)
    assert main([*ISSUE]) == 1
    assert "row 2: error[issue.photo_other]" in capsys.readouterr().err


def test_photos_given_with_codes_alone_are_kept_for_later(folder: Path) -> None:
    assert main([*ISSUE, "--no-pdf"]) == 0
    shutil.rmtree("photos")
    assert main(["files", "--at", DAY_1]) == 0
    assert verdicts(ONE, TWO) == 0


def test_a_reissue_takes_over_the_photo_unless_it_gets_another(folder: Path) -> None:
    assert main([*ISSUE]) == 0
    arguments = ["--by", "records.xlsx", "--reason", "R03", "--remark", "样例", "--at", DAY_2]
    assert main(["supersede", "4501000000001", *arguments, "--row", "2"]) == 0
    assert draw_portrait(variant=0, quality=85)[-2000:] in Path(THREE).read_bytes()
    hand_in("-", "样例乙", folder="new", long_hair=True)
    again = ["supersede", "4501000000002", *arguments, "--row", "3", "--photos", "new"]
    assert main(again) == 0
    pdf = Path(THREE.replace("3.pdf", "4.pdf")).read_bytes()
    assert draw_portrait(variant=1, quality=85, long_hair=True)[-2000:] in pdf
    assert verdicts("issuer/issued", at=DAY_2) == 4


# -- what documents are made with ------------------------------------------------------------------


def a_real_template() -> None:
    text = (Path(document.__file__).parents[1] / "page/templates/sample.toml").read_text("utf-8")
    text = text.replace("example = true", "example = false")
    Path("issuer/own.toml").write_text(text.replace("样例省", "某省"), "utf-8")


def test_a_template_of_the_other_kind_of_keys_is_one_error_before_anything_is_issued(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_real_template()
    edit('template = "sample" ', 'template = "own.toml" ')
    assert refused(capsys, *ISSUE) == "page.template_real"
    assert refused(capsys, *ISSUE, "--dry-run") == "page.template_real"
    assert refused(capsys, *ISSUE, "--template", "none") == "page.template_unknown"
    assert refused(capsys, *ISSUE, "--template", "none.toml") == "issue.file_unreadable"
    Path("bad.toml").write_bytes(b"\xff")
    assert refused(capsys, *ISSUE, "--template", "bad.toml") == "page.template_malformed"
    assert nothing_issued()
    edit("example = true", "example = false")
    shutil.rmtree("issuer/bundles")  # an example never becomes real: another authority begins
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1]) == 0
    assert refused(capsys, *ISSUE, "--template", "plain") == "page.template_example"
    assert nothing_issued()
    assert main([*ISSUE]) == 0
    assert verdicts("issuer/issued") == 0


def test_what_documents_lack_is_told_before_anything_is_issued(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, *ISSUE, "--seal", "file:issuer/keys/token-1.pem") == (
        "issue.seal_not_in_bundle"
    )
    tsa = ("--tsa", "http://127.0.0.1:9/")
    assert refused(capsys, *ISSUE, *tsa) == "issue.tsa_root_missing"
    root = ("--tsa-root", "issuer/keys/root-ca.x509.pem")
    assert refused(capsys, *ISSUE, *tsa, *root) == "sign.stamp_unreachable"
    assert refused(capsys, *ISSUE[:4], "--at", "2071-01-01") == "issue.seal_outside_window"
    edit('template = "sample" ', 'x509s = ["keys/root-ca.x509.pem"]\ntemplate = "sample" ')
    assert refused(capsys, *ISSUE) == "sign.evidence_without_time"
    text = Path("issuer/authority.toml").read_text("utf-8")
    Path("issuer/authority.toml").write_text(text.partition("[document]")[0], "utf-8")
    assert refused(capsys, *ISSUE) == "issue.no_template"
    assert main([*ISSUE, "--template", "plain", "--dry-run"]) == 0
    Path("issuer/keys/seal-1.pem").unlink()
    Path("issuer/keys/other.pub.pem").write_bytes(b"no key")
    Path("issuer/keys/other.pem").write_bytes(b"no key")
    assert refused(capsys, *ISSUE, "--template", "plain") == "issue.no_seal"
    assert nothing_issued()


def test_a_retired_seal_seals_no_more(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("issuer/authority.toml")
    head, seal = path.read_text("utf-8").split('uses = ["document"]')
    old = 'states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]'
    new = old[:-1] + ', { state = "retired", since = 2025-01-01T00:00:00+08:00 }]'
    path.write_text(head + 'uses = ["document"]' + seal.replace(old, new, 1), "utf-8")
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_1]) == 0
    assert refused(capsys, *ISSUE) == "issue.no_seal"
    arguments = (*ISSUE, "--seal", "file:issuer/keys/seal-1.pem")
    assert refused(capsys, *arguments) == "issue.key_not_active"
    assert nothing_issued()


def test_after_a_compromise_documents_are_sealed_anew(folder: Path) -> None:
    assert main([*ISSUE]) == 0
    first = Path(ONE).read_bytes()
    path = Path("issuer/authority.toml")
    head, rest = path.read_text("utf-8").split('[[keys]]\npublic = "keys/seal-1.pub.pem"')
    seal, tail = rest.split("# 编号段", 1)
    old = 'states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]'
    new = old[:-1] + ', { state = "compromised", since = 2026-01-01T00:00:00+08:00 }]'
    entry = '[[keys]]\npublic = "keys/seal-1.pub.pem"' + seal
    stolen = entry.replace(old, new)
    path.write_text(head + stolen + entry.replace("seal-1", "seal-2") + "# 编号段" + tail, "utf-8")
    root = Maker.root("样例根")
    own = root.leaf("样例职称专用章(2)")
    Path("issuer/keys/seal-2.pem").write_bytes(own.key_pem)
    Path("issuer/keys/seal-2.x509.pem").write_bytes(own.pem + root.pem)
    Path("issuer/keys/seal-2.pub.pem").write_bytes(
        own.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert verdicts(ONE, TWO, at=DAY_2) == 3
    assert main(["files", "--at", DAY_2]) == 0
    assert Path(ONE).read_bytes() != first
    assert verdicts("issuer/issued", at=DAY_2) == 0


def test_the_demonstration_forges_and_scans_as_it_says(folder: Path) -> None:
    assert main([*ISSUE]) == 0
    Path("forged.pdf").write_bytes(overwrite(Path(ONE).read_bytes(), "CHIEF ENGINEER"))
    Path("scan.pdf").write_bytes(scan(Path(ONE).with_suffix(".png")))
    assert verdicts("forged.pdf") == 1
    assert verdicts("scan.pdf") == 0
    shown = subprocess.run(  # noqa: S603  # ours
        [shutil.which("pdftotext") or "pdftotext", "forged.pdf", "-"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"CHIEF ENGINEER" in shown  # a viewer shows what the forger wrote


def test_a_document_that_does_not_verify_is_never_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(*arguments: object, **named: object) -> bytes:
        return sign_document(*arguments, **named).replace(b"/Lang (zh-CN)", b"/Lang (zh-TW)")  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("etitle.issue.document.sign_document", spoil)
        assert main([*ISSUE]) == 1
    err = capsys.readouterr().err
    assert err.count("error[issue.document_check]") == 2
    assert "document_signature signature_bad" in err
    assert not Path(ONE).exists()
    assert main(["files", "--at", DAY_1]) == 0
    assert verdicts("issuer/issued") == 0


def test_fonts_behind_the_one_that_ships_are_used(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit('template = "sample" ', 'fonts = [{ path = "none.otf" }]\ntemplate = "sample" ')
    assert refused(capsys, *ISSUE) == "page.font_unreadable"
    edit('"none.otf"', '"none.otf", index = -1')
    assert refused(capsys, *ISSUE) == "issue.authority_malformed"


def test_without_the_extra_codes_are_issued_and_documents_are_not(folder: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['uharfbuzz'] = None\n"
        "from etitle.cli.etitle import main\n"
        f"arguments = {[*ISSUE]!r}\n"
        "assert main(arguments) == 1\n"
        "assert main([*arguments, '--no-pdf']) == 0\n"
        "assert main(['files', '--no-pdf']) == 0\n"
    )
    done = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "error[issue.pdf_missing]" in done.stderr
    assert names("issuer/issued")[0] == "4501000000001.png"


# -- seals -----------------------------------------------------------------------------------------


def test_passwords_of_keys_and_seal_are_apart(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, password in (("token-1", b"one"), ("seal-1", b"two")):
        path = Path(f"issuer/keys/{name}.pem")
        key = load_pem_private_key(path.read_bytes(), None)
        path.write_bytes(
            key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
            )
        )  # fmt: skip
        Path(name).write_bytes(password + b"\n")
    keys = ("--password-file", "token-1")
    assert refused(capsys, *ISSUE, *keys) == "keys.password_wrong"
    # Named by a URI the seal may be a device's: no other password is tried on it.
    named = (*ISSUE, *keys, "--seal", "file:issuer/keys/seal-1.pem")
    assert refused(capsys, *named) == "keys.no_terminal"
    assert nothing_issued()
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "two"

    with monkeypatch.context() as patch:
        patch.setattr("getpass.getpass", answer)
        patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        assert main([*named]) == 0
    assert ["seal" in prompt for prompt in asked] == [True]
    Path(ONE).unlink()
    assert main(["files", "--at", DAY_1, *keys, "--seal-password-file", "seal-1"]) == 0


@pytest.mark.parametrize("default", [False, True])
def test_a_seal_with_rsa_is_found_by_its_certificate(folder: Path, *, default: bool) -> None:
    root = Maker.root("样例根")
    own = root.leaf("样例职称专用章", key=new_key("rsa3072"))
    public = own.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Path("issuer/keys/seal-1.x509.pem").write_bytes(own.pem + root.pem)
    Path("issuer/keys/seal-1.pub.pem").write_bytes(public)
    Path("issuer/keys/seal-1.pem").unlink()
    Path("issuer/keys/seal-1.pem" if default else "elsewhere.pem").write_bytes(own.key_pem)
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_1]) == 0
    assert main([*ISSUE, *([] if default else ["--seal", "file:elsewhere.pem"])]) == 0
    assert verdicts(ONE, TWO) == 0


_MAKE_KEY = """
import sys, pkcs11
from pkcs11.util.ec import encode_named_curve_parameters
module, pin, out = sys.argv[1:]
token = pkcs11.lib(module).get_token(token_label="样例 seals")
with token.open(rw=True, user_pin=pin) as session:
    parameters = encode_named_curve_parameters("secp256r1")
    curve = session.create_domain_parameters(
        pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: parameters}, local=True)
    public, _ = curve.generate_keypair(id=b"1", label="seal", store=True)
    from pkcs11.util.ec import encode_ec_public_key
    open(out, "wb").write(encode_ec_public_key(public))
"""


def test_a_seal_in_an_hsm_seals(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", "")  # as make_hsm sets it, for this test alone
    Path("hsm").mkdir()
    hsm = make_hsm(Path("hsm").absolute())
    hsm.token("样例 seals")
    # In processes of their own: a module is loaded once in a process, with one folder of tokens.
    subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", _MAKE_KEY, hsm.module, PIN.decode(), "spki"], check=True
    )  # fmt: skip
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # as here alone
        load_der_public_key,
    )

    root = Maker.root("样例根")
    public = load_der_public_key(Path("spki").read_bytes())
    own = x509.load_der_x509_certificate(root.certify("样例职称专用章", public))  # type: ignore[arg-type]
    pem = own.public_bytes(Encoding.PEM) + root.pem
    Path("issuer/keys/seal-1.x509.pem").write_bytes(pem)
    Path("issuer/keys/seal-1.pub.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    Path("issuer/keys/seal-1.pem").unlink()
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_1]) == 0
    Path("pin").write_bytes(PIN)
    seal = ["--seal", hsm.uri("样例 seals", "seal"), "--seal-password-file", "pin"]
    subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-m", "etitle.cli.etitle", *ISSUE, *seal], check=True
    )  # fmt: skip
    assert verdicts(ONE, TWO) == 0


# -- time-stamps: openssl has the machine's clock, and so have the commands -----------------------


@pytest.fixture
def now(folder: Path) -> Iterator[tuple[str, ...]]:
    """How to issue now, with a time-stamp authority on this machine."""
    shutil.rmtree("issuer/bundles")
    assert main(["bundle", "new", *ROOTS]) == 0
    Path("tsa").mkdir()
    with serving(make_authority(Path("tsa").absolute())) as authority:
        Path("tsa-root.pem").write_bytes(authority.root.pem)
        crl = Path("issuer/none.crl")
        crl.write_bytes(b"\x30\x00")
        yield (*ISSUE[:4], "--tsa", authority.url, "--tsa-root", "tsa-root.pem")


def test_documents_get_time_stamps(now: tuple[str, ...]) -> None:
    assert main([*now]) == 0
    pdf = Path(ONE).read_bytes()
    moment = bytes.fromhex("060b2a864886f70d010910020e")  # id-aa-signatureTimeStampToken
    assert moment in find_byte_range(pdf).contents
    assert verify_now(ONE, TWO) == 0


def test_documents_get_evidence(now: tuple[str, ...]) -> None:
    evidence = 'x509s = ["keys/root-ca.x509.pem"]\ncrls = ["none.crl"]\n'
    edit('template = "sample" ', evidence + 'template = "sample" ')
    assert main([*now]) == 0
    assert b"/DSS" in Path(ONE).read_bytes()
    assert verify_now(ONE, TWO) == 0


def verify_now(*arguments: str) -> int:
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    assert main(["publish"]) == 0
    assert verify(["trust", "init", "published", "--trust", "t", "--pin", pin]) == 0
    assert verify(["trust", "update", "published", "--trust", "t"]) == 0
    return verify(["--examples", *arguments, "--trust", "t"])
