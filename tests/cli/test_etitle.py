"""The issuer's command as an issuer uses it, and an employer's ``etitle-verify trust``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support import exampleoffice
from tests.support.commandline import (
    DAY_1,
    DAY_2,
    DAY_3,
    ROOTS,
    names,
    refused,
    refused_trust,
    workbook,
)
from tests.support.records import make_photos, make_records
from tests.support.x509 import Maker

from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify
from etitle.trust.bundle import fingerprint
from etitle.trust.rescue import make_rescue, sign_rescue


@pytest.fixture
def ready(folder: Path) -> Path:
    """With a bundle and two certificates, 4501000000001 and 4501000000002."""
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1]) == 0
    workbook("records.xlsx", "样例甲", "样例乙")
    assert main(["issue", "records.xlsx", "--no-pdf", "--at", DAY_1]) == 0
    return folder


def certify(stem: str) -> None:
    """Ask for a certificate as the guide says, and answer as a CA does."""
    guide = (exampleoffice.EXAMPLE.parent / "docs/howto/seal.md").read_text("utf-8")
    (block,) = re.findall(r"```console\n\$ (openssl req .*?)```", guide, re.DOTALL)
    words = shlex.split(block.replace("\\\n", " "))
    done = subprocess.run(  # noqa: S603  # the guide's own words
        [shutil.which("openssl") or "", *words[1:], "-passin", "file:password"],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    request = x509.load_pem_x509_csr(Path("seal-1.csr").read_bytes())
    name = request.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    assert name == "样例省职称专用章(1)"
    root = Maker.root("样例根")
    public = request.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    own = x509.load_der_x509_certificate(root.certify(str(name), public))
    Path(f"{stem}.x509.pem").write_bytes(own.public_bytes(Encoding.PEM) + root.pem)


def test_from_nothing_to_a_verdict(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "password").write_text("样例口令\n", "utf-8")
    shutil.rmtree("issuer/keys")
    keys = ["root-1", "root-2", "root-3", "token-1", "list-1", "seal-1"]
    assert main(["keys", "new", *keys, "--password-file", "password"]) == 0
    certify("issuer/keys/seal-1")
    assert b"ENCRYPTED" in Path("issuer/keys/token-1.pem").read_bytes()
    assert Path("issuer/keys/token-1.pem").stat().st_mode & 0o077 == 0
    secret = ["--password-file", "password"]
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1, *secret]) == 0
    workbook("records.xlsx", "样例甲")
    arguments = ["issue", "records.xlsx", "--without-photo", "all", "--at", DAY_1]
    assert main([*arguments, *secret]) == 0
    assert main(["publish", "--at", DAY_1, *secret]) == 0
    capsys.readouterr()
    assert main(["bundle", "show"]) == 0
    pin = " ".join(capsys.readouterr().out.splitlines()[2:6])
    assert verify(["trust", "init", "published", "--pin", pin, "--trust", "t", "--at", DAY_1]) == 0
    assert verify(["trust", "update", "published", "--trust", "t", "--at", DAY_1]) == 0
    arguments = ["--examples", "--trust", "t", "--at", DAY_1, "issuer/issued/4501000000001.pdf"]
    assert verify(arguments) == 0
    assert (
        main(["void", "4501000000001", "--reason", "V01", "--remark", "样例", "--at", DAY_2]) == 0
    )
    assert main(["publish", "--at", DAY_2, *secret]) == 0
    assert verify(["trust", "update", "published", "--trust", "t", "--at", DAY_2]) == 0
    assert verify(["--examples", "--trust", "t", "--at", DAY_2, arguments[-1]]) == 4
    monkeypatch.setenv("ETITLE_TRUST", "t")
    assert verify(["trust", "show", "--at", DAY_3]) == 0
    assert "样例 / EXAMPLE" in capsys.readouterr().out


def test_a_dry_run_changes_nothing_and_reports_everything(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook("more.xlsx", "样例丙", "样例丁", title="教授")
    before = Path("issuer/ledger.sqlite").read_bytes()
    arguments = ["issue", "more.xlsx", "--no-pdf", "--dry-run", "--at", DAY_2]
    arguments += ["--report", "report.csv"]
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert "etitle: row 2: error[record.title_outside_series]:" in err
    assert "hint: " in err
    assert exampleoffice.id_number(0) not in err
    assert len(Path("report.csv").read_text("utf-8-sig").splitlines()) == 5
    assert Path("issuer/ledger.sqlite").read_bytes() == before
    workbook("good.xlsx", "样例戊")
    assert main(["issue", "good.xlsx", "--no-pdf", "--dry-run", "--at", DAY_2]) == 0
    assert Path("issuer/ledger.sqlite").read_bytes() == before


def test_the_same_workbook_again_issues_nothing_more(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree("issuer/issued")
    assert main(["issue", "records.xlsx", "--no-pdf", "--at", DAY_2]) == 0
    assert main(["files", "--no-pdf", "--svg"]) == 0
    kinds = ("png", "svg", "txt")
    files = [f"450100000000{n}.{kind}" for n in (1, 2) for kind in kinds]
    assert names("issuer/issued") == [*files, "openings.csv"]
    assert "2 written, 0 kept" in capsys.readouterr().out


@pytest.mark.parametrize("lost", [False, True])
def test_an_old_copy_of_the_ledger_gives_no_number_twice(
    ready: Path, capsys: pytest.CaptureFixture[str], *, lost: bool
) -> None:
    ledger = Path("issuer/ledger.sqlite")
    shutil.copy(ledger, "copy.sqlite")
    workbook("more.xlsx", "样例丙", "样例丁", "样例戊")
    assert main(["issue", "more.xlsx", "--no-pdf", "--at", DAY_1]) == 0
    assert main(["publish", "--at", DAY_1]) == 0
    ledger.unlink() if lost else Path("copy.sqlite").replace(ledger)
    issued = Path("issuer/issued/4501000000003.txt").read_bytes()
    workbook("other.xlsx", "样例己")
    assert (
        refused(capsys, "issue", "other.xlsx", "--no-pdf", "--at", DAY_2)
        == "issue.sequence_published"
    )
    assert Path("issuer/issued/4501000000003.txt").read_bytes() == issued


def test_a_reissue_from_one_row_of_a_workbook(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook("new.xlsx", "样例新", "样例乙")
    arguments = ["supersede", "4501000000001", "--by", "new.xlsx", "--no-pdf", "--at", DAY_2]
    reissue = [*arguments, "--row", "2", "--reason", "R01", "--remark", "更名"]
    assert refused(capsys, *arguments, "--reason", "R04") == "issue.one_row_needed"
    assert refused(capsys, *arguments, "--row", "3", "--reason", "R01") == "issue.remark_missing"
    assert refused(capsys, *arguments, "--row", "3", "--reason", "V01") == "issue.reason_unfit"
    unknown = ["supersede", "none", *reissue[2:]]
    assert refused(capsys, *unknown) == "issue.number_unknown"
    another = [*arguments, "--row", "3", "--reason", "R03", "--remark", "样例"]
    assert main(another) == 1
    assert "[issue.other_person]" in capsys.readouterr().err
    assert main(reissue) == 0
    assert "4501000000003  核验码" in capsys.readouterr().out
    assert main(["status", "4501000000001"]) == 0
    assert "superseded  2026-01-06  R01  更名  → 4501000000003" in capsys.readouterr().out


def test_states_follow_their_rules(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = "4501000000001"
    at = ["--at", DAY_2]
    assert refused(capsys, "void", one, "--reason", "C01", *at) == "issue.reason_unfit"
    assert refused(capsys, "void", one, "--reason", "V01", *at) == "issue.remark_missing"
    assert main(["suspend", one, "--reason", "S01", "--remark", "举报", *at]) == 0
    assert main(["restore", one, *at]) == 0
    assert main(["cancel", one, "--reason", "C02", *at]) == 0
    assert refused(capsys, "restore", one, *at) == "issue.state_refused"
    assert main(["withdraw", one, "--reason", "W01", "--remark", "样例", *at]) == 0
    assert main(["other", "4501000000002", "--remark", "样例", *at]) == 0
    assert refused(capsys, "status", "none") == "issue.number_unknown"
    capsys.readouterr()
    assert main(["status", one]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == [
        "valid", "suspended", "valid", "cancelled", "withdrawn",
    ]  # fmt: skip


def test_a_bundle_is_rotated_and_endorsed(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "bundle", "new", *ROOTS) == "issue.bundle_exists"
    assert main(["bundle", "rotate", *ROOTS[:2], "--at", DAY_2]) == 0
    assert "more signatures needed" in capsys.readouterr().out
    assert refused(capsys, "bundle", "rotate", *ROOTS) == "issue.bundle_exists"
    assert main(["publish", "--at", DAY_2]) == 0  # the list goes on under the bundle before
    assert "lacks root signatures" in capsys.readouterr().err
    assert names("published/bundles") == ["0001.cose"]
    assert main(["bundle", "endorse", *ROOTS[2:]]) == 0
    assert "2/2  signed enough" in capsys.readouterr().out
    assert main(["publish", "--at", DAY_3]) == 0
    assert names("published/bundles") == ["0001.cose", "0002.cose"]
    assert main(["bundle", "endorse", "issuer/bundles/0001.cose", *ROOTS[:2]]) == 0
    assert main(["bundle", "show", "issuer/bundles/0001.cose"]) == 0
    assert refused(capsys, "bundle", "show", "none.cose") == "issue.file_unreadable"
    assert refused(capsys, "bundle", "endorse", "no.cose", *ROOTS) == "issue.file_unreadable"


def compromise() -> None:
    """Let authority.toml say that token-1 was stolen."""
    path = Path("issuer/authority.toml")
    mark = 'states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]'
    more = mark[:-1] + ', { state = "compromised", since = 2026-01-06T00:00:00+08:00 }]'
    path.write_text(path.read_text("utf-8").replace(mark, more, 1), "utf-8")


def test_a_compromised_key_is_rescued(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kid = exampleoffice.signer("token-1").public.kid.hex()
    assert refused(capsys, "rescue", kid, *ROOTS) == "issue.key_unknown"
    compromise()
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert main(["rescue", kid, *ROOTS, "--at", DAY_2]) == 0
    assert "2 tokens" in capsys.readouterr().out
    assert main(["publish", "--at", DAY_2]) == 0
    assert Path(f"published/rescue/{kid}.cose").exists()
    workbook("more.xlsx", "样例丙")
    assert refused(capsys, "issue", "more.xlsx", "--no-pdf", "--at", DAY_2) == "issue.no_key_file"
    arguments = ("issue", "more.xlsx", "--key", "file:issuer/keys/token-1.pem", "--at", DAY_2)
    assert refused(capsys, *arguments) == "issue.key_not_active"


def test_roots_sign_a_rescue_list_one_after_another(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kid = exampleoffice.signer("token-1").public.kid.hex()
    compromise()
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert main(["rescue", kid, *ROOTS[:2], "--at", DAY_2]) == 0
    assert "1/2  more signatures needed" in capsys.readouterr().out
    assert main(["publish", "--at", DAY_2]) == 0  # the list goes on without it
    assert "lacks root signatures" in capsys.readouterr().err
    assert not Path("published/rescue").exists()
    shutil.move(f"issuer/rescue/{kid}.cose", "carried.cose")
    assert main(["rescue", "endorse", "carried.cose", *ROOTS[2:]]) == 0
    assert "2 tokens  2/2  signed enough" in capsys.readouterr().out
    shutil.move("carried.cose", f"issuer/rescue/{kid}.cose")
    assert main(["publish", "--at", DAY_3]) == 0
    assert Path(f"published/rescue/{kid}.cose").exists()


def test_a_root_endorses_rescue_lists_of_its_own_authority_only(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    thumbprint = exampleoffice.signer("token-1").public.thumbprint
    roots = [exampleoffice.signer("root-1")]

    def endorsed(authority_id: str) -> str:
        made = make_rescue(
            [], authority_id=authority_id, thumbprint=thumbprint, issued_s=0, number=1
        )
        Path("a.cose").write_bytes(sign_rescue(made, signers=roots))
        return refused(capsys, "rescue", "endorse", "a.cose", *ROOTS)

    assert endorsed("other") == "bundle.wrong_authority"
    assert (
        endorsed(exampleoffice.bundle().authority.id) == "issue.key_unknown"
    )  # it is not compromised
    Path("a.cose").write_bytes(b"no rescue list")
    assert refused(capsys, "rescue", "endorse", "a.cose", *ROOTS) == "bundle.rescue_malformed"
    assert refused(capsys, "rescue", "endorse", "none", *ROOTS) == "issue.file_unreadable"
    assert refused(capsys, "rescue", "endorse", *ROOTS) == "issue.rescue_file_needed"
    assert refused(capsys, "rescue", "00", "a.cose", *ROOTS) == "issue.key_unknown"
    Path("issuer/rescue").mkdir()
    shutil.copy("a.cose", "issuer/rescue")
    assert refused(capsys, "publish", "--at", DAY_2) == "bundle.rescue_malformed"


def test_keys_are_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "keys", "new", "root-1", "--no-password") == "issue.key_exists"
    assert refused(capsys, "keys", "new", "../evil", "--no-password") == "issue.key_name"
    assert main(["keys", "new", "a", "--suite", "EdDSA", "--no-password", "--folder", "k"]) == 0
    assert main(["keys", "show", "--folder", "k"]) == 0
    assert "a.pub.pem  EdDSA  kid" in capsys.readouterr().out


def test_passwords_come_from_a_file_or_a_prompt(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(capsys, "keys", "new", "x") == "keys.no_terminal"
    assert refused(capsys, "keys", "new", "x", "--password-file", "no") == "keys.file_unreadable"
    Path("empty").write_bytes(b"\n")
    assert refused(capsys, "keys", "new", "x", "--password-file", "empty") == "issue.password_empty"
    answers = iter(["one", "two", "one", "one"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert refused(capsys, "keys", "new", "x") == "issue.passwords_differ"
    assert main(["keys", "new", "x"]) == 0


def test_errors_speak_the_language_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["issue", "none.xlsx", "--lang", "zh"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "etitle: 错误[issue.file_unreadable]：无法读取文件 none.xlsx",
        "提示：请检查路径和读取权限",
    ]  # fmt: skip
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert main(["issue", "no\x1bne.xlsx", "--lang=en"]) == 1
    err = capsys.readouterr().err
    assert "cannot read" in err
    assert "\x1b" not in err
    assert main(["--help"]) == 0
    assert "签发职称电子证书" in capsys.readouterr().out


def test_usage_is_another_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["issue"]) == 2
    assert main(["issue", "a.xlsx", "--at", "yesterday"]) == 2
    assert "ISO 8601" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["issue", "supersede", "void", "publish", "rescue", "files"])
def test_every_command_explains_itself(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    for language in ("zh", "en"):
        assert main([command, "--help", "--lang", language]) == 0
        usage = {"zh": "用法: etitle", "en": "usage: etitle"}[language]
        assert usage in capsys.readouterr().out


def test_a_pin_is_64_digits(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--at", DAY_1]) == 0
    arguments = ["init", "published", "--trust", "t", "--pin"]
    assert refused_trust(capsys, *arguments, "A1B2") == "bundle.pin_malformed"
    assert refused_trust(capsys, *arguments, "00" * 32) == "bundle.pin_mismatch"
    nowhere = ["init", "nowhere", "--trust", "t", "--pin", "00" * 32]
    assert refused_trust(capsys, *nowhere) == "issue.file_unreadable"


def test_without_a_workspace_the_error_names_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook("a.xlsx", "样例甲")
    assert refused(capsys, "issue", "a.xlsx") == "issue.no_bundle"
    assert refused(capsys, "publish", "--issuer", "none") == "issue.file_unreadable"
    assert refused(capsys, "bundle", "show") == "issue.no_bundle"
    assert refused(capsys, "bundle", "endorse", *ROOTS) == "issue.no_bundle"


def test_a_folder_that_can_not_be_written_is_told(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("published").write_bytes(b"a file, no folder")
    assert refused(capsys, "publish", "--at", DAY_1) == "issue.file_failed"


def test_a_pipe_in_place_of_a_file_does_not_hang(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    Path("site/bundles").mkdir(parents=True)
    for pipe in ("site/bundles/0001.cose", "pipe"):
        os.mkfifo(pipe)
    assert refused_trust(capsys, "init", "site", "--pin", pin) == "issue.file_unreadable"
    assert refused(capsys, "bundle", "show", "pipe") == "issue.file_unreadable"
    assert refused(capsys, "bundle", "endorse", "pipe", *ROOTS) == "issue.file_unreadable"
    assert refused(capsys, "issue", "pipe") == "issue.file_unreadable"


def test_a_huge_file_is_no_bundle(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("huge").open("wb") as file:
        file.truncate(1 << 40)
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    assert refused_trust(capsys, "init", "huge", "--pin", pin) == "issue.file_unreadable"


def test_an_authority_file_is_read_whole_or_not_at_all(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("issuer/authority.toml")
    padding = "# 样例\n" * (1 << 17)
    path.write_text(padding + path.read_text("utf-8"), "utf-8")
    assert refused(capsys, "bundle", "rotate", *ROOTS) == "issue.authority_malformed"


def test_an_interruption_says_how_to_go_on(
    ready: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etitle.cli.issuecommands.write_files", interrupt)
    assert refused(capsys, "files", expect=130) == "issue.interrupted"


def test_a_store_says_what_it_passed_over_and_what_it_lacks(
    ready: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANG")
    assert main(["publish", "--at", DAY_1]) == 0
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    init = ["init", "published", "--pin", pin, "--at", DAY_1]
    assert verify(["trust", *init]) == 0
    assert refused_trust(capsys, *init) == "store.already_there"
    assert verify(["trust", *init, "--reset"]) == 0
    assert verify(["trust", "show", "--at", DAY_1]) == 0
    assert "list 1  missing" in capsys.readouterr().out
    Path("published/lists/junk.cwt").write_bytes(b"junk")
    assert verify(["trust", "update", "published", "--at", DAY_2]) == 0
    assert "passed over" in capsys.readouterr().out
    assert verify(["trust", "update", "published", "--at", DAY_2]) == 0
    assert "nothing new" in capsys.readouterr().out
    assert refused_trust(capsys, "update", "published", "--at", DAY_1) == "store.clock_behind"


def test_trust_needs_only_what_verification_needs(folder: Path) -> None:
    program = (
        "import sys\n"
        "for name in ('pydantic', 'openpyxl'): sys.modules[name] = None\n"
        "from etitle.cli.etitle import main\n"
        "from etitle.cli.etitle_verify import main as verify\n"
        "assert verify(['trust', 'show', '--trust', 'none']) == 2\n"
        "assert main(['issue', 'a.xlsx']) == 1\n"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    first, second, *_ = [line for line in done.stderr.splitlines() if "error[" in line]
    assert "store." in first
    assert "issue.module_missing" in second


@pytest.mark.parametrize(("page", "commands"), [("howto/issue.md", 13), ("zh/issue.md", 12)])
def test_the_guide_runs_as_written(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    page: str,
    commands: int,
) -> None:
    guide = (exampleoffice.EXAMPLE.parent / "docs" / page).read_text("utf-8")
    blocks = re.findall(r"```console\n(.*?)```", guide, re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines()]
    make_records(Path("records.xlsx"))
    make_photos(Path("photos"))
    for n, line in enumerate(lines):
        if line.startswith("etitle "):
            at = f"2026-02-01T09:{n:02}:00"
            assert main([*shlex.split(line)[1:], "--at", at]) == 0, line
    assert sum(line.startswith("etitle ") for line in lines) == commands
    assert "24 issued" in capsys.readouterr().out
