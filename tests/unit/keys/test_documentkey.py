"""Keys that sign documents alone: their bytes, and that no token, list or root is ever theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.support.authority import AT, make_world, seal_key
from tests.support.forge import public_of
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.x509 import AnyKey, Maker, new_key
from tests.vectors.make.seals import lattice_key
from tests.vectors.make.shop import signer

from etitle import der
from etitle.certificate import payload
from etitle.errors import DecodeError, EtitleError, FieldError, SignerError
from etitle.keys import spki
from etitle.keys.documentkey import DOCUMENT_ALGS, DocumentKey, DocumentSuite
from etitle.keys.public import PublicKey
from etitle.trust.bundle import KeyUse, RootSet, decode_bundle, encode_bundle, list_keys
from etitle.trust.published import PublishedKey
from etitle.verdict import CheckId, Reason, Summary
from etitle.verify.question import Question
from etitle.verify.token import verify_token

ROOT = Maker.root("样例根")
KINDS = ("p256", "ed25519", "rsa3072", "rsa4096", "mldsa65")
ONE = certificates(1)[0]


@cache
def key_of(kind: str) -> AnyKey:
    return new_key(kind)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(EtitleError) as caught:
        act()
    assert isinstance(caught.value, (DecodeError, SignerError, FieldError))
    return caught.value.code


# -- the key itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS[2:])
def test_a_key_survives_its_cose_key(kind: str) -> None:
    made = public_of(key_of(kind))
    assert isinstance(made, DocumentKey)
    assert made.to_cose()[3] in DOCUMENT_ALGS
    again = DocumentKey.from_cose(made.to_cose())
    assert (again, again.thumbprint, again.label) == (made, made.thumbprint, made.label)
    assert len({again, made}) == 1
    assert made != DocumentKey.ml_dsa_65(bytes(1952))
    assert made != made.thumbprint


def test_the_thumbprint_of_ml_dsa_is_that_of_the_rfcs_example() -> None:
    """RFC 9964, appendix A: the key of a seed of zeros, whose kid is its thumbprint."""
    public = mldsa.MLDSA65PrivateKey.from_seed_bytes(bytes(32)).public_key()
    made = DocumentKey.ml_dsa_65(public.public_bytes_raw())
    example = "b788acf242f1f1d6532926d816e76e1636874267f2a48c84c4e65789ab80cc02"
    assert made.thumbprint.hex() == example
    assert made.to_cose()[3] == -49


def test_the_thumbprint_of_rsa_is_over_type_modulus_and_exponent() -> None:
    """RFC 9679 §4.4, and its map spelled by hand."""
    key = public_of(key_of("rsa3072"))
    modulus = key.to_cose()[-1]
    assert isinstance(modulus, bytes)
    spelled = b"\xa3\x01\x03\x20\x59\x01\x80" + modulus + b"\x21\x43\x01\x00\x01"
    assert key.thumbprint == sha256(spelled).digest()


def rsa_map(**changes: object) -> dict[int, object]:
    made: dict[int, object] = dict(public_of(key_of("rsa3072")).to_cose())
    labels = {"kty": 1, "alg": 3, "n": -1, "e": -2, "d": -3}
    return made | {labels[name]: value for name, value in changes.items()}


MODULUS = rsa_map()[-1]
assert isinstance(MODULUS, bytes)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        {},
        {1: 3},
        rsa_map(kty=7),
        rsa_map(kty=True),
        rsa_map(alg=-37),
        rsa_map(alg=-9),
        rsa_map(n=b""),
        rsa_map(n=b"\0" + MODULUS),
        rsa_map(n=MODULUS[:-1] + b"\0"),
        rsa_map(n=MODULUS[:382] + b"\1"),
        rsa_map(n=b"\x7f" + b"\xff" * 383),  # 3071 bits
        rsa_map(n=b"\xff" * 1025),
        rsa_map(n=int.from_bytes(MODULUS, "big")),
        rsa_map(e=b"\3"),
        rsa_map(e=b"\0\1\0\1"),
        rsa_map(e=b""),
        rsa_map(d=b"\1"),
        {1: 7, 3: -49, -1: bytes(1951)},
        {1: 7, 3: -49, -1: bytes(1953)},
        {1: 7, 3: -48, -1: bytes(1952)},
        {1: 7, 3: -49, -1: bytes(1952), -2: bytes(32)},
        {1: 7, 3: -49, -1: "a" * 1952},
        {1: 7, -1: bytes(1952)},
        {1: 2, 3: -49, -1: bytes(1952)},
    ],
)
def test_another_map_is_refused(value: object) -> None:
    assert refusal(lambda: DocumentKey.from_cose(value)) == "keys.cose_key_malformed"


def test_the_smallest_and_the_largest_moduli_are_taken() -> None:
    for bits in (3072, 3073, 8192):
        n = (1 << bits - 1) | 1
        made = DocumentKey.rsa(n, 65537)
        assert made.label == f"RSA-{bits}"
        assert DocumentKey.from_cose(made.to_cose()) == made
        assert refusal(lambda n=n: DocumentKey.rsa(n, 3)) == "keys.rsa_exponent"  # type: ignore[misc]
        assert refusal(lambda n=n: DocumentKey.rsa(n - 1, 65537)) == "keys.rsa_exponent"  # type: ignore[misc]
    for bits in (2048, 3071, 8193):
        assert refusal(lambda b=bits: DocumentKey.rsa((1 << b - 1) | 1, 65537)) == "keys.rsa_size"  # type: ignore[misc]
    assert refusal(lambda: DocumentKey.ml_dsa_65(bytes(1312))) == "keys.unsupported_key"


def test_a_key_of_tokens_can_not_be_made_of_one_of_documents() -> None:
    for kind in KINDS[2:]:
        made = public_of(key_of(kind))
        assert refusal(lambda made=made: PublicKey.from_cose(made.to_cose())) == (  # type: ignore[misc]
            "keys.cose_key_malformed"
        )
        public: Any = key_of(kind).public_key()
        assert refusal(lambda public=public: PublicKey(public)) == "keys.unsupported_key"  # type: ignore[misc]
    assert not hasattr(DocumentKey, "verify")
    assert not hasattr(DocumentKey, "suite")


# -- SubjectPublicKeyInfo --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_spelled_as_x509_has_it_and_found_there(kind: str) -> None:
    key = key_of(kind)
    spelled = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public_of(key).to_spki() == spelled
    assert spki.held_by(ROOT.leaf("样例", key=key).der) == spelled


def test_moduli_with_and_without_their_first_bit_are_spelled_right() -> None:
    for bits in (3072, 3073, 3079, 3080, 8192):
        n = (1 << bits - 1) | (1 << 99) | 1
        public = rsa.RSAPublicNumbers(65537, n).public_key()
        spelled = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert DocumentKey.rsa(n, 65537).to_spki() == spelled


HELD = ROOT.leaf("样例").der


@given(st.data())
def test_whatever_is_found_in_changed_bytes_is_what_cryptography_finds(data: st.DataObject) -> None:
    changed = bytearray(HELD)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    found = spki.held_by(bytes(changed))
    try:
        public = x509.load_der_x509_certificate(bytes(changed)).public_key()
        theirs = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except Exception:  # noqa: BLE001  # whatever it does not take
        return
    assert found in {theirs, b""}


@given(st.binary(max_size=40) | st.integers(0, len(HELD) - 1).map(HELD.__getitem__).map(bytes))
def test_any_bytes_hold_a_key_or_none(data: bytes) -> None:
    assert spki.held_by(data) == b""
    assert spki.held_by(HELD + data[:1] + b"\0") == b""


def test_a_field_of_another_kind_before_the_key_hides_it() -> None:
    whole = der.node(HELD, 0, len(HELD))
    signed = der.node(HELD, whole.body, whole.end)
    places, at = [0, whole.body], signed.body
    for _ in range(7):  # up to the key itself
        places.append(at)
        at = der.node(HELD, at, signed.end).end
    assert spki.held_by(HELD)
    for at in places:
        assert spki.held_by(HELD[:at] + b"\x31" + HELD[at + 1 :]) == b""


# -- in a bundle -----------------------------------------------------------------------------------


def sealing(kind: str, **changes: Any) -> PublishedKey:  # noqa: ANN401  # any field
    key = key_of(kind)
    plain = seal_key(signer("token"), KeyUse.DOCUMENT)
    x509_der = ROOT.leaf("样例职称专用章", key=key).der
    return replace(plain, **({"public": public_of(key), "x509": x509_der} | changes))


WORLD = make_world([ONE])


def with_keys(*keys: PublishedKey) -> Any:  # noqa: ANN401  # a bundle
    every = sorted((*WORLD.bundle.keys, *keys), key=lambda key: key.public.to_bytes())
    return replace(WORLD.bundle, keys=tuple(every))


def test_a_bundle_holds_a_key_of_each_kind() -> None:
    bundle = with_keys(*map(sealing, KINDS))
    assert decode_bundle(encode_bundle(bundle)) == bundle


@pytest.mark.parametrize("kind", KINDS[2:])
@pytest.mark.parametrize(
    "changes",
    [
        {"x509": None},
        {"x509": b""},
        {"x509": HELD},
        {"uses": frozenset({KeyUse.TOKEN})},
        {"uses": frozenset({KeyUse.LIST})},
        {"uses": frozenset({KeyUse.LIST, KeyUse.DOCUMENT})},
        {"uses": frozenset(KeyUse)},
    ],
    ids=["no x509", "empty x509", "another x509", "token", "list", "list too", "all"],
)
def test_a_document_key_has_that_use_alone_and_its_certificate(
    kind: str, changes: dict[str, object]
) -> None:
    assert refusal(lambda: encode_bundle(with_keys(sealing(kind, **changes)))) == "bundle.refused"


@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_certificate_holds_the_key_beside_it(kind: str) -> None:
    for x509_der in (HELD, b"", ROOT.leaf("样例", key=key_of(kind)).der + b"\0"):
        changed = with_keys(sealing(kind, x509=x509_der))
        assert refusal(lambda changed=changed: encode_bundle(changed)) == "bundle.refused"  # type: ignore[misc]


def test_a_point_in_its_short_form_is_another_spelling() -> None:
    """Clause 5.6.1: one spelling of a key, or byte for byte would mean less."""
    key = key_of("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    long = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    short = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    assert len(short) < len(long)
    assert public_of(key).to_spki().endswith(long)


def test_a_root_is_never_a_document_key() -> None:
    roots: Any = RootSet(1, (public_of(key_of("rsa3072")),))  # type: ignore[arg-type]
    bundle = replace(WORLD.bundle, roots=roots)
    assert refusal(lambda: encode_bundle(bundle)) == "bundle.refused"


# -- a kid shared ----------------------------------------------------------------------------------

TWIN = signer("twin-16654")
SAME_KID = lattice_key("ml-dsa-119264")
"""Found by search: another kind of key, the same kid."""


def hostile(*uses: KeyUse) -> PublishedKey:
    """A key that no bundle can hold: made in memory, for uses that its kind never has."""
    return replace(sealing("mldsa65"), public=SAME_KID, uses=frozenset(uses))


def judged(*keys: PublishedKey) -> Any:  # noqa: ANN401  # a verdict
    world = replace(WORLD, bundle=with_keys(*keys))
    token = WORLD.token_over(payload.encode(ONE), signer=TWIN).to_bytes()
    return verify_token(
        token, Question(trust=world.trust, lists=world.lists, at=AT, policy=EXAMPLES)
    )


def test_a_document_key_never_answers_for_a_kid() -> None:
    assert TWIN.public.kid == SAME_KID.kid
    assert TWIN.public.thumbprint != SAME_KID.thumbprint
    for uses in ((KeyUse.DOCUMENT,), tuple(KeyUse)):
        verdict = judged(hostile(*uses))
        found = {check.id: check.reason for check in verdict.checks}
        assert found[CheckId.SIGNER] is Reason.SIGNER_UNKNOWN
        assert verdict.summary is Summary.INDETERMINATE
        both = judged(hostile(*uses), seal_key(TWIN, KeyUse.TOKEN))
        assert both.summary is Summary.VALID


def test_a_document_key_signs_no_list_whatever_its_uses_say() -> None:
    bundle = with_keys(hostile(*KeyUse), seal_key(TWIN, KeyUse.LIST))
    assert [key.public for key in list_keys(bundle)(SAME_KID.kid)] == [TWIN.public]
    assert list_keys(with_keys(hostile(*KeyUse)))(SAME_KID.kid) == ()


def test_every_document_suite_has_a_name() -> None:
    assert {suite.value for suite in DocumentSuite} == {"ES256", "RS256", "EdDSA", "ML-DSA-65"}
