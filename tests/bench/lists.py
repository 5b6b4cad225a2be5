"""Revocation lists of ten million certificates, 1 % not valid, against their floors."""

from __future__ import annotations

import datetime
import math
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.bench.measure import Row, pair_us, per_item_us, row

from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.trust.delta import apply_delta, make_delta, open_delta, sign_delta
from etitle.trust.published import ListKey
from etitle.trust.status import FIRST_STATUS_DAY, StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList, open_list, sign_list

COVERAGE = 10_000_000
NOT_VALID = 100_000
CHANGED = 200
DAYS = 5 * 365 + 1
"""Days of change are uniform over five years."""
LAST_WEEK = 7
"""Days of change of a delta."""
SHARES = {
    StatusKind.SUPERSEDED: 0.60,
    StatusKind.VOIDED: 0.25,
    StatusKind.WITHDRAWN: 0.08,
    StatusKind.CANCELLED: 0.04,
    StatusKind.SUSPENDED: 0.03,
}
LOOK_UPS = 20_000
PASSES = 7
CRL_ENTRIES = 100_000
AUTHORITY = "sample"
KEY = generate(ES256)


def rows() -> list[Row]:
    """Sizes, times and memory; the floors are entropies or the bare work, in the same run."""
    draw = random.Random(1)
    indices = draw.sample(range(COVERAGE), NOT_VALID)
    entries = {index: _entry(draw, FIRST_STATUS_DAY, DAYS) for index in indices}
    base = _listed(entries)
    data = sign_list(base, signer=KEY)
    named = {
        index: entry._replace(successor=str(draw.randrange(10**15, 10**16)))
        if entry.kind is StatusKind.SUPERSEDED
        else entry
        for index, entry in entries.items()
    }
    full = sign_list(_listed(named), signer=KEY)
    floor = _entropy_bytes(COVERAGE, NOT_VALID, DAYS)
    bare = _bare_ms(base.table)
    return [
        row("list of 10 M, 1 % not valid: bytes, against the joint entropy",
            len(data), "bytes", floor),
        row("list of 10 M: signing", _best_ms(lambda: sign_list(base, signer=KEY), 1), "ms"),
        row("list of 10 M: opening, against inflating and hashing alone",
            _best_ms(lambda: _open(data)), "ms", bare),
        row("list of 10 M with 60,000 successors: bytes", len(full), "bytes"),
        row("list of 10 M with 60,000 successors: opening", _best_ms(lambda: _open(full)), "ms"),
        row("list of 10 M: resident", _resident_mb(data), "MB", len(base.table.bits) / 1e6),
        row("list of 10 M with 60,000 successors: resident", _resident_mb(full), "MB"),
        *_look_ups(base.table, _listed(named).table, indices, draw),
        *_deltas(base, draw),
        _crl(len(data), draw),
    ]  # fmt: skip


def _entry(draw: random.Random, first: int, days: int) -> StatusEntry:
    kind = draw.choices(list(SHARES), list(SHARES.values()))[0]
    return StatusEntry(kind, first + draw.randrange(days))


def _listed(entries: dict[int, StatusEntry]) -> StatusList:
    table = StatusTable.from_entries(list_id=1, epoch=0, coverage=COVERAGE, entries=entries)
    return StatusList(
        authority_id=AUTHORITY,
        table=table,
        sequence=1,
        previous=None,
        issued_s=1_790_000_000,
        expires_s=1_790_604_800,
        ttl_s=86_400,
        uri="https://sample.example/lists/1",
    )


def _keys(_kid: bytes) -> list[ListKey]:
    return [ListKey(KEY.public)]


def _open(data: bytes) -> StatusList:
    return open_list(data, authority_id=AUTHORITY, keys=_keys)


def _entropy_bytes(coverage: int, count: int, days: int) -> float:
    """Positions, kinds and days, each at its entropy."""
    positions = (
        math.lgamma(coverage + 1) - math.lgamma(count + 1) - math.lgamma(coverage - count + 1)
    )
    kinds = -sum(share * math.log2(share) for share in SHARES.values())
    return (positions / math.log(2) + count * (kinds + math.log2(days))) / 8


def _best_ms(work: Callable[[], object], passes: int = PASSES) -> float:
    best = math.inf
    for _ in range(passes):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def _bare_ms(table: StatusTable) -> float:
    packed = zlib.compress(table.bits, 9)
    return _best_ms(lambda: sha256(zlib.decompress(packed)).digest())


def _resident_mb(data: bytes) -> float:
    """What an open list keeps allocated; the signed bytes themselves are not kept."""
    tracemalloc.start()
    opened = _open(data)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del opened
    return size / 1e6


def _look_ups(
    table: StatusTable, named: StatusTable, indices: list[int], draw: random.Random
) -> list[Row]:
    bits = table.bits
    anywhere = [draw.randrange(COVERAGE) for _ in range(LOOK_UPS)]
    not_valid = draw.sample(indices, LOOK_UPS)
    superseded = [i for i in not_valid if table.look_up(i).kind is StatusKind.SUPERSEDED]

    def status(index: int) -> int:
        return bits[index >> 2] >> ((index & 3) << 1) & 3

    one, plain = pair_us(table.look_up, status, anywhere)
    other, again = pair_us(table.look_up, status, not_valid)
    return [
        row("look-up of any index, against its two bits alone", one, "us", plain),
        row("look-up of one not valid, kind and day, against its two bits alone",
            other, "us", again),
        row("look-up of one superseded, with its successor",
            per_item_us(named.look_up, superseded), "us"),
    ]  # fmt: skip


def _deltas(base: StatusList, draw: random.Random) -> list[Row]:
    found: list[Row] = []
    for days, when in ((LAST_WEEK, "of one week"), (1, "of one day")):
        changes: dict[int, StatusEntry] = {}
        while len(changes) < CHANGED:
            index = draw.randrange(COVERAGE)
            if base.table.look_up(index).kind is StatusKind.VALID:
                changes[index] = _entry(draw, FIRST_STATUS_DAY + DAYS, days)
        new = replace(
            base,
            table=base.table.changed(changes, coverage=COVERAGE),
            sequence=2,
            previous=base.table.state_hash(),
        )
        data = sign_delta(make_delta(base, new), signer=KEY)
        floor = _entropy_bytes(COVERAGE, CHANGED, days) + ES256.signature_bytes
        found.append(
            row(f"delta of {CHANGED} in 10 M, {when}: bytes, against entropy and signature",
                len(data), "bytes", floor)
        )  # fmt: skip
        opened = open_delta(data, authority_id=AUTHORITY, keys=_keys)
    bare = _bare_ms(base.table)
    return [
        *found,
        row("delta: making", _best_ms(lambda: make_delta(base, new)), "ms"),
        row("delta: opening",
            _best_ms(lambda: open_delta(data, authority_id=AUTHORITY, keys=_keys)), "ms"),
        row("delta: applying, against inflating and hashing a list alone",
            _best_ms(lambda: apply_delta(base, opened)), "ms", bare),
    ]  # fmt: skip


def _crl(list_bytes: int, draw: random.Random) -> Row:
    """An X.509 CRL of as many serial numbers of 8 bytes, with day and reason."""
    serials = draw.sample(range(1 << 62, 1 << 63), CRL_ENTRIES)
    now = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sample")]))
        .last_update(now)
        .next_update(now + datetime.timedelta(days=7))
    )
    reason = x509.CRLReason(x509.ReasonFlags.superseded)
    revoked = [
        x509.RevokedCertificateBuilder()
        .serial_number(serial)
        .revocation_date(now - datetime.timedelta(days=draw.randrange(DAYS)))
        .add_extension(reason, critical=False)
        .build()
        for serial in serials
    ]
    # The builder copies its list for each entry that it is given: hand them over at once.
    builder._revoked_certificates = revoked
    crl = builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    der = crl.public_bytes(Encoding.DER)
    return row(
        "list of 10 M: bytes, against an X.509 CRL of 100,000 with day and reason",
        list_bytes, "bytes", len(der),
    )  # fmt: skip
