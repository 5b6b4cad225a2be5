"""Our envelopes under an independent COSE implementation (``cwt``), and tampered ones."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import cbor2
import pytest
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import CWTError
from tests.support.authority import make_world
from tests.support.population import certificates

from etitle import canon, cose
from etitle.certificate.model import Certificate
from etitle.errors import DecodeError
from etitle.keys.public import PublicKey
from etitle.keys.signer import generate
from etitle.keys.suite import ES256, SUITES, Suite
from etitle.token import frame
from etitle.trust.status import StatusEntry, StatusKind
from etitle.trust.statuslist import sign_list

TYPS = ("application/statuslist+cwt", "application/vnd.etitle.delta+cbor")
BUNDLE = "application/vnd.etitle.bundle+cbor"
SIGNERS = {suite.name: generate(suite) for suite in SUITES}
BOTH = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
PAYLOAD = canon.encode({1: "样例", 2: list(range(50))})
ROOTS = tuple(sorted((generate(s) for s in (*SUITES, ES256)), key=lambda r: r.public.thumbprint))


def their_key(public: PublicKey, kid: bytes) -> COSEKeyInterface:
    return COSEKey.new({**public.to_cose(), 2: kid})


def read_by_them(data: bytes, public: PublicKey, kid: bytes, aad: bytes = b"") -> object:
    return COSE.new().decode(data, keys=[their_key(public, kid)], external_aad=aad)


def refused_by_them(data: bytes, public: PublicKey, kid: bytes) -> bool:
    try:
        read_by_them(data, public, kid)
    except (CWTError, ValueError, TypeError, EOFError):
        return True
    return False


@BOTH
@pytest.mark.parametrize("certificate", certificates(4), ids=lambda one: one.number)
def test_it_verifies_our_tokens(suite: Suite, certificate: Certificate) -> None:
    world = make_world([certificate], suite=suite)
    token = world.token(certificate)
    public = world.token_signer.public
    aad = frame.binding(world.bundle.authority.id)
    assert read_by_them(token.to_bytes(), public, public.kid, aad) == token.payload
    unpacked = frame.unpack(frame.pack(token))
    assert read_by_them(unpacked.to_bytes(), public, public.kid, aad) == token.payload
    assert refused_by_them(token.to_bytes(), public, public.kid)


@BOTH
@pytest.mark.parametrize("typ", TYPS)
def test_it_verifies_what_has_a_typ(suite: Suite, typ: str) -> None:
    signer = SIGNERS[suite.name]
    public = signer.public
    data = cose.sign1(PAYLOAD, signer=signer, typ=typ).to_bytes()
    assert read_by_them(data, public, public.kid) == PAYLOAD


@BOTH
def test_it_verifies_our_status_lists(suite: Suite) -> None:
    world = make_world(
        certificates(1),
        suite=suite,
        entries={7: StatusEntry(StatusKind.VOIDED, 20_600)},
        coverage=64,
    )
    public = world.list_signer.public
    data = sign_list(world.status_list, signer=world.list_signer)
    claims = cbor2.loads(read_by_them(data, public, public.kid))  # type: ignore[arg-type]
    # As an ordinary status-list reader: two bits an index, least significant first.
    octets = zlib.decompress(claims[65533]["lst"])
    assert claims[65533]["bits"] == 2
    assert [octets[n >> 2] >> ((n & 3) << 1) & 3 for n in range(64)] == [
        int(n == 7) for n in range(64)
    ]


def test_it_verifies_every_signature_of_a_bundle() -> None:
    made = cose.sign(PAYLOAD, signers=ROOTS, typ=BUNDLE)
    for root in ROOTS:
        alone = cose.sign(PAYLOAD, signers=(root,), typ=BUNDLE)
        public = root.public
        assert read_by_them(alone.to_bytes(), public, public.thumbprint) == PAYLOAD
        assert read_by_them(made.to_bytes(), public, public.thumbprint) == PAYLOAD


@BOTH
def test_it_refuses_our_tokens_under_another_key(suite: Suite) -> None:
    signer = SIGNERS[suite.name]
    data = cose.sign1(PAYLOAD, signer=signer).to_bytes()
    assert refused_by_them(data, generate(suite).public, signer.public.kid)


@BOTH
def test_both_refuse_every_tampered_token(suite: Suite) -> None:
    signer = SIGNERS[suite.name]
    public = signer.public
    data = cose.sign1(PAYLOAD, signer=signer).to_bytes()
    for at in range(len(data)):
        changed = data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]
        try:
            token = cose.parse_sign1(changed, max_bytes=4096)
        except DecodeError:
            pass
        else:
            assert not public.verify(token.signature, token.to_be_signed())
        assert refused_by_them(changed, public, public.kid)


def test_both_refuse_a_tampered_bundle() -> None:
    root = ROOTS[0]
    public = root.public
    data = cose.sign(PAYLOAD, signers=(root,), typ=BUNDLE).to_bytes()
    for at in range(0, len(data), 3):
        changed = data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]
        assert refused_by_them(changed, public, public.thumbprint)


@BOTH
def test_we_verify_what_it_signs(suite: Suite) -> None:
    private = SIGNERS[suite.name]
    public = private.public
    key = COSEKey.from_pem(private.to_pem(None).decode(), kid=public.kid, alg=suite.alg)
    protected: Mapping[int, object] = {1: suite.alg, 4: public.kid}
    data = COSE.new().encode(PAYLOAD, key, protected=dict(protected), unprotected={})
    token = cose.parse_sign1(data, max_bytes=4096)
    assert token.payload == PAYLOAD
    assert public.verify(token.signature, token.to_be_signed())
