"""What is published is what verifiers accept, and a sequence never has two contents."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support import exampleoffice
from tests.support.exampleoffice import AT_S, DAY_S, row
from tests.support.exampleseal import files as seal_files
from tests.support.publisher import when

from etitle.certificate import payload
from etitle.certificate.dates import china_day
from etitle.errors import EtitleError, IssueError, SignerError
from etitle.issue.authority import read_authority, read_public
from etitle.issue.bundlechain import fingerprint_text, is_signed_enough, open_bundle_chain
from etitle.keys.seal import make_seal, open_document_signer, read_x509_chain
from etitle.keys.signer import SoftSigner
from etitle.keys.suite import ES256
from etitle.register import publish as publishing
from etitle.register.ledger import LedgerEntry
from etitle.register.publish import (
    KEEP_DELTAS,
    PublicationReport,
    publish,
    rescue_of,
)
from etitle.register.sqlite import SqliteLedger
from etitle.store.disk import read_published
from etitle.store.local import Store
from etitle.token import frame, text
from etitle.trust.bundle import fingerprint, list_keys
from etitle.trust.delta import apply_delta, open_delta
from etitle.trust.published import Bundle, KeyState, KeyUse
from etitle.trust.rescue import digest, open_rescue, sign_rescue
from etitle.trust.roots import sign_bundle
from etitle.trust.status import StatusKind
from etitle.trust.statuslist import StatusList, open_list


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as opened:
        yield opened


def out(
    folder: Path, ledger: SqliteLedger, *, at_s: int, of: Bundle | None = None
) -> tuple[PublicationReport, ...]:
    return publish(
        folder / "published",
        ledger=ledger,
        bundles=[exampleoffice.signed(of or exampleoffice.bundle())],
        signer=exampleoffice.signer("list-1"),
        at_s=at_s,
    )


def newest(folder: Path) -> StatusList:
    data = (folder / "published/lists/1.cwt").read_bytes()
    return open_list(data, authority_id="sample", keys=list_keys(exampleoffice.bundle()))


def void(ledger: SqliteLedger, number: str, at_s: int) -> None:
    ledger.change(number, reason="V01", remark="样例", at_s=at_s)


def code(folder: Path, ledger: SqliteLedger, *, at_s: int, of: Bundle | None = None) -> str:
    with pytest.raises(EtitleError) as caught:
        out(folder, ledger, at_s=at_s, of=of)
    assert "?" not in caught.value.show("en")
    return caught.value.code


def test_the_list_says_what_the_ledger_says(ledger: SqliteLedger, tmp_path: Path) -> None:
    one, _ = exampleoffice.issue(ledger, row(1), row(2))
    void(ledger, one.number, AT_S)
    (done,) = out(tmp_path, ledger, at_s=AT_S + 60)
    assert (done.sequence, done.coverage, done.changes, done.delta_bytes) == (1, 2, None, None)
    made = newest(tmp_path)
    assert made.table.look_up(0).kind is StatusKind.VOIDED
    assert made.table.look_up(1).kind is StatusKind.VALID
    assert made.expires_s == AT_S + 60 + 7 * DAY_S


def test_sequences_and_hashes_make_a_chain_that_the_deltas_follow(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    issued = exampleoffice.issue(ledger, *map(row, range(4)))
    out(tmp_path, ledger, at_s=AT_S)
    held = newest(tmp_path)
    for n in range(1, 4):
        void(ledger, issued[n].number, AT_S + n * DAY_S)
        (done,) = out(tmp_path, ledger, at_s=AT_S + n * DAY_S)
        assert (done.sequence, done.changes) == (n + 1, 1)
        data = (tmp_path / f"published/deltas/1-{n}-{n + 1}.cose").read_bytes()
        delta = open_delta(data, authority_id="sample", keys=list_keys(exampleoffice.bundle()))
        before = held.table.state_hash()
        held = apply_delta(held, delta)
        assert held == newest(tmp_path)
        assert held.previous == before


def test_a_store_takes_what_was_published(ledger: SqliteLedger, tmp_path: Path) -> None:
    (one,) = exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S)
    bundle = (tmp_path / "published/bundles/0001.cose").read_bytes()
    pin = fingerprint(exampleoffice.bundle().roots)
    store = Store.init(tmp_path / "store", bundle, pin=pin, at=when(AT_S))
    store.update(tmp_path / "published", at=when(AT_S))
    void(ledger, one.number, AT_S + DAY_S)
    out(tmp_path, ledger, at_s=AT_S + DAY_S)
    (tmp_path / "published/lists/1.cwt").unlink()  # the delta alone must do
    store.update(tmp_path / "published", at=when(AT_S + DAY_S))
    _, lists = store.load()
    found = lists.find("sample", 1)
    assert found is not None
    assert (found.sequence, found.table.look_up(0).kind) == (2, StatusKind.VOIDED)


def test_the_same_publication_is_written_again_as_it_was(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S)
    out(tmp_path, ledger, at_s=AT_S + 1)
    folder = tmp_path / "published"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shutil.rmtree(folder / "deltas")
    (folder / "lists/1.cwt").unlink()
    (done,) = out(tmp_path, ledger, at_s=AT_S + 1)
    assert (done.repeated, done.sequence) == (True, 2)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_no_time_has_two_publications(ledger: SqliteLedger, tmp_path: Path) -> None:
    (one,) = exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S)
    void(ledger, one.number, AT_S)
    assert code(tmp_path, ledger, at_s=AT_S) == "issue.published_already"
    assert code(tmp_path, ledger, at_s=AT_S - 1) == "issue.time_backwards_list"


def test_an_old_copy_of_the_ledger_does_not_publish(ledger: SqliteLedger, tmp_path: Path) -> None:
    exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S)
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "backup.sqlite")
    out(tmp_path, ledger, at_s=AT_S + 1)
    with SqliteLedger.open(tmp_path / "backup.sqlite", authority_id="sample") as old:
        assert code(tmp_path, old, at_s=AT_S + 2) == "issue.sequence_published"
        # What lies there but no key of ours signed says nothing.
        (tmp_path / "published/lists/1.cwt").write_bytes(b"junk")
        assert out(tmp_path, old, at_s=AT_S + 2)[0].sequence == 2


def test_an_old_copy_of_the_ledger_does_not_even_publish_again(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    out(tmp_path, ledger, at_s=AT_S)
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "backup.sqlite")
    exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S + 1)
    newest = (tmp_path / "published/lists/1.cwt").read_bytes()
    with SqliteLedger.open(tmp_path / "backup.sqlite", authority_id="sample") as old:
        assert code(tmp_path, old, at_s=AT_S) == "issue.sequence_published"
    assert (tmp_path / "published/lists/1.cwt").read_bytes() == newest


def test_a_new_epoch_begins_at_one_again(ledger: SqliteLedger, tmp_path: Path) -> None:
    exampleoffice.issue(ledger, row(1))
    out(tmp_path, ledger, at_s=AT_S)
    bundle = exampleoffice.bundle()
    later = replace(bundle, lists=(replace(bundle.lists[0], epoch=2),))
    (done,) = out(tmp_path, ledger, at_s=AT_S + 1, of=later)
    assert (done.sequence, done.changes) == (1, None)
    assert newest(tmp_path).table.epoch == 2


def test_a_list_below_the_bundles_minimum_is_not_published(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    out(tmp_path, ledger, at_s=AT_S)
    bundle = exampleoffice.bundle()
    higher = replace(bundle, lists=(replace(bundle.lists[0], minimum_sequence=9),))
    assert code(tmp_path, ledger, at_s=AT_S + 1, of=higher) == "issue.below_minimum"


def test_a_new_epoch_begins_at_one(ledger: SqliteLedger, tmp_path: Path) -> None:
    bundle = exampleoffice.bundle()
    later = replace(bundle, lists=(replace(bundle.lists[0], epoch=5, minimum_sequence=1),))
    assert out(tmp_path, ledger, at_s=AT_S, of=later)[0].sequence == 1
    assert out(tmp_path, ledger, at_s=AT_S + 1, of=later)[0].sequence == 2
    higher = replace(bundle, lists=(replace(bundle.lists[0], epoch=6, minimum_sequence=2),))
    with pytest.raises(IssueError) as caught:
        out(tmp_path, ledger, at_s=AT_S + 2, of=higher)
    assert caught.value.code == "issue.below_minimum"


def test_35_deltas_and_a_full_list_a_week_are_kept(ledger: SqliteLedger, tmp_path: Path) -> None:
    for day in range(KEEP_DELTAS + 5):
        out(tmp_path, ledger, at_s=AT_S + day * DAY_S)
    deltas = {path.name for path in (tmp_path / "published/deltas").iterdir()}
    assert deltas == {f"1-{n - 1}-{n}.cose" for n in range(6, 41)}
    dated = sorted(path.name for path in (tmp_path / "published/lists").glob("1-*.cwt"))
    assert dated[:2] == ["1-2026-01-01.cwt", "1-2026-01-08.cwt"]
    assert len(dated) == 6


@pytest.mark.parametrize("name", ["token-1", "root-1"])
def test_a_key_that_may_not_sign_lists_is_refused(
    ledger: SqliteLedger, tmp_path: Path, name: str
) -> None:
    with pytest.raises(IssueError) as caught:
        publish(
            tmp_path,
            ledger=ledger,
            bundles=[exampleoffice.signed(exampleoffice.bundle())],
            signer=exampleoffice.signer(name),
            at_s=AT_S,
        )
    assert caught.value.code == "issue.key_not_in_bundle"


def test_a_list_key_signs_while_it_is_active_and_within_its_days(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    bundle = exampleoffice.bundle()
    ended = tuple(replace(key, not_after=china_day(AT_S)) for key in bundle.keys)
    later = replace(bundle, keys=ended)
    assert code(tmp_path, ledger, at_s=AT_S + DAY_S, of=later) == "issue.list_key_window"
    history = ((KeyState.ACTIVE, 0), (KeyState.RETIRED, AT_S))
    retired = replace(bundle, keys=tuple(replace(key, history=history) for key in bundle.keys))
    assert code(tmp_path, ledger, at_s=AT_S, of=retired) == "issue.key_not_active"


def test_a_bundle_with_too_few_signatures_is_not_published(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    few = sign_bundle(exampleoffice.bundle(), signers=[exampleoffice.signer("root-1")])
    with pytest.raises(EtitleError) as caught:
        publish(
            tmp_path, ledger=ledger, bundles=[few], signer=exampleoffice.signer("list-1"), at_s=AT_S
        )
    assert caught.value.code == "bundle.too_few_signatures"
    assert not is_signed_enough(few, before=None)
    assert is_signed_enough(
        exampleoffice.signed(exampleoffice.bundle()), before=exampleoffice.bundle()
    )
    with pytest.raises(IssueError) as none:
        open_bundle_chain([])
    assert none.value.code == "issue.no_bundle"


def test_every_bundle_is_published_and_the_last_is_in_force(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    first, second = exampleoffice.bundle(), exampleoffice.bundle(version=2, at_s=AT_S + 5)
    chain = [exampleoffice.signed(first), exampleoffice.signed(second)]
    assert open_bundle_chain(chain).version == 2
    publish(
        tmp_path, ledger=ledger, bundles=chain, signer=exampleoffice.signer("list-1"), at_s=AT_S + 9
    )
    assert sorted(path.name for path in (tmp_path / "bundles").iterdir()) == [
        "0001.cose", "0002.cose",
    ]  # fmt: skip


def test_a_compromised_keys_tokens_are_rescued(ledger: SqliteLedger, tmp_path: Path) -> None:
    one, two = exampleoffice.issue(ledger, row(1), row(2))
    bundle = exampleoffice.bundle()
    thumbprint = exampleoffice.signer("token-1").public.thumbprint
    rescue, unverified = rescue_of(
        ledger, bundle=bundle, thumbprint=thumbprint, at_s=AT_S, number=3
    )
    assert (unverified, rescue.number) == ((), 3)
    assert len(rescue) == 2
    assert all(digest(each.signed.to_be_signed) in rescue for each in (one, two))
    signed = sign_rescue(
        rescue, signers=[exampleoffice.signer("root-1"), exampleoffice.signer("root-2")]
    )
    publish(
        tmp_path,
        ledger=ledger,
        bundles=[exampleoffice.signed(bundle)],
        rescues=[signed],
        signer=exampleoffice.signer("list-1"),
        at_s=AT_S,
    )
    data = (tmp_path / "rescue" / f"{thumbprint[:4].hex()}.cose").read_bytes()
    assert open_rescue(data, bundle=bundle) == rescue
    with pytest.raises(IssueError) as caught:
        rescue_of(ledger, bundle=bundle, thumbprint=bytes(32), at_s=AT_S, number=1)
    assert caught.value.code == "issue.key_unknown"


def test_a_list_of_a_key_compromised_since_is_still_continued(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    out(tmp_path, ledger, at_s=AT_S)
    bundle = exampleoffice.bundle()
    bad = ((KeyState.ACTIVE, 0), (KeyState.COMPROMISED, AT_S))
    keys = tuple(
        replace(key, history=bad)
        if KeyUse.LIST in key.uses
        else replace(key, uses=key.uses | {KeyUse.LIST})
        for key in bundle.keys
    )
    (done,) = publish(
        tmp_path / "published",
        ledger=ledger,
        bundles=[exampleoffice.signed(replace(bundle, keys=keys))],
        signer=exampleoffice.signer("token-1"),
        at_s=AT_S + 1,
    )
    assert (done.sequence, done.changes) == (2, 0)


def test_people_get_an_index_and_a_fingerprint_to_read_out(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    out(tmp_path, ledger, at_s=AT_S)
    index = json.loads((tmp_path / "published/index.json").read_text("utf-8"))
    assert index["example"] is True
    for each in index["files"]:
        data = (tmp_path / "published" / each["path"]).read_bytes()
        assert (len(data), sha256(data).hexdigest()) == (each["bytes"], each["sha256"])
    told = (tmp_path / "published/fingerprint.txt").read_text("utf-8")
    assert "样例 / EXAMPLE" in told
    digits = "".join(told.splitlines()[2:6]).replace(" ", "")
    assert bytes.fromhex(digits) == fingerprint(exampleoffice.bundle().roots)
    assert fingerprint_text(replace(exampleoffice.bundle(), example=False)).count("EXAMPLE") == 0


def test_nothing_half_written_is_left(ledger: SqliteLedger, tmp_path: Path) -> None:
    out(tmp_path, ledger, at_s=AT_S)
    assert not list(tmp_path.rglob("*.part"))


def test_an_interrupted_publication_is_repeated_not_renumbered(
    ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(path: Path, data: bytes) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_put", die)
        with pytest.raises(KeyboardInterrupt):
            out(tmp_path, ledger, at_s=AT_S)
    (done,) = out(tmp_path, ledger, at_s=AT_S)
    assert (done.sequence, done.repeated) == (1, True)
    assert newest(tmp_path).sequence == 1


@pytest.mark.parametrize("name", ["root-1", "root-2", "root-3", "token-1", "list-1", "seal-1"])
def test_the_example_keys_are_what_their_readme_says(name: str) -> None:
    seed = int.from_bytes(sha256(f"etitle example key {name}".encode()).digest(), "big")
    again = SoftSigner(ec.derive_private_key(seed % (ES256.order - 1) + 1, ec.SECP256R1()))
    assert again.public == exampleoffice.signer(name).public
    assert again.public == read_public(exampleoffice.EXAMPLE / f"keys/{name}.pub.pem")


def test_the_example_seal_is_what_its_tool_makes() -> None:
    for name, data in seal_files().items():
        assert (exampleoffice.EXAMPLE / "keys" / name).read_bytes() == data
    (key,) = (key for key in exampleoffice.bundle().keys if KeyUse.DOCUMENT in key.uses)
    own, root = read_x509_chain(str(exampleoffice.EXAMPLE / "keys/seal-1.x509.pem"))
    assert key.x509 == own
    assert read_x509_chain(str(exampleoffice.EXAMPLE / "keys/root-ca.x509.pem")) == (root,)
    signer = open_document_signer(f"file:{exampleoffice.EXAMPLE}/keys/seal-1.pem")
    assert "样例" in make_seal(signer, x509_chain=(own, root)).name


def test_the_example_bundle_says_that_it_is_one() -> None:
    bundle = exampleoffice.bundle()
    assert bundle.example
    assert bundle.authority.id == "sample"
    assert bundle.roots.threshold == 2


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("threshold = 2", 'threshold = "2"', "roots.threshold"),
        ('id = "sample"', "", "id: "),
        ('uses = ["token"]', 'uses = ["tokens"]', "keys.0.uses.0"),
        ("[roots]", "[roots]\nsecret = 1", "roots.secret"),
        ("[roots]", "[roots", "Expected"),
        ('code_base = "https', 'code_base = "http', "code_base"),
    ],
)
def test_a_faulty_authority_file_is_refused_by_the_place_of_the_fault(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    text = (exampleoffice.EXAMPLE / "authority.toml").read_text("utf-8").replace(old, new, 1)
    (tmp_path / "authority.toml").write_text(text, "utf-8")
    with pytest.raises(IssueError) as caught:
        read_authority(tmp_path / "authority.toml")
    assert caught.value.code == "issue.authority_malformed"
    assert what in str(caught.value.details["what"])


def test_key_files_that_are_missing_or_no_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IssueError) as missing:
        read_public(tmp_path / "none.pem")
    assert missing.value.code == "issue.file_unreadable"
    (tmp_path / "a.pem").write_bytes(b"no key")
    with pytest.raises(SignerError) as caught:
        read_public(tmp_path / "a.pem")
    assert caught.value.code == "keys.file_malformed"


@pytest.mark.parametrize(
    "base",
    ["", "http://zc.sample.cn", "https://zc.sample.cn/v#", "https://zc.sample.cn:1:2",
     "https://", "https://样例.cn", "https://" + "a" * 100],
)  # fmt: skip
def test_a_place_for_codes_that_no_verifier_takes_is_refused_at_once(
    base: str, tmp_path: Path
) -> None:
    # Or every certificate's self-check would fail, after its number was given.
    text = (exampleoffice.EXAMPLE / "authority.toml").read_text("utf-8")
    path = tmp_path / "authority.toml"
    path.write_text(
        text.replace('code_base = "https://zc.sample.cn"', f'code_base = "{base}"'), "utf-8"
    )
    with pytest.raises(IssueError) as caught:
        read_authority(path)
    assert caught.value.code == "issue.authority_malformed"
    assert "code_base" in str(caught.value)


@pytest.mark.parametrize(
    "content", ["a = " + "[" * 5000, "a = " + "{b = " * 3000, "a = " + "9" * 5000]
)
def test_an_authority_file_that_its_reader_chokes_on_is_malformed(
    content: str, tmp_path: Path
) -> None:
    path = tmp_path / "authority.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(IssueError) as caught:
        read_authority(path)
    assert caught.value.code == "issue.authority_malformed"


def test_an_authority_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "authority.toml"
    text = (exampleoffice.EXAMPLE / "authority.toml").read_text("utf-8")
    path.write_text(text, "utf-8-sig")
    assert read_authority(path).id == "sample"


def test_what_the_key_did_not_sign_is_not_rescued(ledger: SqliteLedger) -> None:
    one, two, three = exampleoffice.issue(ledger, row(1), row(2), row(3))
    forged = replace(two.signed, code_text=two.signed.code_text[:-1])
    changed = replace(one.signed, to_be_signed=b"what somebody wrote into the ledger")

    class Altered:
        def entries(self) -> list[LedgerEntry]:
            other = replace(three, signed=replace(three.signed, code_text=other_code))
            return [replace(one, signed=changed), replace(two, signed=forged), other]

    other_code = code_by("list-1", one)
    thumbprint = exampleoffice.signer("token-1").public.thumbprint
    made = rescue_of(
        Altered(),  # type: ignore[arg-type]
        bundle=exampleoffice.bundle(), thumbprint=thumbprint, at_s=AT_S, number=1,
    )  # fmt: skip
    assert made.unverified == (two.number, three.number)
    assert len(made.rescue) == 1
    assert digest(one.signed.to_be_signed) in made.rescue


def code_by(name: str, entry: LedgerEntry) -> str:
    """A certificate's code signed by another key."""
    certificate = payload.decode(entry.signed.payload)
    token = frame.sign(certificate, signer=exampleoffice.signer(name), authority_id="sample")
    return text.to_url(frame.pack(token), base="https://zc.sample.cn")


def test_nothing_is_published_without_a_rescue_list_that_was(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    exampleoffice.issue(ledger, row(1))
    bundle = exampleoffice.bundle()
    thumbprint = exampleoffice.signer("token-1").public.thumbprint
    stolen = tuple(
        replace(key, history=(*key.history, (KeyState.COMPROMISED, AT_S)))
        if key.public.thumbprint == thumbprint
        else key
        for key in bundle.keys
    )
    bundle = replace(bundle, keys=stolen)
    kid = thumbprint[:4].hex()

    def go(*numbers: int, at_s: int) -> None:
        made = [
            rescue_of(ledger, bundle=bundle, thumbprint=thumbprint, at_s=AT_S, number=number)
            for number in numbers
        ]
        signers = [exampleoffice.signer("root-1"), exampleoffice.signer("root-2")]
        publish(
            tmp_path,
            ledger=ledger,
            bundles=[exampleoffice.signed(bundle)],
            rescues=[sign_rescue(each.rescue, signers=signers) for each in made],
            signer=exampleoffice.signer("list-1"),
            at_s=at_s,
        )

    go(at_s=AT_S)
    go(4, at_s=AT_S + 1)
    (tmp_path / "rescue" / "other.cose").write_bytes(b"none")
    for numbers in ((), (3,)):
        with pytest.raises(IssueError) as caught:
            go(*numbers, at_s=AT_S + 2)
        assert caught.value.code == "issue.rescue_missing"
    go(5, at_s=AT_S + 3)
    assert [path.name for path in (tmp_path / "rescue").iterdir()] == [f"{kid}.cose"]


def test_forty_years_stay_within_what_a_verifier_reads(
    ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exampleoffice.issue(ledger, row(1))
    bundle = exampleoffice.bundle()
    lists = tmp_path / "lists"
    lists.mkdir()
    # Forty lists, each with a dated list a week for forty years.
    first = datetime.date(2026, 1, 1)
    days = [first + datetime.timedelta(weeks=week) for week in range(40 * 52)]
    for list_id in range(2, 42):
        for day in days[-60:] if list_id > 2 else days:
            (lists / f"{list_id}-{day}.cwt").write_bytes(bytes(10))
    late_s = AT_S + 40 * 365 * DAY_S

    def go(at_s: int) -> list[Path]:
        publish(
            tmp_path, ledger=ledger, bundles=[exampleoffice.signed(bundle)],
            signer=exampleoffice.signer("list-1"), at_s=at_s,
        )  # fmt: skip
        return sorted(path for path in lists.iterdir() if path.name.startswith("2-"))

    kept = go(late_s)
    assert [path.name for path in kept] == [f"2-{day}.cwt" for day in days[-52:]]
    found = list(read_published(tmp_path))
    assert len(found) <= 3000
    assert ("lists/1.cwt", (lists / "1.cwt").read_bytes()) in found
    monkeypatch.setattr(publishing, "MAX_FILES", 100)
    assert len(go(late_s + 1)) < 52
    assert len(list(read_published(tmp_path))) <= 104
    monkeypatch.setattr(publishing, "MAX_BYTES", 0)
    assert go(late_s + 2) == []
    assert (lists / "1.cwt").exists()
