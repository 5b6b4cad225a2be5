"""Measures the sizes that the decisions in docs/adr quote: ``.venv/bin/python tools/sizes.py``.

One example certificate in several designs, and one list of ten million certificates.
"""

from __future__ import annotations

import base64
import datetime
import json
import zlib
from typing import Final, Literal, TypeAlias

import numpy as np
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.token import frame

URL = b"https://v.example.gov.cn/v#"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
Mode: TypeAlias = Literal[1, 2, 4]
NUMERIC: Final = 1
ALPHANUMERIC: Final = 2
BYTE: Final = 4
"""Modes of a QR segment (ISO/IEC 18004)."""

CERTIFICATES = 10_000_000
REVOKED = CERTIFICATES // 100

EXAMPLE = Certificate(
    number="4500992026000123",
    name="样例一",
    sex=Sex.FEMALE,
    identity=Identity(DocumentKind.CN_RESIDENT, "45************1226", bytes(range(16))),
    series="工程技术人员",
    title="高级工程师",
    specialty="建筑工程",
    qualified=PartialDate(2025, 12, 20),
    issued=datetime.date(2026, 1, 8),
    review_body="样例省工程系列高级职称评审委员会",
    issuing_body="样例省人力资源和社会保障厅",
    url=None,
    level=Level.ASSOCIATE_SENIOR,
    source=Source.REVIEW,
    body_level=BodyLevel.REGION,
    approving_body="样例省人力资源和社会保障厅",
    approval_document="样人社职〔2025〕12号",
    version=1,
    supersedes=None,
    list_id=1,
    index=123456,
)

AS_TEXT = {
    "证号": EXAMPLE.number,
    "姓名": EXAMPLE.name,
    "性别": "女",
    "身份证号": "45************1226",
    "核验": bytes(range(16)).hex(),
    "职称系列": EXAMPLE.series,
    "职称名称": EXAMPLE.title,
    "专业名称": EXAMPLE.specialty,
    "取得资格时间": "2025-12-20",
    "发证日期": "2026-01-08",
    "评审机构": EXAMPLE.review_body,
    "发证机关": EXAMPLE.issuing_body,
    "证书网址": "https://v.example.gov.cn/c/4500992026000123",
    "level": 2,
    "source": 1,
    "body_level": 1,
    "approval": EXAMPLE.approval_document,
    "list": 1,
    "index": 123456,
}


def base45(data: bytes) -> str:
    """RFC 9285."""
    text = ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text += ALPHABET[digit]
    return text


def version(*segments: tuple[bytes, Mode]) -> int:
    """The smallest QR version that holds the segments at error correction M."""
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    for data, mode in segments:
        symbol.add_data(QRData(data, mode=mode))
    return int(symbol.best_fit(start=1))


def base64url(data: bytes) -> bytes:
    """RFC 4648 §5 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def compare_tokens() -> None:
    """One certificate, signed in several ways."""
    signer = generate(ES256)
    as_json = json.dumps(AS_TEXT, ensure_ascii=False, separators=(",", ":")).encode()
    own = payload.encode(EXAMPLE)
    token = frame.sign(EXAMPLE, signer=signer, authority_id="sample")
    framed = frame.pack(token)
    textual = cose.sign1(canon.encode(AS_TEXT), signer=signer).to_bytes()
    jwt = b".".join((base64url(b'{"alg":"ES256","kid":"aabbccdd"}'), base64url(as_json), b"s" * 86))
    numeric = str(int.from_bytes(b"\x01" + framed, "big")).encode()
    print("one certificate, bytes (QR version at M in a URL)")
    print(f"  JSON Web Token: {len(jwt)} ({version((URL + jwt, BYTE))})")
    print(f"  COSE, text keys and values: {len(textual)}")
    print(f"  COSE, canonical payload of {len(own)} bytes: {len(token.to_bytes())}")
    in_decimals = version((URL, BYTE), (numeric, NUMERIC))
    print(f"  frame with dictionary: {len(framed)} ({in_decimals})")
    print(f"    the same frame, base64url: ({version((URL + base64url(framed), BYTE))})")
    in_base45 = b"ZC1:" + base45(framed).encode()
    print(f"    without URL, base 45: ({version((in_base45, ALPHANUMERIC))})")
    print(f"    without URL, raw bytes: ({version((framed, BYTE))})")


def compare_lists() -> None:
    """Ten million certificates, one in a hundred revoked at random, seed 1."""
    random = np.random.default_rng(1)
    places = np.sort(random.choice(CERTIFICATES, REVOKED, replace=False))
    shares = np.array([0.30, 0.08, 0.08, 0.04, 0.50])  # voided, withdrawn, cancelled, suspended, …
    kinds = random.choice([1, 2, 3, 5, 6], REVOKED, p=shares).astype(np.uint8)
    statuses = np.zeros(CERTIFICATES, np.uint8)
    statuses[places] = np.array([0, 1, 1, 1, 1, 2, 3], np.uint8)[kinds]
    quads = statuses.reshape(-1, 4) << np.array([0, 2, 4, 6], np.uint8)
    packed = zlib.compress(np.bitwise_or.reduce(quads, axis=1).tobytes(), 9)
    days = random.integers(0, 2400, REVOKED)
    low, high = (days & 255).astype(np.uint8), (days >> 8).astype(np.uint8)
    columns = zlib.compress(kinds.tobytes() + low.tobytes() + high.tobytes(), 9)
    share = REVOKED / CERTIFICATES
    entropy = -(share * np.log2(share) + (1 - share) * np.log2(1 - share)) * CERTIFICATES
    known = REVOKED * (-(shares * np.log2(shares)).sum() + np.log2(2400))
    print(f"{CERTIFICATES:,} certificates, {REVOKED:,} revoked, bytes")
    print(f"  hashes of 16 bytes: {16 * REVOKED:,}")
    print(f"  status list: {len(packed):,} (entropy {entropy / 8:,.0f})")
    print(f"  status list, kinds and days: {len(packed) + len(columns):,}", end=" ")
    print(f"(entropy {(entropy + known) / 8:,.0f})")


if __name__ == "__main__":
    compare_tokens()
    compare_lists()
