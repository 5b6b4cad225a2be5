"""Sizes and times of the kinds of seals, of P-256 first, which the others are held against."""

from __future__ import annotations

import hashlib

from tests.bench.measure import Row, per_item_us, row
from tests.support.seals import KINDS, make_sealing

from etitle.keys.documentkey import MIN_RSA_BITS
from etitle.keys.seal import make_seal
from etitle.pades import cms, signeddata, verification

COUNT = 60


def rows() -> list[Row]:
    """The CMS of a document with the seal's certificate alone: bytes, signing, verifying."""
    found: list[Row] = []
    floors: tuple[float, ...] | None = None
    for kind in KINDS:
        sealing = make_sealing(kind)
        frame = cms.prepare(make_seal(sealing.seal.signer, x509_chain=[sealing.own.der]))
        digest = hashlib.new(frame.hash, b"document").digest()
        made = frame.sign(digest).encode()
        read = signeddata.read_signature(made)
        assert verification.signed_by(read, read.signer, least_rsa_bits=MIN_RSA_BITS)
        figures = (
            float(len(made)),
            per_item_us(lambda _, f=frame, d=digest: f.sign(d).encode(), range(COUNT)),  # type: ignore[misc]
            per_item_us(
                lambda _, r=read: verification.signed_by(r, r.signer, least_rsa_bits=MIN_RSA_BITS),  # type: ignore[misc]
                range(COUNT),
            ),
        )
        floors = floors or figures
        for what, unit, figure, floor in zip(
            ("bytes", "sign", "verify"), ("bytes", "us", "us"), figures, floors, strict=True
        ):
            found.append(row(f"seal of {kind}: {what}, against P-256's", figure, unit, floor))
    return found
