"""Private keys behind one protocol, opened by URI: ``file:``, ``pkcs12:``, ``pkcs11:``.

Passwords come from a callback that the caller gives (a prompt, a file, a vault), never from the
URI, and never appear in an error.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, runtime_checkable
from urllib.parse import unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from etitle.errors import SignerError
from etitle.keys.password import Password
from etitle.keys.public import PublicKey
from etitle.keys.suite import EDDSA, ES256, Suite

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

AnyPrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

MAX_KEY_FILE_BYTES: Final = 1 << 20


@runtime_checkable
class Signer(Protocol):
    """Whoever can sign with one private key, wherever the key lives."""

    @property
    def public(self) -> PublicKey:
        """The public half; its suite is the signer's."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; the result has the suite's one canonical form (docs/spec clause 3.3)."""
        ...


class SoftSigner:
    """A private key held in this process.

    ES256 signatures are deterministic (RFC 6979) where the linked OpenSSL offers it, and always
    low-S; signing the same bytes again then gives the same signature.
    """

    __slots__ = ("_ecdsa", "_key", "public")

    def __init__(self, key: AnyPrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())
        self._ecdsa = _ecdsa(key)

    def sign(self, data: bytes) -> bytes:
        """Sign; ``r || s`` with low S for ES256 (RFC 9053 §2.1), 64 bytes in either suite."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(data)
        r, s = decode_dss_signature(self._key.sign(data, self._ecdsa))
        order = ES256.order
        return r.to_bytes(32, "big") + min(s, order - s).to_bytes(32, "big")

    def to_pem(self, password: bytes | None) -> bytes:
        """The key as PKCS#8 PEM, encrypted when a password is given."""
        return to_pem(self._key, password)

    @property
    def private_key(self) -> AnyPrivateKey:
        """The key itself, for certificate builders that must hold it."""
        return self._key


def to_pem(key: AnyPrivateKey | RSAPrivateKey | MLDSA65PrivateKey, password: bytes | None) -> bytes:
    """A private key of any kind as PKCS#8 PEM, encrypted when a password is given."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # slow to load

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


def _ecdsa(key: AnyPrivateKey) -> ec.ECDSA:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        try:
            deterministic = ec.ECDSA(SHA256(), deterministic_signing=True)
            key.sign(b"", deterministic)
        except UnsupportedAlgorithm:
            pass
        else:
            return deterministic
    return ec.ECDSA(SHA256())


def generate(suite: Suite) -> SoftSigner:
    """Make a new key of a suite.

    >>> generate(ES256).public.suite.name
    'ES256'
    """
    if suite is EDDSA:
        return SoftSigner(ed25519.Ed25519PrivateKey.generate())
    return SoftSigner(ec.generate_private_key(ec.SECP256R1()))


def open_signer(uri: str, *, password: Password | None = None) -> Signer:
    """Open the private key that a URI names.

    Args:
        uri: ``file:PATH`` (PKCS#8 PEM or DER) or ``pkcs12:PATH``, percent-encoding is undone;
            or ``pkcs11:…`` (RFC 7512, ``etitle.keys.pkcs11``), with the extra ``hsm``.
        password: called when the key is encrypted, or for an HSM's PIN.

    Raises:
        SignerError: ``keys.uri_unknown``, ``keys.file_unreadable``, ``keys.password_needed``,
            ``keys.password_wrong``, ``keys.file_malformed``, ``keys.unsupported_key``, or what
            ``etitle.keys.pkcs11.open_key`` raises.
    """
    if uri.startswith("pkcs11:"):
        from etitle.keys import pkcs11  # noqa: PLC0415  # slow to load

        held = pkcs11.open_key(uri, password=password)
        if isinstance(held, pkcs11.HsmSigner):
            return held
        raise SignerError("keys.unsupported_key", kind="RSA")
    return _soft(open_private_key(uri, password=password))


def open_private_key(uri: str, *, password: Password | None) -> object:
    """Load the private key of a ``file:`` or ``pkcs12:`` URI, of whatever kind it is.

    Raises:
        SignerError: ``keys.uri_unknown``, ``keys.file_unreadable``, ``keys.password_needed``,
            ``keys.password_wrong``, ``keys.file_malformed``, ``keys.unsupported_key`` or
            ``keys.mldsa_missing``.
    """
    scheme, separator, rest = uri.partition(":")
    if separator and scheme in _BY_SCHEME:
        return _BY_SCHEME[scheme](unquote(rest), password)
    raise SignerError("keys.uri_unknown", scheme=scheme if separator else "")


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_KEY_FILE_BYTES + 1)
    except (OSError, ValueError):
        raise SignerError("keys.file_unreadable", path=path) from None
    if len(data) > MAX_KEY_FILE_BYTES:
        raise SignerError("keys.file_malformed", path=path)
    return data


def _ask(password: Password | None, path: str) -> bytes:
    if password is None:
        raise SignerError("keys.password_needed", path=path)
    return password()


def _open_file(path: str, password: Password | None) -> object:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # slow to load

    from etitle.keys import mldsa  # noqa: PLC0415  # for what it says of a file it can't read

    data = _read(path)
    load = (
        serialization.load_pem_private_key
        if data.lstrip().startswith(b"-----BEGIN")
        else serialization.load_der_private_key
    )
    try:
        key = load(data, None)
    except TypeError:  # encrypted, says cryptography's documentation
        secret = _ask(password, path)
        try:
            key = load(data, secret)
        except (ValueError, TypeError) as error:
            mldsa.demand_for(b"", error)
            raise SignerError("keys.password_wrong", path=path) from None
        except UnsupportedAlgorithm as error:
            mldsa.demand_for(b"", error)
            raise SignerError("keys.unsupported_key", kind="?") from None
    except ValueError as error:
        mldsa.demand_for(data, error)
        raise SignerError("keys.file_malformed", path=path) from None
    except UnsupportedAlgorithm as error:
        mldsa.demand_for(data, error)
        raise SignerError("keys.unsupported_key", kind="?") from None
    return key


def _open_pkcs12(path: str, password: Password | None) -> object:
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415  # slow to load

    data = _read(path)
    try:
        key, _, _ = pkcs12.load_key_and_certificates(data, None)
    except ValueError:
        secret = _ask(password, path)
        try:
            key, _, _ = pkcs12.load_key_and_certificates(data, secret)
        except ValueError:
            raise SignerError("keys.password_wrong", path=path) from None
    return key


def _soft(key: object) -> SoftSigner:
    if isinstance(key, (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)):
        return SoftSigner(key)
    raise SignerError("keys.unsupported_key", kind=type(key).__name__)


_BY_SCHEME: Final[dict[str, Callable[[str, Password | None], object]]] = {
    "file": _open_file,
    "pkcs12": _open_pkcs12,
}
