"""Keys in an HSM: their URIs, and what opens and signs, proved on SoftHSM2."""

from __future__ import annotations

import datetime
import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pkcs11
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.support.authority import AT, seal_key
from tests.support.blankpage import blank
from tests.support.forge import Pdf, masked, office
from tests.support.hsm import PIN, Hsm, make_hsm
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.seals import NOON_S
from tests.support.x509 import Maker

from etitle.cose import sign1
from etitle.errors import SignerError
from etitle.keys.documentkey import DocumentKey
from etitle.keys.pkcs11 import (
    HsmRsaKey,
    HsmSigner,
    _of_object,
    _prove,
    _session,
    open_key,
    parse_uri,
)
from etitle.keys.seal import Seal, make_seal, open_document_signer
from etitle.keys.signer import Signer, open_signer
from etitle.keys.suite import EDDSA, ES256
from etitle.pades.cms import prepare
from etitle.pades.sign import sign_document
from etitle.trust.anchors import Anchor, Trust
from etitle.trust.bundle import KeyUse, fingerprint
from etitle.trust.roots import open_bundle, sign_bundle
from etitle.verdict import Summary
from etitle.verify.document import verify_document
from etitle.verify.question import Question

A = pkcs11.Attribute
LONGEST = f"pkcs11:token=t;object=o?module-path=/{'m' * 4059}"
P256 = bytes.fromhex("06082a8648ce3d030107")
P384 = bytes.fromhex("06052b81040022")
ED25519 = b"\x13\x0cedwards25519"


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Hsm:
    """One token with a key of each kind."""
    made = make_hsm(tmp_path_factory.mktemp("hsm"))
    # The module sees the tokens that are there when it is first loaded.
    for label in ("样例 seals", "never opened", "same", "same"):
        made.token(label)
    with opened(made, "样例 seals") as session:
        curve_pair(session, "p256", b"\x01", P256)
        curve_pair(session, "p384", b"\x02", P384)
        curve_pair(session, "ed25519", b"\x03", ED25519)
        session.generate_keypair(pkcs11.KeyType.RSA, 3072, id=b"\x04", label="rsa", store=True)
        curve_pair(session, "twin", b"\x05", P256)
        curve_pair(session, "twin", b"\x06", P256)
        curve_pair(session, "alone", b"\x07", P256)[0].destroy()
        swapped = curve_pair(session, "swapped", b"\x08", P256)[0]
        swapped.destroy()
        other = curve_pair(session, "other", b"\x09", P256)[0]
        other.copy({A.ID: b"\x08", A.LABEL: "swapped", A.TOKEN: True})
        curve_pair(session, "mute", b"\x0a", P256, private={A.SIGN: False})
        certified(session, "certified", b"\x0b")
    return made


def opened(made: Hsm, token: str) -> pkcs11.Session:
    return pkcs11.lib(made.module).get_token(token_label=token).open(rw=True, user_pin=PIN.decode())


def curve_pair(
    session: pkcs11.Session,
    label: str,
    key_id: bytes,
    parameters: bytes,
    private: dict[pkcs11.Attribute, object] | None = None,
) -> tuple[pkcs11.PublicKey, pkcs11.PrivateKey]:
    edwards = parameters == ED25519
    kind = pkcs11.KeyType.EC_EDWARDS if edwards else pkcs11.KeyType.EC
    domain = session.create_domain_parameters(kind, {A.EC_PARAMS: parameters}, local=True)
    return domain.generate_keypair(
        id=key_id, label=label, store=True, private_template=private or {}
    )


def certified(session: pkcs11.Session, label: str, key_id: bytes) -> None:
    """A private key with a certificate beside it and no public key object."""
    made = Maker.root("样例").leaf("HSM")
    assert isinstance(made.key, ec.EllipticCurvePrivateKey)
    common = {A.TOKEN: True, A.ID: key_id, A.LABEL: label}
    session.create_object({
        **common, A.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, A.KEY_TYPE: pkcs11.KeyType.EC,
        A.EC_PARAMS: P256, A.VALUE: made.key.private_numbers().private_value.to_bytes(32, "big"),
        A.SIGN: True,
    })  # fmt: skip
    session.create_object({
        **common, A.CLASS: pkcs11.ObjectClass.CERTIFICATE, A.SUBJECT: b"",
        A.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509, A.VALUE: made.der,
    })  # fmt: skip


def refusal(uri: str, password: Callable[[], bytes] | None = lambda: PIN) -> str:
    with pytest.raises(SignerError) as caught:
        open_key(uri, password=password)
    assert PIN.decode() not in f"{caught.value}{caught.value!r}{caught.value.details}"
    return caught.value.code


def never() -> bytes:
    pytest.fail("the PIN was asked for")


class Device:
    """A token that answers its opening in one way."""

    label = "device"

    def __init__(self, answer: type[Exception], flags: pkcs11.TokenFlag) -> None:
        self.answer = answer
        self.flags = flags
        self.pin: object = None

    def open(self, user_pin: object = None) -> None:
        self.pin = user_pin
        raise self.answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (pkcs11.PinLocked, "keys.pin_locked"),
        (pkcs11.PinExpired, "keys.pin_locked"),
        (pkcs11.UserPinNotInitialized, "keys.pin_locked"),
        (pkcs11.PinIncorrect, "keys.pin_wrong"),
        (pkcs11.DeviceError, "keys.pkcs11_failed"),
    ],
)
def test_a_device_that_does_not_open_says_why(answer: type[Exception], code: str) -> None:
    device = Device(answer, pkcs11.TokenFlag.LOGIN_REQUIRED)
    with pytest.raises(SignerError) as caught:
        _session(device, lambda: PIN)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert device.pin == PIN.decode()


class OtherKey:
    """A private key that is of another pair than its device says."""

    def __init__(self) -> None:
        self.own = rsa.generate_private_key(65_537, 2048)

    def sign(self, data: bytes, *, mechanism: object) -> bytes:
        assert mechanism is pkcs11.Mechanism.SHA256_RSA_PKCS
        return self.own.sign(data, padding.PKCS1v15(), SHA256())


def test_a_public_key_of_another_pair_is_found_when_the_key_is_opened() -> None:
    key = OtherKey()
    public = rsa.generate_private_key(65_537, 2048).public_key()
    for found, right in ((key.own.public_key(), True), (public, False)):
        made = HsmRsaKey(key, pkcs11.Mechanism.SHA256_RSA_PKCS, found)  # type: ignore[arg-type]
        if right:
            _prove(made)
            continue
        with pytest.raises(SignerError) as caught:
            _prove(made)
        assert caught.value.code == "keys.pkcs11_mismatch"


def test_a_device_with_a_pin_pad_asks_there() -> None:
    flags = pkcs11.TokenFlag.LOGIN_REQUIRED | pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH
    device = Device(pkcs11.FunctionCancelled, flags)
    with pytest.raises(SignerError):
        _session(device, never)  # type: ignore[arg-type]
    assert device.pin is pkcs11.PROTECTED_AUTH


# -- URIs ------------------------------------------------------------------------------------------


def test_a_uri_is_read() -> None:
    read = parse_uri(
        "pkcs11:token=%E6%A0%B7%E4%BE%8B;serial=01;manufacturer=M;model=X;"
        "object=a%3Bb;id=%00%FF;type=private?module-path=/usr/lib/m.so"
    )
    assert read.module_path == "/usr/lib/m.so"
    assert read.token == {"token": "样例", "serial": "01", "manufacturer": "M", "model": "X"}
    assert (read.label, read.id) == ("a;b", b"\x00\xff")


@pytest.mark.parametrize("where", ["?module-path=/m&pin-value={}", ";pin-value={}?module-path=/m",
                                   "?pin-source=file:{}&module-path=/m"])  # fmt: skip
def test_a_pin_in_the_uri_is_refused_and_not_shown(where: str) -> None:
    uri = "pkcs11:token=t;object=o" + where.format(PIN.decode())
    assert refusal(uri, never) == "keys.pin_in_uri"
    with pytest.raises(SignerError):
        open_signer(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:",
        "pkcs11:token=t;object=o",
        "pkcs11:token=t;object=o?module-path=",
        "pkcs11:object=o?module-path=/m",
        "pkcs11:token=t?module-path=/m",
        "pkcs11:token=t;object=o;type=public?module-path=/m",
        "pkcs11:token=t;token=t;object=o?module-path=/m",
        "pkcs11:token=t;object=o;slot-id=1?module-path=/m",
        "pkcs11:token=t;object=o?module-path=/m&module-name=m",
        "pkcs11:token=t;object=o;module-path=/m",
        f"pkcs11:token=t;object=o;{PIN.decode()}?module-path=/m",
        "pkcs11:token=%zz;object=o?module-path=/m",
        "pkcs11:token=%4z;object=o?module-path=/m",
        "pkcs11:token=%4;object=o?module-path=/m",
        "pkcs11:token=%FF;object=o?module-path=/m",
        f"{LONGEST}m",
        "file:token=t;object=o?module-path=/m",
    ],
)
def test_a_uri_that_is_not_understood_is_refused(uri: str) -> None:
    assert len(parse_uri(LONGEST).module_path) == 4060
    assert refusal(uri, never) == "keys.pkcs11_uri_malformed"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        code = "" if parse_uri("pkcs11:" + text).module_path else "no module"
    except SignerError as error:
        code = error.code
    assert code in {"", "keys.pkcs11_uri_malformed", "keys.pin_in_uri"}


# -- opening and signing ---------------------------------------------------------------------------


def test_a_p256_key_signs_like_any_other_signer(hsm: Hsm) -> None:
    signer = open_signer(hsm.uri("样例 seals", "p256"), password=lambda: PIN)
    assert isinstance(signer, Signer)
    assert signer.public.suite is ES256
    for number in range(24):
        signature = signer.sign(bytes([number]))
        assert ES256.is_canonical(signature)
        assert signer.public.verify(signature, bytes([number]))


def test_an_ed25519_key_signs(hsm: Hsm) -> None:
    signer = open_signer(hsm.uri("样例 seals", "ed25519"), password=lambda: PIN)
    assert signer.public.suite is EDDSA
    assert signer.public.verify(signer.sign(b"data"), b"data")


def test_a_token_is_signed_in_the_hsm(hsm: Hsm) -> None:
    signer = open_signer(hsm.uri("样例 seals", "p256"), password=lambda: PIN)
    signed = sign1(b"\xa0", signer=signer)
    assert signer.public.verify(signed.signature, signed.to_be_signed())


def test_an_rsa_key_signs_documents_and_no_tokens(hsm: Hsm) -> None:
    uri = hsm.uri("样例 seals", "rsa")
    key = open_key(uri, password=lambda: PIN)
    assert isinstance(key, HsmRsaKey)
    key.public.verify(key.sign(b"data"), b"data", padding.PKCS1v15(), SHA256())
    assert len(open_document_signer(uri, password=lambda: PIN).sign(b"data")) == 384
    with pytest.raises(SignerError) as caught:
        open_signer(uri, password=lambda: PIN)
    assert caught.value.code == "keys.unsupported_key"


def test_a_p256_key_signs_documents(hsm: Hsm) -> None:
    signer = open_document_signer(hsm.uri("样例 seals", "p256"), password=lambda: PIN)
    public = load_der_public_key(signer.spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signer.sign(b"data"), b"data", ec.ECDSA(SHA256()))


def test_a_point_is_read_under_the_parameters_of_its_curve_alone() -> None:
    point = Maker.root("样例", kind="ed25519").key.public_key()
    assert isinstance(point, ed25519.Ed25519PublicKey)
    spelled = b"\x04\x20" + point.public_bytes_raw()
    held = {A.KEY_TYPE: pkcs11.KeyType.EC_EDWARDS, A.EC_POINT: spelled}
    for parameters in (ED25519, bytes.fromhex("06032b6570")):
        assert _of_object({**held, A.EC_PARAMS: parameters}) == point  # type: ignore[arg-type]
    for other in (b"\x05\x20" + spelled[2:], b"\x04\x21" + spelled[2:]):
        with pytest.raises(ValueError, match=r"^$"):
            _of_object({**held, A.EC_PARAMS: ED25519, A.EC_POINT: other})  # type: ignore[arg-type]
    for parameters in (b"", bytes.fromhex("06032b656e"), b"\x13\x0acurve25519", P384):
        with pytest.raises(ValueError, match=r"^$"):
            _of_object({**held, A.EC_PARAMS: parameters})  # type: ignore[arg-type]


def test_an_id_finds_one_of_two_keys_of_a_name(hsm: Hsm) -> None:
    uri = hsm.uri("样例 seals", "twin")
    assert refusal(uri) == "keys.pkcs11_ambiguous"
    one = open_key(uri.replace(";type", ";id=%05;type"), password=lambda: PIN)
    two = open_key(uri.replace("object=twin", "id=%06"), password=lambda: PIN)
    assert isinstance(one, HsmSigner)
    assert isinstance(two, HsmSigner)
    assert one.public != two.public


def test_each_word_for_a_token_narrows_it_down(hsm: Hsm) -> None:
    (token,) = pkcs11.lib(hsm.module).get_tokens(token_label="样例 seals")
    described = {
        "serial": token.serial.decode().strip(),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
    }
    uri = hsm.uri("样例 seals", "p256")
    for name, text in described.items():
        assert text
        exact = uri.replace("token=", f"{name}={quote(text)};token=")
        open_key(exact, password=lambda: PIN)
        other = uri.replace("token=", f"{name}=other;token=")
        assert refusal(other, never) == "keys.pkcs11_token_missing"


def test_what_is_not_there_is_named_by_label_or_id(hsm: Hsm) -> None:
    uri = hsm.uri("样例 seals", "none")
    for spelled, what in ((uri, "none"), (uri.replace("object=none", "id=%FE"), "fe")):
        with pytest.raises(SignerError) as caught:
            open_key(spelled, password=lambda: PIN)
        assert caught.value.details["what"] == what


def test_a_wrong_pin_is_named(hsm: Hsm) -> None:
    uri = hsm.uri("never opened", "p256")
    for guess in (b"wrong guess", b"", b"\xff\xfe", b"9" * 300):
        assert refusal(uri, lambda guess=guess: guess) == "keys.pin_wrong"  # type: ignore[misc]


def test_a_token_asks_for_its_pin(hsm: Hsm) -> None:
    assert refusal(hsm.uri("never opened", "p256"), None) == "keys.pin_needed"


def test_a_token_that_is_not_there_is_named(hsm: Hsm) -> None:
    assert refusal(hsm.uri("nowhere", "p256"), never) == "keys.pkcs11_token_missing"


def test_two_tokens_of_a_name_are_ambiguous(hsm: Hsm) -> None:
    assert refusal(hsm.uri("same", "p256"), never) == "keys.pkcs11_ambiguous"


@pytest.mark.parametrize("key", ["none", "alone"])
def test_a_key_or_public_key_that_is_not_there_is_named(hsm: Hsm, key: str) -> None:
    assert refusal(hsm.uri("样例 seals", key)) == "keys.pkcs11_key_missing"


def test_a_key_of_another_curve_is_refused(hsm: Hsm) -> None:
    assert refusal(hsm.uri("样例 seals", "p384")) == "keys.unsupported_key"


def test_a_key_beside_another_ones_public_key_is_refused(hsm: Hsm) -> None:
    assert refusal(hsm.uri("样例 seals", "swapped")) == "keys.pkcs11_mismatch"


def test_a_key_that_may_not_sign_is_refused(hsm: Hsm) -> None:
    assert refusal(hsm.uri("样例 seals", "mute")) == "keys.pkcs11_failed"


@pytest.mark.parametrize("what", ["none", "text"])
def test_what_is_no_module_is_unusable(tmp_path: Path, what: str) -> None:
    (tmp_path / "text").write_text("no module")
    uri = f"pkcs11:token=t;object=o?module-path={tmp_path}/{what}"
    assert refusal(uri, never) == "keys.pkcs11_module_unusable"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    assert refusal("pkcs11:token=t;object=o?module-path=/m", never) == "keys.pkcs11_not_installed"


def test_keys_in_files_do_not_load_pkcs11() -> None:
    code = "import etitle.keys.signer, sys; sys.exit('pkcs11' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603  # our own
    assert run.returncode == 0


def test_the_public_key_may_come_from_a_certificate(hsm: Hsm) -> None:
    signer = open_signer(hsm.uri("样例 seals", "certified"), password=lambda: PIN)
    assert signer.public.verify(signer.sign(b"data"), b"data")


@pytest.mark.parametrize("key", ["p256", "rsa", "ed25519"])
def test_a_document_is_signed_in_the_hsm(hsm: Hsm, key: str) -> None:
    signer = open_document_signer(hsm.uri("样例 seals", key), password=lambda: PIN)
    public = load_der_public_key(signer.spki)
    assert isinstance(
        public, (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, rsa.RSAPublicKey)
    )
    root = Maker.root("样例根")
    own = root.certify("样例职称专用章", public)
    seal = make_seal(signer, x509_chain=[own, root.der])
    pdf = sign_document(blank(), seal=seal, signing_time_s=NOON_S)
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root.der)],
        moment=datetime.datetime.fromtimestamp(NOON_S, datetime.UTC),
        allow_fetching=False,
    )
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert validate_pdf_signature(signature, context).bottom_line


@dataclass(frozen=True)
class ByOurs:
    """Our own CMS where the forge wants one of its."""

    seal: Seal

    def make(self, covered: bytes) -> bytes:
        frame = prepare(self.seal)
        return frame.sign(hashlib.new(frame.hash, covered).digest()).encode()


def test_an_rsa_seal_in_the_hsm_makes_valid_documents_under_a_signed_bundle(hsm: Hsm) -> None:
    signer = open_document_signer(hsm.uri("样例 seals", "rsa"), password=lambda: PIN)
    public = load_der_public_key(signer.spki)
    assert isinstance(public, rsa.RSAPublicKey)
    root = Maker.root("样例根")
    own = root.certify("样例职称专用章", public)
    numbers = public.public_numbers()
    by = office(masked(certificates(1)[0]))
    key = replace(
        seal_key(by.world.token_signer, KeyUse.DOCUMENT),
        public=DocumentKey.rsa(numbers.n, numbers.e),
        x509=own,
    )
    keys = sorted((*by.world.bundle.keys, key), key=lambda each: each.public.to_bytes())
    published = replace(by.world.bundle, keys=tuple(keys))
    data = sign_bundle(published, signers=by.world.roots[:2])
    bundle = open_bundle(data, pin=fingerprint(published.roots))
    seal = make_seal(signer, x509_chain=[own, root.der])
    pdf = Pdf(by.token).make(ByOurs(seal))  # type: ignore[arg-type]
    trust = Trust((Anchor(bundle, (), 0),))
    verdict = verify_document(
        pdf, Question(trust=trust, lists=by.world.lists, at=AT, policy=EXAMPLES)
    )
    assert verdict.require() == by.certificate
    # The same file, once its seal is no longer in the bundle.
    other = Trust((Anchor(by.world.bundle, (), 0),))
    verdict = verify_document(
        pdf, Question(trust=other, lists=by.world.lists, at=AT, policy=EXAMPLES)
    )
    assert verdict.summary is Summary.INDETERMINATE
