"""Time-stamp tokens of RFC 3161: docs/spec clause 9.3."""

from __future__ import annotations

import datetime
import hashlib
from typing import Final

import pytest
from tests.support.authority import AT_S
from tests.support.forge import SHA256, TST_INFO, Cms, integer, oid, stamped, tlv
from tests.support.x509 import Maker

from etitle.errors import DecodeError
from etitle.pades import signeddata
from etitle.pades.timestamp import TimestampToken, read_timestamp

ROOT: Final = Maker.root("样例时间戳根")
CA: Final = ROOT.ca("样例时间戳中间")
TSA: Final = ROOT.leaf("样例时间戳", timestamps=True)
BELOW: Final = CA.leaf("样例时间戳", timestamps=True)
STAMPED: Final = b"the value of a signature"


def token(  # each part of TSTInfo in turn
    own: Maker = TSA,
    *,
    version: bytes = integer(1),
    policy: bytes = oid("1.3.6.1.4.1.99999.1"),
    imprint: bytes = tlv(0x30, SHA256, tlv(4, hashlib.sha256(STAMPED).digest())),
    serial: bytes = integer(7),
    time: str = "20261120040000Z",
    rest: tuple[bytes, ...] = (),
    after: bytes = b"",
    digest: bytes | None = None,
    chain: tuple[bytes, ...] = (),
) -> bytes:
    text = tlv(0x18, time.encode())
    info = tlv(0x30, version, policy, imprint, serial, text, *rest) + after
    return Cms(own, kind=TST_INFO, content=info, digest=digest, chain=chain).make(info)


def what(data: bytes, stamped: bytes = STAMPED) -> str:
    with pytest.raises(DecodeError) as caught:
        read_timestamp(data, stamped)
    assert caught.value.code == "document.cms_malformed"
    return str(caught.value.details["what"])


def test_a_time_stamp_says_when_and_by_whom() -> None:
    found = read_timestamp(stamped(TSA, AT_S)(STAMPED), STAMPED)
    assert found == TimestampToken(AT_S, TSA.der)
    found = read_timestamp(token(BELOW, chain=(CA.der, ROOT.der)), STAMPED)
    assert found.x509 == BELOW.der
    assert set(found.others) == {CA.der, ROOT.der}


@pytest.mark.parametrize(
    "rest",
    [
        (tlv(0x30, integer(1)),),
        (b"\x01\x01\xff",),
        (integer(99),),
        (tlv(0xA0, tlv(0xA4, b"\x30\x00")),),
        (tlv(0x30, integer(1)), b"\x01\x01\xff", integer(99), tlv(0xA0, tlv(0xA4, b"\x30\x00"))),
        (tlv(0xA1, b"\x30\x00"),),
    ],
    ids=["accuracy", "ordering", "nonce", "tsa", "all of them", "extensions"],
)
def test_what_may_follow_the_time_is_taken(rest: tuple[bytes, ...]) -> None:
    assert read_timestamp(token(rest=rest), STAMPED).x509 == TSA.der


@pytest.mark.parametrize("rest", [b"\x05\x00", tlv(4, b"a"), tlv(0x31), tlv(0x18, b"x")])
def test_what_may_not_follow_the_time_is_refused(rest: bytes) -> None:
    assert what(token(rest=(rest,))) == "the time-stamp"


@pytest.mark.parametrize("after", [b"\0", b"\x05\x00"])
def test_nothing_stands_behind_the_signed_content(after: bytes) -> None:
    assert what(token(after=after)) == "the time-stamp"


def test_it_speaks_of_these_bytes_and_no_others() -> None:
    assert what(token(), STAMPED + b"x") == "a time-stamp of something else"
    sha1 = tlv(0x30, tlv(0x30, oid("1.3.14.3.2.26")), tlv(4, hashlib.sha1(STAMPED).digest()))  # noqa: S324
    assert what(token(imprint=sha1)) == "the time-stamp's hash"
    sha384 = tlv(0x30, oid("2.16.840.1.101.3.4.2.2"))
    imprint = tlv(0x30, sha384, tlv(4, hashlib.sha384(STAMPED).digest()))
    assert read_timestamp(token(imprint=imprint), STAMPED).x509 == TSA.der


def test_what_is_signed_is_its_own_content() -> None:
    assert what(token(digest=bytes(32))) == "the time-stamp's digest"


def test_certificates_beside_its_own_are_its_issuers() -> None:
    assert what(token(chain=(Maker.root("别人").der,))) == "the time-stamp's signature"


@pytest.mark.parametrize(
    ("time", "second"),
    [("20261120040000Z", 0), ("20261120040059Z", 59), ("20261120040000.5Z", 0),
     ("20261120040000.123456789Z", 0)],
)  # fmt: skip
def test_times_are_read_to_the_second(time: str, second: int) -> None:
    at = datetime.datetime(2026, 11, 20, 4, 0, second, tzinfo=datetime.UTC)
    assert read_timestamp(token(time=time), STAMPED).at_s == int(at.timestamp())


@pytest.mark.parametrize(
    "time",
    ["20261120040000", "20261120040000+0800", "202611200400Z", "20261120040000.Z",
     "20261120040000.50Z", "20261120040000.1234567891Z",
     "20261320040000Z", "20261120240000Z", "20261120046000Z"],
)  # fmt: skip
def test_other_spellings_of_a_time_are_refused(time: str) -> None:
    assert what(token(time=time)) == "the time-stamp's time"


def test_it_lies_within_the_days_of_its_certificate_both_ends_included() -> None:
    start = datetime.datetime(2026, 11, 20, 4, tzinfo=datetime.UTC)
    end = datetime.datetime(2026, 11, 21, 4, tzinfo=datetime.UTC)
    own = ROOT.leaf("样例时间戳", timestamps=True, start=start, end=end)
    for time in ("20261120040000Z", "20261121040000Z"):
        assert read_timestamp(token(own, time=time), STAMPED).x509 == own.der
    for time in ("20261120035959Z", "20261121040001Z"):
        assert what(token(own, time=time)) == "a time-stamp outside its certificate's days"


def test_the_signed_content_is_a_sequence() -> None:
    info = b"\x31" + signeddata.read_timestamp_cms(token()).content[1:]
    assert what(Cms(TSA, kind=TST_INFO, content=info).make(info)) == "the time-stamp"


@pytest.mark.parametrize("part", ["version", "policy", "imprint", "serial"])
def test_each_part_has_its_tag(part: str) -> None:
    assert what(token(**{part: b"\x05\x00"})) == "elements other than the profile's"  # type: ignore[arg-type]


def test_its_certificate_is_for_time_stamps() -> None:
    for own in (ROOT.leaf("样例职称专用章"), CA, ROOT):
        assert what(token(own)) == "by a certificate that is no time-stamper's"
