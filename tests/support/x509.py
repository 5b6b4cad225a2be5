"""X.509 certificates of a fictional authority for tests: roots, seals, time-stampers."""

from __future__ import annotations

import datetime
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.support import drawnkeys

START: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
END: Final = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)

Uses = AbstractSet[str] | None
"""Uses of a key, as cryptography names them; None where the certificate lists none."""
SIGNING: Final = frozenset({"digital_signature", "content_commitment"})
ISSUING: Final = frozenset({"key_cert_sign", "crl_sign"})
USES: Final = (
    *SIGNING, *ISSUING, "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
    "decipher_only",
)  # fmt: skip

AnyPublicKey = (
    ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey | mldsa.MLDSA65PublicKey
)
AnyKey = (
    ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | rsa.RSAPrivateKey
    | mldsa.MLDSA65PrivateKey
)


def new_key(kind: str = "p256") -> AnyKey:
    if kind == "ed25519":
        return drawnkeys.edwards()
    if kind == "mldsa65":
        return mldsa.MLDSA65PrivateKey.from_seed_bytes(drawnkeys.octets())
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return drawnkeys.p256()


def named(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "样例省人力资源和社会保障厅"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass(frozen=True)
class Maker:
    """A certificate, its key, and its issuer: makes certificates below it."""

    key: AnyKey
    x509: x509.Certificate
    issuer: Maker | None = None

    @property
    def der(self) -> bytes:
        return self.x509.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.x509.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @classmethod
    def root(cls, name: str, *, kind: str = "p256") -> Maker:
        return _make(name, new_key(kind), None, ca=True, uses=ISSUING)

    def ca(
        self, name: str, *, kind: str = "p256", path_length: int | None = None,
        uses: Uses = ISSUING, ca: bool = True,
    ) -> Maker:  # fmt: skip
        return _make(name, new_key(kind), self, ca=ca, path_length=path_length, uses=uses)

    def leaf(
        self,
        name: str,
        *,
        key: AnyKey | None = None,
        timestamps: bool = False,
        uses: Uses = SIGNING,
        ca: bool = False,
        start: datetime.datetime = START,
        end: datetime.datetime = END,
    ) -> Maker:
        return _make(
            name, key or new_key(), self, ca=ca, timestamps=timestamps, uses=uses,
            start=start, end=end,
        )  # fmt: skip

    def crl(self) -> bytes:
        """Its list of revoked certificates of now, which names none, DER."""
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateRevocationListBuilder(
            self.x509.subject, now - datetime.timedelta(days=1), now + datetime.timedelta(days=7)
        ).add_extension(x509.CRLNumber(1), critical=False)
        plain = isinstance(self.key, ed25519.Ed25519PrivateKey)
        made = builder.sign(
            self.key, None if plain else hashes.SHA256(), ecdsa_deterministic=_curve(self.key)
        )
        return made.public_bytes(serialization.Encoding.DER)

    def certify(self, name: str, public: AnyPublicKey, *, uses: Uses = SIGNING) -> bytes:
        """A seal's certificate for a key that lives elsewhere, DER."""
        made = _build(name, public, self.x509.subject, ca=False, uses=uses)
        return made.sign(
            self.key, _hash(self.key), ecdsa_deterministic=_curve(self.key)
        ).public_bytes(serialization.Encoding.DER)


def _make(
    name: str,
    key: AnyKey,
    issuer: Maker | None,
    *,
    ca: bool,
    path_length: int | None = None,
    timestamps: bool = False,
    uses: Uses = SIGNING,
    start: datetime.datetime = START,
    end: datetime.datetime = END,
) -> Maker:
    signing = issuer.key if issuer else key
    above = issuer.x509.subject if issuer else named(name)
    builder = _build(
        name, key.public_key(), above, ca=ca, path_length=path_length, timestamps=timestamps,
        uses=uses, start=start, end=end,
    )  # fmt: skip
    return Maker(
        key, builder.sign(signing, _hash(signing), ecdsa_deterministic=_curve(signing)), issuer
    )


def _hash(key: AnyKey) -> hashes.SHA256 | None:
    """What a key's signature hashes with, unless it hashes by itself."""
    plain = isinstance(key, ed25519.Ed25519PrivateKey | mldsa.MLDSA65PrivateKey)
    return None if plain else hashes.SHA256()


def _sign(builder: x509.CertificateBuilder, key: AnyKey) -> x509.Certificate:
    return builder.sign(key, _hash(key), ecdsa_deterministic=_curve(key))


def _curve(key: AnyKey) -> bool | None:
    """Whether a signature is drawn by chance unless told otherwise."""
    return True if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _build(
    name: str,
    public: AnyPublicKey,
    issuer: x509.Name,
    *,
    ca: bool,
    path_length: int | None = None,
    timestamps: bool = False,
    uses: Uses = SIGNING,
    start: datetime.datetime = START,
    end: datetime.datetime = END,
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(int.from_bytes(drawnkeys.octets()[:16], "big") >> 1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if uses is not None:
        usage = x509.KeyUsage(**{name: name in uses for name in USES})
        builder = builder.add_extension(usage, critical=True)
    if timestamps:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return builder
