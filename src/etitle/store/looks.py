"""What a file looks like that is no published file: what a person fetched in its place."""

from __future__ import annotations

import re
from typing import Final

_HEAD_BYTES: Final = 1 << 16

_MARKS: Final = (
    (b"\x89PNG", "store.looks_picture"),
    (b"\xff\xd8\xff", "store.looks_picture"),
    (b"GIF8", "store.looks_picture"),
    (b"BM", "store.looks_picture"),
    (b"%PDF-", "store.looks_pdf"),
    (b"PK\x03\x04", "store.looks_archive"),
    (b"PK\x05\x06", "store.looks_archive"),
    (b"\x1f\x8b", "store.looks_archive"),
    (b"Rar!", "store.looks_archive"),
    (b"7z\xbc\xaf", "store.looks_archive"),
    (b"version https://git-lfs", "store.looks_pointer"),
    (b"\xd2", "store.looks_damaged"),
    (b"\xd8\x62", "store.looks_damaged"),
)
"""First bytes; the last two are those of the files that an authority publishes."""
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|script)[\s>]", re.IGNORECASE)
_LOGIN: Final = re.compile(
    rb"type\s*=\s*[\"']?password|log.?in|sign.?in|passport|captive|"
    + "登录|登陆|密码|统一身份认证|上网认证".encode(),
    re.IGNORECASE,
)


def looks_like(data: bytes) -> str:
    r"""The code that says what a file looks like.

    >>> looks_like(b""), looks_like(b"<html><input type=password>")
    ('store.looks_empty', 'store.looks_login')
    """
    head = data[:_HEAD_BYTES]
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return "store.looks_empty"
    for mark, code in _MARKS:
        if head.startswith(mark):
            return code
    if _HTML.search(head):
        return "store.looks_login" if _LOGIN.search(head) else "store.looks_page"
    # No text holds NUL, and the bytes of UTF-8 and of GB 18030 are never these alone.
    return "store.looks_other" if b"\0" in head else "store.looks_text"
