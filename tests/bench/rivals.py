"""The same certificates written as other systems write theirs, to hold our sizes against.

EU DCC ((EU) 2021/1073, annex I): CBOR with text keys in COSE_Sign1, zlib, base 45, alphanumeric.
SMART Health Cards (framework 1.4): minified JSON, raw DEFLATE, compact JWS, digit pairs, numeric.
Both carry just our fields under their English names: no claims or containers of their own beyond
what their formats demand, so the comparison flatters them.
"""

from __future__ import annotations

import base64
import json
import statistics
import zlib
from collections.abc import Sequence

import cbor2
import qrcode
from qrcode.util import QRData
from tests.bench.measure import Row, row
from tests.support.authority import World

from etitle.certificate.model import Certificate
from etitle.report.rows import as_json
from etitle.token import draw, text

_SIGNATURE = bytes(range(64, 128))
"""Stands for 64 bytes that do not compress; nothing of it is measured but its length."""


def rows(population: Sequence[Certificate], world: World, *, base: str) -> list[Row]:
    """Mean QR version at M of our codes against each of theirs."""
    ours = statistics.mean(
        draw.qr_version(text.to_url(world.frame(c), base=base)) for c in population
    )
    dcc = statistics.mean(map(_dcc_version, population))
    shc = statistics.mean(map(_shc_version, population))
    return [
        row("QR version at M, mean, against the EU DCC's way", ours, "", dcc),
        row("QR version at M, mean, against SMART Health Cards' way", ours, "", shc),
    ]


def _fields(certificate: Certificate) -> dict[str, object]:
    fields = {k: v for k, v in as_json(certificate, url="").items() if v is not None}
    identity = certificate.identity
    if identity is not None and identity.commitment is not None:
        fields["commitment"] = base64.urlsafe_b64encode(identity.commitment).decode().rstrip("=")
    return fields


def _dcc_version(certificate: Certificate) -> int:
    claims = {1: "XX", 4: 1_900_000_000, 6: 1_800_000_000, -260: {1: _fields(certificate)}}
    protected = cbor2.dumps({1: -7, 4: bytes(8)})
    cose = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, cbor2.dumps(claims), _SIGNATURE]))
    code = "HC1:" + text.to_base45(zlib.compress(cose, 9)).removeprefix("ZC1:")
    return _version(QRData(code))


def _shc_version(certificate: Certificate) -> int:
    header = {"zip": "DEF", "alg": "ES256", "kid": "A" * 43}
    claims = {"iss": "https://zc.sample.work", "nbf": 1_800_000_000, "vc": _fields(certificate)}
    body = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = deflater.compress(body) + deflater.flush()
    parts = (json.dumps(header, separators=(",", ":")).encode(), deflated, _SIGNATURE)
    jws = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    digits = "".join(f"{ord(character) - 45:02}" for character in jws)
    return _version(QRData("shc:/"), QRData(digits))


def _version(*segments: QRData) -> int:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    for segment in segments:
        code.add_data(segment)
    return int(code.best_fit())
