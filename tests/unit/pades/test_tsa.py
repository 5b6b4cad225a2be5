"""Time-stamps: asked for over HTTP, checked before they are used (docs/spec clause 9.3)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from asn1crypto import tsp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.blankpage import blank
from tests.support.seals import Sealing, hole, make_sealing
from tests.support.tsa import Authority, Reply, make_authority, serving
from tests.support.x509 import Maker, new_key

from etitle.der import INTEGER, OCTETS, SEQUENCE, tlv
from etitle.errors import DecodeError, IssueError
from etitle.pades import tsa as stamps
from etitle.pades.sign import sign_document
from etitle.pades.tsa import MAX_REPLY_BYTES, TsaClient, read_reply, request

ROOT = Maker.root("样例时间戳根")


@pytest.fixture
def authority(tmp_path: Path) -> Generator[Authority]:
    with serving(make_authority(tmp_path, root=ROOT)) as found:
        yield found


@pytest.fixture(scope="module")
def sealing() -> Sealing:
    return make_sealing("p256")


def now_s() -> int:
    return int(time.time())


def refusal(tsa: TsaClient, *, near_s: int | None = None) -> str:
    with pytest.raises(IssueError) as caught:
        tsa.timestamp(b"signature", near_s=near_s or now_s())
    assert "a=b" not in f"{caught.value}{caught.value.details}"  # a query may hold a key
    return caught.value.code


def test_a_signature_gets_its_time_stamp(authority: Authority, sealing: Sealing) -> None:
    pdf = sign_document(blank(), seal=sealing.seal, signing_time_s=now_s(), tsa=authority.tsa())
    (info,) = asn1.ContentInfo.load(hole(pdf))["content"]["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    token = tsp.TSTInfo.load(
        attribute["values"][0]["content"]["encap_content_info"]["content"].contents
    )
    assert abs(token["gen_time"].native.timestamp() - time.time()) < 60
    padding = len(hole(pdf)) - len(asn1.ContentInfo.load(hole(pdf)).dump())
    assert padding < 160


def test_many_documents_ask_once_each_after_the_first(
    authority: Authority, sealing: Sealing
) -> None:
    tsa = authority.tsa()
    for _ in range(3):
        sign_document(blank(), seal=sealing.seal, signing_time_s=now_s(), tsa=tsa)
    assert authority.asked == 4
    for watch in threading.enumerate():
        if isinstance(watch, threading.Timer):
            watch.join(2)
            assert not watch.is_alive()


def test_how_much_room_a_time_stamp_takes_is_asked_once(authority: Authority) -> None:
    tsa = authority.tsa()
    room = tsa.room_bytes()
    assert tsa.room_bytes() == room
    assert authority.asked == 1
    assert 0 <= room - len(tsa.timestamp(b"signature", near_s=now_s())) < 128


@pytest.mark.parametrize(
    ("size", "code"),
    [(MAX_REPLY_BYTES, "sign.stamp_refused"), (MAX_REPLY_BYTES + 1, "sign.stamp_wrong")],
)
def test_a_reply_may_be_as_long_as_the_limit(authority: Authority, size: int, code: str) -> None:
    heads = 4 + 4 + 3 + 4
    rejection = tlv(SEQUENCE, tlv(INTEGER, b"\2"), tlv(OCTETS, bytes(size - heads)))
    long = tlv(SEQUENCE, rejection)
    assert len(long) == size
    authority.change = lambda reply: (reply[0], reply[1], long)
    assert refusal(authority.tsa()) == code


def test_a_claimed_time_days_away_is_refused(authority: Authority) -> None:
    assert refusal(authority.tsa(), near_s=now_s() - 90_000) == "sign.stamp_time"
    assert refusal(authority.tsa(), near_s=now_s() + 90_000) == "sign.stamp_time"


def test_a_time_stamp_below_another_root_is_refused(authority: Authority) -> None:
    assert refusal(authority.tsa(x509_roots=[])) == "sign.stamp_untrusted"
    namesake = Maker.root("样例时间戳根")
    assert refusal(authority.tsa(x509_roots=[namesake.der])) == "sign.stamp_untrusted"


def test_a_time_stamp_of_another_request_is_refused(authority: Authority) -> None:
    other = authority.answer(request(b"signature", 12345))
    authority.change = lambda reply: other
    assert refusal(authority.tsa()) == "sign.stamp_wrong"


def test_a_time_stamp_of_another_signature_is_refused(authority: Authority) -> None:
    # The authority is asked with the nonce of the request, and about something else.
    def request_of_another(data: bytes, nonce: int) -> bytes:
        return request(b"another", nonce)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "request", request_of_another)
        assert refusal(authority.tsa()) == "sign.stamp_wrong"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda reply: (500, reply[1], reply[2]), "sign.stamp_refused"),
        (lambda reply: (302, reply[1], reply[2]), "sign.stamp_refused"),
        (lambda reply: (200, "text/html", reply[2]), "sign.stamp_refused"),
        (lambda reply: (200, reply[1], bytes.fromhex("30053003020102")), "sign.stamp_refused"),
        (lambda reply: (200, reply[1], b""), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], b"\x30\x00"), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], b"\x31" + reply[2][1:]), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], reply[2][:-1]), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], reply[2] + b"\0"), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], bytes.fromhex("30053003020100")), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], reply[2][:-5] + b"12345"), "sign.stamp_wrong"),
        (lambda reply: (200, reply[1], bytes(MAX_REPLY_BYTES + 1)), "sign.stamp_wrong"),
    ],
)
def test_replies_that_are_no_good_time_stamp_are_refused(
    authority: Authority, change: Callable[[Reply], Reply], code: str
) -> None:
    authority.change = change
    assert refusal(authority.tsa()) == code


def test_every_changed_byte_of_a_time_stamp_is_noticed(authority: Authority) -> None:
    _, _, reply = authority.answer(request(b"signature", 7))
    token = read_reply(reply)
    assert token is not None
    roots = [ROOT.der]
    assert abs(stamps.check(token, b"signature", nonce=7, x509_roots=roots, url="") - now_s()) < 60
    for at in range(0, len(token), 7):
        changed = token[:at] + bytes([token[at] ^ 0x55]) + token[at + 1 :]
        with pytest.raises(IssueError) as caught:
            stamps.check(changed, b"signature", nonce=7, x509_roots=roots, url="")
        assert caught.value.code in {"sign.stamp_wrong", "sign.stamp_untrusted"}


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a/", "http://", "http:///x", "file:///etc/passwd", "http://user:secret@a/",
     "http://a:99999999/", "http://a/ b", "http://a/样", "http://[::1/"],
)  # fmt: skip
def test_urls_that_cannot_be_used_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(IssueError) as caught:
        TsaClient(url, x509_roots=[]).timestamp(b"", near_s=0)
    assert caught.value.code == "sign.stamp_url"
    assert "secret" not in f"{caught.value}{caught.value.details}"


@pytest.fixture
def silent() -> Generator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_url_gives_a_connection_of_its_kind() -> None:
    for url, kind, port in (
        ("http://a/x", HTTPConnection, 80),
        ("https://a/x", HTTPSConnection, 443),
    ):
        connection, target = stamps._connection(url, 1.0)
        assert (type(connection), connection.host, connection.port) == (kind, "a", port)
        assert target == "/x"
    assert stamps._connection("http://a:8080?b=c", 1.0)[1] == "/?b=c"


def test_an_authority_that_is_not_there_is_named(silent: socket.socket) -> None:
    port = silent.getsockname()[1]
    silent.close()
    assert (
        refusal(TsaClient(f"http://127.0.0.1:{port}/", x509_roots=[])) == "sign.stamp_unreachable"
    )


def test_a_connection_that_takes_all_the_time_is_given_up(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = HTTPConnection.connect

    def slow(connection: HTTPConnection) -> None:
        time.sleep(0.12)
        real(connection)

    monkeypatch.setattr(HTTPConnection, "connect", slow)
    assert refusal(authority.tsa(timeout_s=0.1)) == "sign.stamp_unreachable"


def test_an_authority_that_trickles_is_given_up(silent: socket.socket) -> None:
    def trickle() -> None:
        peer, _ = silent.accept()
        with peer:
            try:
                for _ in range(200):
                    peer.sendall(b"H")
                    time.sleep(0.05)
            except OSError:
                pass

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    start = time.monotonic()
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
    assert refusal(TsaClient(url, x509_roots=[], timeout_s=0.3)) == "sign.stamp_unreachable"
    assert time.monotonic() - start < 2
    thread.join()


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_reply_is_read_or_refused(data: bytes) -> None:
    try:
        token = read_reply(data)
    except DecodeError as error:
        assert error.code == "document.cms_malformed"  # noqa: PT017  # one of two good ends
    else:
        assert token is None or token in data


def test_a_request_is_what_openssl_and_asn1crypto_read(authority: Authority) -> None:
    read = tsp.TimeStampReq.load(request(b"x", (1 << 63) - 1))
    assert read["version"].native == "v1"
    assert read["nonce"].native == (1 << 63) - 1
    assert read["cert_req"].native is True
    assert read["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_time_stampers_may_have_rsa_keys(tmp_path: Path, kind: str) -> None:
    own = ROOT.leaf("样例时间戳", key=new_key(kind), timestamps=True)
    with serving(make_authority(tmp_path, own=own, root=ROOT)) as found:
        assert found.tsa().timestamp(b"signature", near_s=now_s())
