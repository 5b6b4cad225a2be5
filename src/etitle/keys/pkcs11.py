"""Private keys that stay in an HSM: ``pkcs11:`` URIs (RFC 7512) and PKCS#11 modules.

The PIN comes from the same callback as a file's password, or from the device's own pin pad; a URI
that holds a PIN is refused.  A key is used only after it has proved that it belongs to the
public key beside it.

A module counts as logged in for the whole process: once one key of a token is open, a second one
opens whatever PIN is given.  A signer must not be carried over a fork; open it in each process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from etitle import der
from etitle.errors import SignerError
from etitle.keys.public import PublicKey
from etitle.keys.suite import ES256

if TYPE_CHECKING:
    from collections.abc import Callable

    import pkcs11

    from etitle.keys.password import Password

MAX_URI_CHARACTERS: Final = 4096

_TOKEN_PARTS: Final = frozenset({"token", "serial", "manufacturer", "model"})
_KEY_PARTS: Final = frozenset({"object", "id"})
_PATH_PARTS: Final = _TOKEN_PARTS | _KEY_PARTS | {"type"}
_QUERY_PARTS: Final = frozenset({"module-path"})
_PINS: Final = frozenset({"pin-value", "pin-source"})
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

_ED25519: Final = (der.ED25519, b"\x13\x0cedwards25519")
"""CKA_EC_PARAMS: the object identifier (RFC 8410) or the curve's name (PKCS#11 3.0 §6.3.3)."""
_ED25519_BYTES: Final = 32
_WRAPPED_BYTES: Final = (2 + 65, 2 + _ED25519_BYTES)
"""An OCTET STRING of an uncompressed P-256 point, or of an Ed25519 key."""
_PROOF: Final = b"etitle: does this private key belong to this public key?"


@dataclass(frozen=True, slots=True)
class KeyUri:
    """A parsed ``pkcs11:`` URI.

    Attributes:
        module_path: the PKCS#11 module to load.
        token: what the token must be called: ``token``, ``serial``, ``manufacturer``, ``model``.
        label: the key's label (``object``), or None.
        id: the key's id, or None.
    """

    module_path: str
    token: dict[str, str]
    label: str | None = None
    id: bytes | None = None


def parse_uri(uri: str) -> KeyUri:
    """Read a ``pkcs11:`` URI (RFC 7512); every part must be known.

    Args:
        uri: ``pkcs11:token=…;object=…;type=private?module-path=…``; ``serial``,
            ``manufacturer``, ``model`` and ``id`` may narrow it down.

    Raises:
        SignerError: ``keys.pin_in_uri`` where the URI holds a PIN (the PIN is not shown),
            ``keys.pkcs11_uri_malformed`` otherwise.

    >>> parse_uri("pkcs11:token=seals;object=seal-1?module-path=/usr/lib/hsm.so").label
    'seal-1'
    """
    scheme, _, rest = uri.partition(":")
    if scheme != "pkcs11" or len(uri) > MAX_URI_CHARACTERS:
        raise SignerError("keys.pkcs11_uri_malformed", what="pkcs11:")
    path, _, query = rest.partition("?")
    raw = _parts(path, ";", known=_PATH_PARTS) | _parts(query, "&", known=_QUERY_PARTS)
    if raw.get("type", b"private") != b"private":
        raise SignerError("keys.pkcs11_uri_malformed", what="type")
    for names in ({"module-path"}, {"token", "serial"}, _KEY_PARTS):
        if not any(raw.get(name) for name in names):
            raise SignerError("keys.pkcs11_uri_malformed", what=" / ".join(sorted(names)))
    key_id = raw.pop("id", None)
    try:
        texts = {name: value.decode() for name, value in raw.items()}
    except UnicodeDecodeError:
        raise SignerError("keys.pkcs11_uri_malformed", what="UTF-8") from None
    token = {name: text for name, text in texts.items() if name in _TOKEN_PARTS}
    return KeyUri(texts["module-path"], token, texts.get("object"), key_id)


def _parts(text: str, separator: str, *, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, _, value = part.partition("=")
        if name in _PINS:
            raise SignerError("keys.pin_in_uri")
        # An unknown part is not shown: it may be a PIN in the wrong place.
        if name not in known or name in found or _BAD_ESCAPE.search(value):
            raise SignerError("keys.pkcs11_uri_malformed", what="name=value")
        found[name] = unquote_to_bytes(value)
    return found


class HsmSigner:
    """A P-256 or Ed25519 key in an HSM, behind the ``Signer`` protocol.

    ES256 signatures are low-S, though mostly not deterministic: an HSM has its own randomness.
    """

    __slots__ = ("_key", "_mechanism", "public")

    def __init__(
        self, key: pkcs11.PrivateKey, mechanism: pkcs11.Mechanism, public: PublicKey
    ) -> None:
        self._key = key
        self._mechanism = mechanism
        self.public = public

    def sign(self, data: bytes) -> bytes:
        """Sign; ``r || s`` with low S for ES256, 64 bytes in either suite.

        Raises:
            SignerError: ``keys.pkcs11_failed``.
        """
        if self.public.suite is not ES256:
            return _sign(self._key, self._mechanism, data)
        raw = _sign(self._key, self._mechanism, sha256(data).digest())
        s = int.from_bytes(raw[32:], "big")
        return raw[:32] + min(s, ES256.order - s).to_bytes(32, "big")


class HsmRsaKey:
    """An RSA key in an HSM: for documents, never for tokens.

    Attributes:
        public: its public half.
    """

    __slots__ = ("_key", "_mechanism", "public")

    def __init__(
        self, key: pkcs11.PrivateKey, mechanism: pkcs11.Mechanism, public: rsa.RSAPublicKey
    ) -> None:
        self._key = key
        self._mechanism = mechanism
        self.public = public

    def sign(self, data: bytes) -> bytes:
        """Sign; RSASSA-PKCS1-v1_5 with SHA-256, as long as the modulus.

        Raises:
            SignerError: ``keys.pkcs11_failed``.
        """
        return _sign(self._key, self._mechanism, data)


def open_key(uri: str, *, password: Password | None) -> HsmSigner | HsmRsaKey:
    """Open the private key that a ``pkcs11:`` URI names.

    Args:
        uri: as ``parse_uri`` reads it.
        password: called once for the PIN, unless the device has a pin pad of its own.

    Raises:
        SignerError: ``keys.pin_in_uri``, ``keys.pkcs11_uri_malformed``,
            ``keys.pkcs11_not_installed``, ``keys.pkcs11_module_unusable``,
            ``keys.pkcs11_token_missing``, ``keys.pkcs11_key_missing``,
            ``keys.pkcs11_ambiguous``, ``keys.pin_needed``, ``keys.pin_wrong``,
            ``keys.pin_locked``, ``keys.unsupported_key``, ``keys.pkcs11_mismatch`` or
            ``keys.pkcs11_failed``.
    """
    wanted = parse_uri(uri)
    try:
        import pkcs11  # noqa: PLC0415  # of the extra hsm, which most installations lack
    except ImportError:
        raise SignerError("keys.pkcs11_not_installed") from None
    token = _token(wanted)
    session = _session(token, password)
    try:
        key = _private(session, wanted)
        public = _public(session, key)
        found = _signer(key, public)
    except pkcs11.PKCS11Error as error:
        raise SignerError("keys.pkcs11_failed", what=type(error).__name__) from None
    _prove(found)
    return found


def _token(wanted: KeyUri) -> pkcs11.Token:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    try:
        tokens = [
            token
            for token in pkcs11.lib(wanted.module_path).get_tokens()
            if wanted.token.items() <= _described(token).items()
        ]
    except (pkcs11.PKCS11Error, RuntimeError, ValueError, OSError):
        raise SignerError("keys.pkcs11_module_unusable", path=wanted.module_path) from None
    shown = ";".join(f"{name}={text}" for name, text in sorted(wanted.token.items()))
    if len(tokens) > 1:
        raise SignerError("keys.pkcs11_ambiguous", what=shown)
    if not tokens:
        raise SignerError("keys.pkcs11_token_missing", what=shown)
    return tokens[0]


def _described(token: pkcs11.Token) -> dict[str, str]:
    return {
        "token": token.label,
        "serial": token.serial.decode("utf-8", "replace").rstrip(),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
    }


def _session(token: pkcs11.Token, password: Password | None) -> pkcs11.Session:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    flags = token.flags
    pin: object = None
    if pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH in flags:
        pin = pkcs11.PROTECTED_AUTH
    elif pkcs11.TokenFlag.LOGIN_REQUIRED in flags:
        if password is None:
            raise SignerError("keys.pin_needed", token=token.label)
        try:
            pin = password().decode()
        except UnicodeDecodeError:
            raise SignerError("keys.pin_wrong", token=token.label) from None
    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise SignerError("keys.pin_wrong", token=token.label) from None
    except (pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.UserPinNotInitialized):
        raise SignerError("keys.pin_locked", token=token.label) from None
    except pkcs11.PKCS11Error as error:
        raise SignerError("keys.pkcs11_failed", what=type(error).__name__) from None


def _private(session: pkcs11.Session, wanted: KeyUri) -> pkcs11.PrivateKey:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    search: dict[pkcs11.Attribute, object] = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY
    }
    if wanted.label is not None:
        search[pkcs11.Attribute.LABEL] = wanted.label
    if wanted.id is not None:
        search[pkcs11.Attribute.ID] = wanted.id
    keys = cast("list[pkcs11.PrivateKey]", list(session.get_objects(search)))
    shown = wanted.label if wanted.label is not None else (wanted.id or b"").hex()
    if len(keys) > 1:
        raise SignerError("keys.pkcs11_ambiguous", what=shown)
    if not keys:
        raise SignerError("keys.pkcs11_key_missing", what=shown)
    return keys[0]


def _public(
    session: pkcs11.Session, key: pkcs11.PrivateKey
) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey:
    """The public half: the public key object of the same id, or a certificate's key."""
    import pkcs11  # noqa: PLC0415  # checked by open_key

    for kind, read in (
        (pkcs11.ObjectClass.PUBLIC_KEY, _of_object),
        (pkcs11.ObjectClass.CERTIFICATE, _of_x509),
    ):
        search = {pkcs11.Attribute.CLASS: kind, pkcs11.Attribute.ID: key.id}
        for found in session.get_objects(search):
            try:
                public = read(found)
            except (pkcs11.AttributeTypeInvalid, UnsupportedAlgorithm, ValueError):
                raise SignerError("keys.unsupported_key", kind=_kind(key)) from None
            if isinstance(
                public,
                (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, rsa.RSAPublicKey),
            ):
                return public
            raise SignerError("keys.unsupported_key", kind=_kind(key))
    raise SignerError("keys.pkcs11_key_missing", what=f"{key.label} (public)")


def _of_x509(found: pkcs11.Object) -> object:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    return x509.load_der_x509_certificate(found[pkcs11.Attribute.VALUE]).public_key()


def _of_object(found: pkcs11.Object) -> object:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    if found[pkcs11.Attribute.KEY_TYPE] == pkcs11.KeyType.RSA:
        return rsa.RSAPublicNumbers(
            n=int.from_bytes(found[pkcs11.Attribute.MODULUS], "big"),
            e=int.from_bytes(found[pkcs11.Attribute.PUBLIC_EXPONENT], "big"),
        ).public_key()
    parameters = found[pkcs11.Attribute.EC_PARAMS]
    point: bytes = found[pkcs11.Attribute.EC_POINT]
    # PKCS#11 wants an OCTET STRING; some modules give the bare point.
    if len(point) in _WRAPPED_BYTES and point[:2] == bytes((4, len(point) - 2)):
        point = point[2:]
    if parameters == der.P256:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if parameters in _ED25519 and len(point) == _ED25519_BYTES:
        return ed25519.Ed25519PublicKey.from_public_bytes(point)
    raise ValueError


def _signer(
    key: pkcs11.PrivateKey,
    public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey,
) -> HsmSigner | HsmRsaKey:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    if isinstance(public, rsa.RSAPublicKey):
        return HsmRsaKey(key, pkcs11.Mechanism.SHA256_RSA_PKCS, public)
    if isinstance(public, ed25519.Ed25519PublicKey):
        return HsmSigner(key, pkcs11.Mechanism.EDDSA, PublicKey(public))
    return HsmSigner(key, pkcs11.Mechanism.ECDSA, PublicKey(public))


def _prove(found: HsmSigner | HsmRsaKey) -> None:
    """Sign once, so that a wrong pair is found here and not in ten thousand documents."""
    signature = found.sign(_PROOF)
    if isinstance(found, HsmSigner):
        holds = found.public.suite.is_canonical(signature) and found.public.verify(
            signature, _PROOF
        )
    else:
        try:
            found.public.verify(signature, _PROOF, padding.PKCS1v15(), SHA256())
            holds = True
        except InvalidSignature:
            holds = False
    if not holds:
        raise SignerError("keys.pkcs11_mismatch")


def _sign(key: pkcs11.PrivateKey, mechanism: pkcs11.Mechanism, data: bytes) -> bytes:
    import pkcs11  # noqa: PLC0415  # checked by open_key

    sign: Callable[..., bytes] | None = getattr(key, "sign", None)
    if sign is None:  # CKA_SIGN is false
        raise SignerError("keys.pkcs11_failed", what="CKA_SIGN")
    try:
        return sign(data, mechanism=mechanism)
    except pkcs11.PKCS11Error as error:
        raise SignerError("keys.pkcs11_failed", what=type(error).__name__) from None


def _kind(key: pkcs11.PrivateKey) -> str:
    return getattr(key.key_type, "name", "?")
