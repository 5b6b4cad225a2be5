"""Each element of a CMS in turn missing, doubled, of another tag or value: docs/spec clause 9.3.

The readers here verify no signature, so that nothing but the shape is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from tests.support.authority import AT_S
from tests.support.elements import CHANGES, at, in_order, paths, put, tree
from tests.support.forge import (
    ESS_V2,
    TST_INFO,
    Cms,
    attribute,
    integer,
    oid,
    stamped,
    tlv,
)
from tests.support.x509 import Maker, new_key

from etitle.errors import DecodeError
from etitle.pades.signeddata import read_signature_reference, read_timestamp_cms

ROOT: Final = Maker.root("样例根证书")
SHA512: Final = tlv(0x30, oid("2.16.840.1.101.3.4.2.3"))


def taken(
    data: bytes, read: Callable[[bytes], object], unread: Sequence[str]
) -> dict[str, list[str]]:
    """The changes to each element that a reader takes; within the unread ones none is made."""
    whole = tree(data)
    assert whole.encoded() == data
    read(data)
    found: dict[str, list[str]] = {}
    for path in paths(whole, [tuple(map(int, place.split("."))) for place in unread]):
        for name, change in CHANGES.items() if path else ():
            made = in_order(put(whole, path, change(at(whole, path))), path).encoded()
            refused = refusal(made, read)
            assert refused in (None, "document.cms_malformed")
            if refused is None and made != data:
                found.setdefault(".".join(map(str, path)), []).append(name)
    return found


def refusal(data: bytes, read: Callable[[bytes], object]) -> str | None:
    try:
        read(data)
    except DecodeError as error:
        return error.code
    return None


def test_no_element_of_a_signature_may_be_other_than_it_is() -> None:
    own = ROOT.leaf("样例", key=new_key("rsa3072"))
    policies = tlv(0x30, tlv(0x30, oid("2.5.29.32.0")))
    issuer = tlv(0x30, tlv(0xA4, own.x509.issuer.public_bytes()))
    by_serial = tlv(0x30, issuer, integer(own.x509.serial_number))
    named = tlv(0x30, SHA512, tlv(4, hashlib.sha512(own.der).digest()), by_serial)
    ess = attribute(ESS_V2, tlv(0x30, tlv(0x30, named), policies))
    cms = Cms(
        own,
        chain=(ROOT.der,),
        stamp=stamped(ROOT.leaf("样例时间戳", timestamps=True), AT_S),
        attributes=lambda items: [ess if oid(ESS_V2) in one else one for one in items],
    )
    fields = [f"1.0.3.0.0.{place}" for place in range(8)]
    attributes = "1.0.4.0.3"
    unread = [*fields, "1.0.3.0.1", "1.0.3.1", "1.0.4.0.6.0.1.0", f"{attributes}.3.1.0.1"]
    found = taken(cms.make(b"x"), read_signature_reference, unread)
    # Of the certificate beside the signer's, the shape alone counts, up to its issuer.
    beside = {place: found.pop(place) for place in list(found) if place.startswith("1.0.3.0")}
    assert beside.pop("1.0.3.0") == ["missing", "twice"]
    assert not any("tag" in change for place in fields[:4] for change in beside[place])
    assert beside["1.0.3.0.0"] == ["another value"]
    assert all(beside[place] == ["another value", "empty"] for place in ("1.0.3.0.1", "1.0.3.0.2"))
    assert found == {
        "1.0.1.0": ["another value"],  # the digest algorithm, with NULL
        f"{attributes}.1": ["missing"],  # algorithm protection
        f"{attributes}.2.1.0": ["another value", "empty"],  # the digest, compared elsewhere
        f"{attributes}.3.1.0.0.0": ["twice"],  # further certificates, the same once more
        f"{attributes}.3.1.0.0.0.0": ["another value"],  # the hash's algorithm, with NULL
        f"{attributes}.3.1.0.0.0.2": ["missing"],  # issuer and serial number
        f"{attributes}.3.1.0.1": ["missing", "another value", "empty"],  # policies
        "1.0.4.0.5": ["another value", "empty"],  # the signature, verified elsewhere
        "1.0.4.0.6": ["missing"],  # the time-stamp, read elsewhere
        "1.0.4.0.6.0.1.0": ["another value", "empty"],
    }  # fmt: skip


def test_no_element_of_a_time_stamp_may_be_other_than_it_is() -> None:
    cms = Cms(ROOT.leaf("样例时间戳", timestamps=True), kind=TST_INFO, content=b"info")
    attributes = "1.0.4.0.3"
    assert taken(cms.make(b"info"), read_timestamp_cms, ["1.0.3.0"]) == {
        "1.0.1.0": ["another value"],
        "1.0.2.1": ["missing"],  # the content, read elsewhere
        "1.0.2.1.0": ["another value", "empty"],
        f"{attributes}.1": ["missing"],
        f"{attributes}.1.0": ["another value", "empty"],  # an attribute of another kind
        f"{attributes}.2.1.0": ["another value", "empty"],
        f"{attributes}.3.1.0.0": ["twice"],  # as if policies were behind
        f"{attributes}.3.1.0.0.0": ["twice"],
        "1.0.4.0.5": ["another value", "empty"],
    }
