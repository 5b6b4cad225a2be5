"""Sizes and times of the document suites: ``python -m tests.bench.suites``."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable

from tests.forge import public_of
from tests.sealing import KINDS, make_sealing

from etitle import canon
from etitle.keys.document import MIN_RSA_BITS
from etitle.keys.seal import make_seal
from etitle.pdf import cms, envelope, proof

TRIES = 300


def best_us(act: Callable[[], object]) -> int:
    """CPU of the quickest of many runs."""
    times = []
    for _ in range(TRIES):
        start_s = time.process_time()
        act()
        times.append(time.process_time() - start_s)
    return round(min(times) * 1e6)


def line(kind: str) -> str:
    sealing = make_sealing(kind)
    frame = cms.prepare(make_seal(sealing.seal.signer, x509_chain=[sealing.own.der]))
    digest = hashlib.new(frame.hash, b"document").digest()
    made = frame.sign(digest).encode()
    read = envelope.read_signature(made)
    assert proof.signed_by(read, read.signer, least_rsa_bits=MIN_RSA_BITS)
    sign_us = best_us(lambda: frame.sign(digest).encode())
    verify_us = best_us(lambda: proof.signed_by(read, read.signer, least_rsa_bits=MIN_RSA_BITS))
    key = len(canon.encode(public_of(sealing.own.key).to_cose()))
    return (
        f"{kind}: key {key}, certificate {len(sealing.own.der)}, CMS {len(made)} bytes; "
        f"sign {sign_us}, verify {verify_us} us"
    )


if __name__ == "__main__":
    for each in KINDS:
        sys.stdout.write(line(each) + "\n")
