"""Sizes of tokens and codes; the cost of signing and verifying against bare ES256."""

from __future__ import annotations

import datetime
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from tests.bench.measure import Row, pair_us, row
from tests.support.authority import AT, AT_S, World, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.certificate import payload
from etitle.certificate.commitment import commit
from etitle.certificate.identity import DocumentKind
from etitle.store.local import Store
from etitle.token import draw, frame, text
from etitle.trust.roots import sign_bundle
from etitle.trust.statuslist import sign_list
from etitle.verify.question import Question
from etitle.verify.token import verify_token

if TYPE_CHECKING:
    from etitle.cose import Sign1

COUNT = 1000
BASE = "https://zc.sample.work"
"""With ``/v#`` the 25-character URL of the goal."""


def rows() -> list[Row]:
    """Every figure of this module."""
    population = certificates(COUNT)
    world = make_world(population)
    tokens = [world.token(one) for one in population]
    return [*_sizes(tokens), *_costs(world), *_cold_start(world)]


def _sizes(tokens: list[Sign1]) -> list[Row]:
    """Frames and symbols against the same tokens as plain COSE_Sign1, in the same code text."""
    frames = [frame.pack(token) for token in tokens]
    plain = [token.to_bytes() for token in tokens]
    sizes, plain_sizes = [*map(len, frames)], [*map(len, plain)]
    versions = [draw.qr_version(text.to_url(one, base=BASE)) for one in frames]
    plain_versions = [draw.qr_version(text.to_url(one, base=BASE)) for one in plain]
    mean = statistics.mean
    return [
        row("token bytes, mean, against plain COSE_Sign1", mean(sizes), "bytes", mean(plain_sizes)),
        row("token bytes, largest", max(sizes), "bytes", max(plain_sizes)),
        row("QR version at M, 25-character URL, mean", mean(versions), "", mean(plain_versions)),
        row("QR version at M, 25-character URL, largest", max(versions), "", max(plain_versions)),
    ]


def _costs(world: World) -> list[Row]:
    population = certificates(300)
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key()
    algorithm = ec.ECDSA(SHA256())
    question = Question(trust=world.trust, lists=world.lists, at=AT, policy=EXAMPLES)

    tokens = [world.token(one) for one in population]
    codes = [text.to_url(frame.pack(token), base=BASE) for token in tokens]
    bare = [(private.sign(signed, algorithm), signed) for signed in map(world.signed_part, tokens)]
    jobs = list(zip(codes, bare, population, strict=True))

    def verify(job: tuple[str, tuple[bytes, bytes], object]) -> object:
        return verify_token(job[0], question).summary

    def verify_bare(job: tuple[str, tuple[bytes, bytes], object]) -> object:
        return public.verify(job[1][0], job[1][1], algorithm)

    def issue(job: tuple[str, tuple[bytes, bytes], object]) -> object:
        return text.to_url(
            frame.pack(world.token(job[2])),  # type: ignore[arg-type]
            base=BASE,
        )

    def commit_and_issue(job: tuple[str, tuple[bytes, bytes], object]) -> object:
        commit(bytes(10), DocumentKind.CN_RESIDENT, "11010519491231002X", pepper=0)
        return issue(job)

    def sign_bare(job: tuple[str, tuple[bytes, bytes], object]) -> object:
        return private.sign(job[1][1], algorithm)

    verified, verified_bare = pair_us(verify, verify_bare, jobs)
    signed, signed_bare = pair_us(issue, sign_bare, jobs)
    committed, committed_bare = pair_us(commit_and_issue, sign_bare, jobs)
    decoded, decoded_reference = pair_us(
        lambda job: payload.decode(job.payload),
        lambda job: payload.decode_reference(job.payload),
        tokens,
    )
    return [
        row("verify: code text to verdict, against bare ES256", verified, "µs", verified_bare),
        row("sign: certificate to code text, against bare ES256", signed, "µs", signed_bare),
        row("sign: the same with its commitment", committed, "µs", committed_bare),
        row("payload decoding, against its reference", decoded, "µs", decoded_reference),
    ]


def _cold_start(world: World) -> list[Row]:
    with TemporaryDirectory() as folder:
        store = Path(folder, "trust")
        bundle = sign_bundle(world.bundle, signers=world.roots)
        from etitle.trust.bundle import fingerprint  # noqa: PLC0415

        Store.init(
            store,
            bundle,
            pin=fingerprint(world.bundle.roots),
            at=datetime.datetime.fromtimestamp(AT_S, datetime.UTC),
        )
        published = Path(folder, "published", "lists")
        published.mkdir(parents=True)
        published.joinpath("1.cwt").write_bytes(
            sign_list(world.status_list, signer=world.list_signer)
        )
        Store(store).update(
            published.parent, at=datetime.datetime.fromtimestamp(AT_S, datetime.UTC)
        )
        code = world.code(certificates(1)[0])
        command = [sys.executable, "-m", "etitle.cli.etitle_verify", "--trust", str(store), "--at",
                   AT.isoformat(), "--json", code]  # fmt: skip
        bare = [sys.executable, "-c", "pass"]
        took, took_bare = [], []
        for _ in range(9):
            took.append(_wall_ms(command))
            took_bare.append(_wall_ms(bare))
    return [
        row("cold start of etitle-verify, against bare Python", min(took), "ms", min(took_bare)),
    ]


def _wall_ms(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    took = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        raise RuntimeError(done.stdout.decode() + done.stderr.decode())
    return took
