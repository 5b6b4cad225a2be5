"""Files that are not as they were sealed, and what is said of them (clause 9.7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.vectors.make.papers import short_certificate
from tests.vectors.make.sheets import Sheet, hole_of, in_capitals

_DELIMITERS: Final = {
    "nul": b"\0", "tab": b"\t", "line-feed": b"\n", "form-feed": b"\f", "return": b"\r",
    "bracket": b"(", "bracket-closed": b")", "angle": b"<", "angle-closed": b">", "square": b"[",
    "square-closed": b"]", "curly": b"{", "curly-closed": b"}", "slash": b"/", "percent": b"%",
}  # fmt: skip
"""What ends a name, the space apart."""
_LAST: Final = 1024
"""Bytes at the end that are looked at."""


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every document of this file."""
    good = made["p256"]
    yield from _locked(good)
    yield from _ends(good)
    _, end = hole_of(good)
    for name, zh, en, reason, pdf in (
        ("capitals-behind", "十六进制全用大写，文件后多一个字符",
         "hexadecimal in capitals, and a letter behind", "saved_again", in_capitals(good) + b"x"),
        ("hole-shorter", "签名少 10 位，结尾还在", "ten digits less in the hole", "changed",
         good[: end - 20] + good[end - 10 :]),
        ("hole-earlier", "签名前少 10 字节、签名多 10 位，其后少 11 字节",
         "the hole begins ten bytes earlier and ends where it did, and the file is shorter",
         "changed",
         good[:40] + good[50 : end - 20] + b"0" * 10 + good[end - 20 : end] + good[end + 11 :]),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=("INVALID", f"byte_range.{reason}"), pdf=pdf)
    yield from _runs()


def _locked(good: bytes) -> Iterator[Sheet]:
    for name, end in _DELIMITERS.items():
        yield Sheet(
            name=f"password-{name}", zh=f"文件被加密：名称后接 U+{end[0]:04X}",
            en=f"a password set on it: U+{end[0]:04X} behind the name",
            expects=("INVALID", "byte_range.protected"),
            pdf=good.replace(b"/Root 1 0 R", b"/Encrypt" + end + b"/Root 1 0 R"),
        )  # fmt: skip
    for name, zh, en, reason, pdf in (
        ("password-at-end", "文件末尾是加密标记", "the name /Encrypt at the very end", "protected",
         good + b"/Encrypt"),
        ("password-longer", "更长的名称", "a longer name", "saved_again",
         good.replace(b"/Root 1 0 R", b"/EncryptMetadata /Root 1 0 R")),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=("INVALID", f"byte_range.{reason}"), pdf=pdf)


def _ends(good: bytes) -> Iterator[Sheet]:
    """Where the last ``%%EOF`` is."""
    behind = _LAST - len(b"%%EOF\n")
    for count, reason in ((behind, "saved_again"), (behind + 1, "cut_short")):
        yield Sheet(
            name=f"end-mark-{count + 6}", zh=f"结束标记距末尾 {count + 6} 字节",
            en=f"the mark of the end {count + 6} bytes before it",
            expects=("INVALID", f"byte_range.{reason}"), pdf=good + b"x" * count,
        )  # fmt: skip


def _runs() -> Iterator[Sheet]:
    """How many digits there must be for a certificate to be looked for."""
    digits = short_certificate("seal-short").hex().encode()
    for size, expects in (
        (512, ("INVALID", "byte_range.changed")),
        (
            511,
            ("INDETERMINATE", "byte_range.signature_unreadable", "signer_certificate.not_checked"),
        ),
    ):
        run = digits.ljust(size, b"0")
        yield Sheet(
            name=f"run-{size}", zh=f"印章证书在 {size} 位连续十六进制中",
            en=f"a seal's certificate in a run of {size} digits", expects=expects,
            world="sealed-lattice", pdf=b"%PDF-1.7\n/ByteRange\n" + run + b"\n%%EOF\n",
        )  # fmt: skip
