"""Private keys by URI, and what happens when they can't be opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import pkcs12
from tests.support.x509 import Maker

from etitle.errors import SignerError
from etitle.keys.signer import Signer, SoftSigner, _ecdsa, generate, open_signer
from etitle.keys.suite import EDDSA, ES256, SUITES, Suite

SECRET = b"correct horse 9471"
BOTH = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def spelled(key: object, *, form: str, password: bytes | None) -> bytes:
    encoding = getattr(serialization.Encoding, form)
    cipher: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        cipher = serialization.BestAvailableEncryption(password)
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]
        encoding, serialization.PrivateFormat.PKCS8, cipher
    )


def packed(key: object, password: bytes | None) -> bytes:
    cipher: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        cipher = serialization.BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(b"seal", key, None, None, cipher)  # type: ignore[arg-type]


def refusal(uri: str, password: Callable[[], bytes] | None = None) -> str:
    with pytest.raises(SignerError) as caught:
        open_signer(uri, password=password)
    shown = f"{caught.value}{caught.value!r}{caught.value.details}"
    assert SECRET.decode() not in shown
    assert "wrong guess" not in shown
    return caught.value.code


def never() -> bytes:
    pytest.fail("the password was asked for though the key is not encrypted")


@BOTH
@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_key_file_opens(tmp_path: Path, suite: Suite, form: str, encrypted: bool) -> None:
    made = generate(suite)
    data = spelled(made.private_key, form=form, password=SECRET if encrypted else None)
    uri = "file:" + write(tmp_path / "key", data)
    opened = open_signer(uri, password=(lambda: SECRET) if encrypted else never)
    assert isinstance(opened, Signer)
    assert opened.public == made.public
    assert made.public.verify(opened.sign(b"data"), b"data")


@BOTH
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_pkcs12_file_opens(tmp_path: Path, suite: Suite, encrypted: bool) -> None:
    made = generate(suite)
    uri = "pkcs12:" + write(
        tmp_path / "key.p12", packed(made.private_key, SECRET if encrypted else None)
    )
    opened = open_signer(uri, password=(lambda: SECRET) if encrypted else never)
    assert opened.public == made.public


def test_a_key_written_by_us_opens(tmp_path: Path) -> None:
    made = generate(ES256)
    uri = "file:" + write(tmp_path / "key", made.to_pem(SECRET))
    assert open_signer(uri, password=lambda: SECRET).public == made.public
    assert b"ENCRYPTED" in made.to_pem(SECRET)
    assert b"ENCRYPTED" not in made.to_pem(None)


def test_a_pem_behind_blank_lines_opens(tmp_path: Path) -> None:
    made = generate(EDDSA)
    uri = "file:" + write(tmp_path / "key", b"\n\r\n " + made.to_pem(None))
    assert open_signer(uri).public == made.public


def test_percent_encoding_of_the_path_is_undone(tmp_path: Path) -> None:
    made = generate(EDDSA)
    path = write(tmp_path / "专用章 1%.pem", made.to_pem(None))
    assert open_signer("file:" + quote(path)).public == made.public


@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize("guess", [b"wrong guess", b"", b"\x00", b"x" * 5000])
def test_a_wrong_password_is_named_and_never_shown(tmp_path: Path, form: str, guess: bytes) -> None:
    key = generate(ES256).private_key
    uri = "file:" + write(tmp_path / "key", spelled(key, form=form, password=SECRET))
    assert refusal(uri, lambda: guess) == "keys.password_wrong"


@pytest.mark.parametrize("guess", [b"wrong guess", b"", b"x" * 5000])
def test_a_wrong_password_of_a_pkcs12_file_is_named(tmp_path: Path, guess: bytes) -> None:
    uri = "pkcs12:" + write(tmp_path / "key", packed(generate(ES256).private_key, SECRET))
    assert refusal(uri, lambda: guess) == "keys.password_wrong"


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_an_encrypted_key_asks_for_its_password(tmp_path: Path, form: str) -> None:
    key = generate(ES256).private_key
    uri = "file:" + write(tmp_path / "key", spelled(key, form=form, password=SECRET))
    assert refusal(uri) == "keys.password_needed"


def test_an_encrypted_pkcs12_file_asks_for_its_password(tmp_path: Path) -> None:
    uri = "pkcs12:" + write(tmp_path / "key", packed(generate(ES256).private_key, SECRET))
    assert refusal(uri) == "keys.password_needed"


@pytest.mark.parametrize("scheme", ["file", "pkcs12"])
def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path, scheme: str) -> None:
    for path in (tmp_path / "none", tmp_path, "", "a%00b"):
        assert refusal(f"{scheme}:{path}") == "keys.file_unreadable"


@pytest.mark.parametrize(
    "data",
    [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\n", b"0\x82", b"\xff" * 100,
     b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
    ids=repr,
)  # fmt: skip
def test_a_file_without_a_key_is_malformed(tmp_path: Path, data: bytes) -> None:
    assert refusal("file:" + write(tmp_path / "key", data), never) == "keys.file_malformed"


def test_a_file_too_large_for_a_key_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = generate(ES256).to_pem(None)
    path.write_bytes(key + b"\n" * ((1 << 20) - len(key)))
    open_signer(f"file:{path}")
    path.write_bytes(key + b"\n" * ((1 << 20) - len(key) + 1))
    assert refusal(f"file:{path}") == "keys.file_malformed"
    assert refusal(f"pkcs12:{path}") == "keys.file_malformed"


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: ec.generate_private_key(ec.SECP256K1()),
        ed448.Ed448PrivateKey.generate,
        x25519.X25519PrivateKey.generate,
        lambda: dsa.generate_private_key(2048),
    ],
    ids=["rsa", "p384", "k256", "ed448", "x25519", "dsa"],
)
def test_keys_of_other_kinds_are_refused(tmp_path: Path, make: Callable[[], object]) -> None:
    data = spelled(make(), form="PEM", password=None)
    assert refusal("file:" + write(tmp_path / "key", data)) == "keys.unsupported_key"


def test_a_key_of_an_algorithm_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    # A P-256 key whose curve (1.2.840.10045.3.1.7) is changed to an unassigned one.
    data = bytearray(spelled(generate(ES256).private_key, form="DER", password=None))
    at = data.index(bytes.fromhex("2a8648ce3d030107"))
    data[at + 7] = 0x7E
    assert refusal("file:" + write(tmp_path / "key", bytes(data))) == "keys.unsupported_key"


def test_an_rsa_key_in_a_pkcs12_file_is_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    uri = "pkcs12:" + write(tmp_path / "key", packed(key, None))
    assert refusal(uri, never) == "keys.unsupported_key"


def test_a_pkcs12_file_without_a_key_is_refused(tmp_path: Path) -> None:
    own = Maker.root("样例").x509
    data = pkcs12.serialize_key_and_certificates(
        None, None, own, None, serialization.NoEncryption()
    )
    assert refusal("pkcs12:" + write(tmp_path / "key", data), never) == "keys.unsupported_key"


@pytest.mark.parametrize("uri", ["", "key.pem", "/etc/key", "http://x", "FILE:x", "data:,x", ":x"])
def test_an_unknown_scheme_is_refused(uri: str) -> None:
    assert refusal(uri) == "keys.uri_unknown"


@pytest.mark.parametrize(
    ("uri", "scheme"), [("vault:secret", "vault"), ("key.pem", ""), (":x", "")]
)
def test_an_unknown_scheme_is_named_where_there_is_one(uri: str, scheme: str) -> None:
    with pytest.raises(SignerError) as caught:
        open_signer(uri)
    assert caught.value.details == {"scheme": scheme}


def test_a_pkcs11_uri_with_a_pin_is_refused() -> None:
    assert refusal(f"pkcs11:token=x?pin-value={SECRET.decode()}") == "keys.pin_in_uri"


def test_a_password_in_the_uri_of_an_unknown_scheme_is_not_shown() -> None:
    assert refusal(f"vault:{SECRET.decode()}") == "keys.uri_unknown"


class OfAnOldOpenSsl:
    """A P-256 key that signs by chance alone."""

    def sign(self, _data: bytes, algorithm: ec.ECDSA) -> bytes:
        if algorithm.deterministic_signing:
            raise UnsupportedAlgorithm(repr(algorithm))
        return b""


ec.EllipticCurvePrivateKey.register(OfAnOldOpenSsl)


def test_where_openssl_knows_no_rfc_6979_signatures_are_drawn() -> None:
    made = _ecdsa(cast("ec.EllipticCurvePrivateKey", OfAnOldOpenSsl()))
    assert not made.deterministic_signing
    assert _ecdsa(generate(ES256).private_key).deterministic_signing


def test_signing_the_same_bytes_again_gives_the_same_signature() -> None:
    for suite in SUITES:
        signer = generate(suite)
        assert signer.sign(b"data") == signer.sign(b"data")


def test_a_signer_shows_nothing_of_its_key() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    shown = repr(SoftSigner(key)) + str(SoftSigner(key))
    assert key.private_bytes_raw().hex() not in shown
