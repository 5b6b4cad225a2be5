"""Seals of a fictional authority for tests, one of each kind of key, below one chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import mldsa, rsa
from pyhanko_certvalidator import asn1_types
from tests.support.blankpage import blank
from tests.support.x509 import AnyKey, Maker, new_key

from etitle.keys.seal import (
    DocumentSigner,
    Seal,
    document_signer,
    make_seal,
    mldsa_signer,
    rsa_signer,
)
from etitle.keys.signer import SoftSigner
from etitle.pades.sign import sign_document

assert asn1_types.__name__  # taught asn1crypto the names of ML-DSA, in whatever order tests run

KINDS: Final = ("p256", "rsa3072", "ed25519", "mldsa65")
NOON_S: Final = 1_795_420_800
"""2026-11-23 08:00 UTC."""


@dataclass(frozen=True)
class Sealing:
    """A seal and the certificates that it was made of."""

    kind: str
    root: Maker
    middle: Maker
    own: Maker
    seal: Seal

    def signed(self) -> bytes:
        return sign_document(blank(), seal=self.seal, signing_time_s=NOON_S)


def signer_of(key: AnyKey) -> DocumentSigner:
    if isinstance(key, rsa.RSAPrivateKey):
        return rsa_signer(key)
    if isinstance(key, mldsa.MLDSA65PrivateKey):
        return mldsa_signer(key)
    return document_signer(SoftSigner(key))


def make_sealing(kind: str) -> Sealing:
    root = Maker.root("样例根")
    middle = root.ca("样例中间")
    own = middle.leaf("样例职称专用章", key=new_key(kind))
    seal = make_seal(signer_of(own.key), x509_chain=[own.der, middle.der, root.der])
    return Sealing(kind, root, middle, own, seal)


def hole(pdf: bytes) -> bytes:
    """What stands in /Contents, padding included."""
    return bytes.fromhex(pdf.split(b"/Contents <")[1].split(b">")[0].decode())


def covered(pdf: bytes) -> bytes:
    """What the signature covers."""
    before, rest = pdf.split(b"/Contents <")
    return before + b"/Contents " + rest.split(b">", 1)[1]
