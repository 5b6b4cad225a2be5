"""Spellings of the byte range, and where a gap may be (clause 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.vectors.make.elements import VALID
from tests.vectors.make.sheets import Sheet, cms, page


def cases() -> Iterator[Sheet]:
    """Every document of this file."""
    bad = ("INVALID", "byte_range.changed")
    for place in range(3):
        for count, expects in ((10, VALID), (11, bad)):
            digits = [b"%d"] * 3
            digits[place] = b"%%0%dd" % count
            gaps = [b" "] * 3
            gaps[place] = b" " * count
            for what, zh, en, text in (
                ("digits", "位数字", "digits", b"[0 " + b" ".join(digits) + b"]"),
                ("spaces", "个空格", "spaces",
                 b"[0" + b"".join(gap + b"%d" for gap in gaps) + b"]"),
            ):  # fmt: skip
                yield Sheet(
                    name=f"byte-range-{what}-{place}-{count}",
                    zh=f"签名范围第 {place + 1} 个数有 {count} {zh}",
                    en=f"a byte range of {count} {en} at number {place + 1}",
                    expects=expects, pdf=page(byte_range=text).make(cms()),
                )  # fmt: skip
    for name, zh, en, text in (
        ("first", "签名范围不从 0 开始", "a byte range that begins with 1", b"[1 %d %d %d]"),
        ("before", "括号前有两个空格", "two spaces before the bracket", b" [0 %d %d %d]"),
        ("inside", "括号后有两个空格", "two spaces behind the bracket", b"[  0 %d %d %d]"),
        ("end", "括号前有两个空格（末尾）", "two spaces before the last bracket",
         b"[0 %d %d %d  ]"),
        ("glued", "第一个数紧接 0", "no space behind 0", b"[0%d %d %d]"),
    ):  # fmt: skip
        pdf = page(byte_range=text).make(cms())
        yield Sheet(name=f"byte-range-{name}", zh=zh, en=en, expects=bad, pdf=pdf)
    good = page(byte_range=b"[0 %d %d %10d]").make(cms())
    for name, zh, en, end in (
        ("two-numbers", "签名范围缺第三个数", "a byte range without its third number", b"]"),
        (
            "two-numbers-space",
            "签名范围缺第三个数，只有空格",
            "a byte range with a space for its third number",
            b" ]",
        ),
    ):
        found = re.search(rb" +[0-9]+\](?= */Contents)", good)
        assert found is not None
        without = good[: found.start()] + end.ljust(len(found[0])) + good[found.end() :]
        yield Sheet(
            name=f"byte-range-{name}", zh=zh, en=en, expects=bad,
            pdf=without,
        )  # fmt: skip
    yield Sheet(
        name="byte-range-again", zh="文件末尾还有一个签名范围", en="another byte range behind",
        expects=bad, pdf=page(trailer=b"/ByteRange 9 ").make(cms()),
    )  # fmt: skip
    yield from _short_ranges()


def _short_ranges() -> Iterator[Sheet]:
    """Numbers of one digit, in files that nobody signed: the gap is at the start or the end."""
    whole = ("INDETERMINATE", "byte_range.ok", "signer_certificate.seal_unknown")
    broken = ("INDETERMINATE", "byte_range.signature_unreadable", "signer_certificate.not_checked")
    end = b"\n%%EOF\n"
    for name, zh, en, expects, head, text, tail in (
        ("start", "空隙在第 1 字节", "a gap at offset 1", whole, b"\n", b"[0 %d %d %2d]", b""),
        ("start-glued", "空隙在第 1 字节，前两个数相连",
         "a gap at offset 1, two numbers without a space", broken, b"\n", b"[0 %d%d %3d]", b""),
        ("start-0", "空隙在第 0 字节", "a gap at offset 0", broken, b"", b"[0 %d %d %2d]", b""),
        ("last", "空隙之后只有 7 字节", "a gap with 7 bytes behind", whole, None, b"[0 %d %d %d]",
         end),
        ("last-glued", "空隙之后只有 7 字节，后两个数相连",
         "a gap with 7 bytes behind, two numbers without a space", broken, None, b"[0 %d %d%d]",
         end),
    ):  # fmt: skip
        place = b"/ByteRange " + text
        if head is None:
            size = len(b"%PDF-1.7\n/ByteRange [0 12 34 7]\n") - (name == "last-glued")
            pdf = b"%PDF-1.7\n" + place % (size, size + 2, len(tail)) + b"\n<>" + tail
        else:
            start = len(head)
            size = len(b"%PDF-1.7\n" + place % (start, start + 2, 10) + end)
            pdf = head + b"<>%PDF-1.7\n" + place % (start, start + 2, size) + end
        yield Sheet(
            name=f"byte-range-{name}", zh=f"签名范围：{zh}", en=f"a byte range: {en}",
            expects=expects, pdf=pdf,
        )  # fmt: skip
