"""The example seal of keys-example/: its key, and its X.509 certificate below an example CA.

Keys come from their names and signatures are deterministic: every run writes the same bytes.  In
reality a CA issues the certificate (docs/howto/seal.md); this one is worth nothing, like its key.
"""

from __future__ import annotations

import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from etitle.keys.suite import ES256

FOLDER: Final = Path(__file__).parents[2] / "keys-example" / "keys"
AUTHORITY: Final = "样例省人力资源和社会保障厅"
CA_NAME: Final = "样例根证书（示例，无任何效力）"
SEAL_NAME: Final = "样例省职称专用章(1)（样例，无效力）"
START: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
END: Final = datetime.datetime(2070, 1, 1, tzinfo=datetime.UTC)


def example_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The key of a name, as keys-example/README.md says."""
    seed = int.from_bytes(sha256(f"etitle example key {name}".encode()).digest(), "big")
    return ec.derive_private_key(seed % (ES256.order - 1) + 1, ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, AUTHORITY),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, ca: bool
) -> bytes:
    usage = x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    serial = int.from_bytes(sha256(name.encode()).digest()[:15], "big") | 1
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    made = (
        x509.CertificateBuilder(_name(CA_NAME), _name(name), key.public_key(), serial, START, END)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(own, critical=False)
        .add_extension(above, critical=False)
        .sign(by, SHA256(), ecdsa_deterministic=True)
    )
    return made.public_bytes(Encoding.PEM)


def files() -> dict[str, bytes]:
    """The files of the example seal, by name."""
    ca, seal = example_key("root-ca"), example_key("seal-1")
    root = _certificate(CA_NAME, ca, ca, ca=True)
    own = _certificate(SEAL_NAME, seal, ca, ca=False)
    public = seal.public_key()
    return {
        "seal-1.pem": seal.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "seal-1.pub.pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "seal-1.x509.pem": own + root,
        "root-ca.x509.pem": root,
    }
