"""What signing a document costs, against pyHanko's signer over the same file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from asn1crypto import keys, x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.bench.measure import Row, pair_us, row
from tests.support.blankpage import blank
from tests.support.seals import NOON_S, Sealing, make_sealing

from etitle.pades import cms
from etitle.pades.sign import sign_document

COUNT: Final = 40
MECHANISMS: Final = {"p256": "sha256_ecdsa", "rsa3072": "sha256_rsa"}


def rows() -> list[Row]:
    """Every figure of this module."""
    found: list[Row] = []
    for kind in MECHANISMS:
        sealing = make_sealing(kind)
        unsigned = blank()
        numbers = range(COUNT)
        whole, bare = pair_us(
            lambda _, s=sealing, u=unsigned: sign_document(u, seal=s.seal, signing_time_s=NOON_S),  # type: ignore[misc]
            lambda _, s=sealing: s.seal.signer.sign(b"data"),  # type: ignore[misc]
            numbers,
        )
        found.append(row(f"sign a document, {kind}, against the bare signature", whole, "us", bare))
        frame = cms.prepare(sealing.seal)
        ours, theirs = pair_us(
            lambda n, f=frame: f.sign(n.to_bytes(32, "big")).encode(),  # type: ignore[misc]
            _theirs(sealing),
            numbers,
        )
        found.append(row(f"CMS of a document, {kind}, against pyHanko's", ours, "us", theirs))
    return found


def _theirs(sealing: Sealing) -> Callable[[int], bytes]:
    """PyHanko's CMS: one event loop, certificates parsed once; it loads the key each time."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(
        x509.Certificate.load(one.der) for one in (sealing.middle, sealing.root)
    )
    key = sealing.own.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=x509.Certificate.load(sealing.own.der),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=store,
        signature_mechanism=SignedDigestAlgorithm({"algorithm": MECHANISMS[sealing.kind]}),
    )
    loop = asyncio.new_event_loop()

    def sign(number: int) -> bytes:
        digest = number.to_bytes(32, "big")
        made: bytes = loop.run_until_complete(
            signer.async_sign(digest, "sha256", use_pades=True)
        ).dump()
        return made

    return sign
