"""Time-stamps fetched from an authority (RFC 3161 over HTTP): the one place that opens connections.

It does so only for a ``TsaClient`` that the caller made and passed on.  What comes back is checked
before it goes into a document: that it covers these bytes and answers this request, that its
certificate leads to a trusted root, and that its time is about now.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from etitle import der
from etitle.der import INTEGER, OCTETS, SEQUENCE, TRUE, tlv
from etitle.errors import DecodeError, IssueError
from etitle.keys.x509 import is_trusted_tsa
from etitle.pades import signeddata
from etitle.pades.timestamp import read_timestamp

if TYPE_CHECKING:
    from http.client import HTTPConnection

TIMEOUT_S: Final = 15.0
"""For a whole exchange, however slowly it trickles."""
MAX_REPLY_BYTES: Final = 1 << 16
MAX_DRIFT_S: Final = 86_400
"""Most between the time that a document claims and the time-stamp on it."""
SLACK_BYTES: Final = 64
"""A time-stamp differs from the last one by its serial number, fractions of seconds, signature."""

_GRANTED: Final = (b"\x00", b"\x01")
"""Status granted, or granted with modifications (RFC 3161 §2.4.2)."""
_NONCE_BITS: Final = 63
_HTTP_OK: Final = 200


class TsaClient:
    """A time-stamp authority: its address and the roots to trust.

    Attributes:
        url: ``http:`` or ``https:``; no name or password in it.
        x509_roots: DER certificates; a time-stamp must come from one of them.
        timeout_s: for each exchange.

    It remembers how long its time-stamps are, so that documents leave that much room.
    """

    __slots__ = ("_room_bytes", "timeout_s", "url", "x509_roots")

    def __init__(
        self, url: str, *, x509_roots: Sequence[bytes], timeout_s: float = TIMEOUT_S
    ) -> None:
        self.url = url
        self.x509_roots = tuple(x509_roots)
        self.timeout_s = timeout_s
        self._room_bytes = 0

    def room_bytes(self) -> int:
        """Room to leave for a time-stamp; the first call requests one to find out.

        Raises:
            IssueError: as ``timestamp``.
        """
        if not self._room_bytes:
            self._fetch(secrets.token_bytes(32))
        return self._room_bytes

    def timestamp(self, signature: bytes, *, near_s: int) -> bytes:
        """Fetch and check a time-stamp.

        Args:
            signature: what it shall speak of: the value of a signature, or what a document
                time-stamp covers of its file.
            near_s: about when it is now, seconds since 1970 UTC.

        Returns:
            The time-stamp token, DER.

        Raises:
            IssueError: ``sign.stamp_url``, ``sign.stamp_unreachable``, ``sign.stamp_refused``,
                ``sign.stamp_wrong``, ``sign.stamp_untrusted`` or ``sign.stamp_time``.
        """
        token, at_s = self._fetch(signature)
        if abs(at_s - near_s) > MAX_DRIFT_S:
            raise IssueError("sign.stamp_time", url=_shown(self.url), count=abs(at_s - near_s))
        return token

    def _fetch(self, signature: bytes) -> tuple[bytes, int]:
        nonce = secrets.randbits(_NONCE_BITS)
        reply = _post(self.url, request(signature, nonce), self.timeout_s)
        try:
            token = read_reply(reply)
        except DecodeError:
            raise IssueError("sign.stamp_wrong", url=_shown(self.url)) from None
        if token is None:
            raise IssueError("sign.stamp_refused", url=_shown(self.url))
        at_s = check(token, signature, nonce=nonce, x509_roots=self.x509_roots, url=self.url)
        self._room_bytes = max(self._room_bytes, len(token) + SLACK_BYTES)
        return token, at_s


def request(signature: bytes, nonce: int) -> bytes:
    """A request for a time-stamp, with the certificate (RFC 3161 §2.4.1), DER."""
    imprint = tlv(SEQUENCE, tlv(SEQUENCE, der.SHA256), tlv(OCTETS, sha256(signature).digest()))
    return tlv(SEQUENCE, tlv(INTEGER, b"\x01"), imprint, der.integer(nonce), TRUE)


def read_reply(reply: bytes) -> bytes | None:
    """The token within a reply (RFC 3161 §2.4.2); None where it was refused.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    outer = der.node(reply, 0, len(reply))
    parts = der.children(reply, outer)
    if outer.tag != SEQUENCE or outer.end != len(reply) or not parts:
        raise DecodeError("document.cms_malformed", what="reply")
    status = der.children(reply, parts[0])
    der.expect(status[:1], INTEGER)
    if reply[status[0].body : status[0].end] not in _GRANTED:
        return None
    der.expect(parts[1:], SEQUENCE)
    return reply[parts[1].at : parts[1].end]


def check(
    token: bytes, signature: bytes, *, nonce: int, x509_roots: Sequence[bytes], url: str
) -> int:
    """Check a fresh time-stamp.

    Returns:
        Its time, seconds since 1970 UTC.

    Raises:
        IssueError: ``sign.stamp_wrong`` or ``sign.stamp_untrusted``.
    """
    try:
        timestamp = read_timestamp(token, signature)
        info = signeddata.read_timestamp_cms(token).content
        fields = der.children(info, der.node(info, 0, len(info)))
    except DecodeError:
        raise IssueError("sign.stamp_wrong", url=_shown(url)) from None
    if der.integer(nonce) not in (der.whole(info, field) for field in fields[5:]):
        raise IssueError("sign.stamp_wrong", url=_shown(url))
    if not is_trusted_tsa(
        timestamp.x509, timestamp.others, x509_roots=x509_roots, at_s=timestamp.at_s
    ):
        raise IssueError("sign.stamp_untrusted", url=_shown(url))
    return timestamp.at_s


def _post(url: str, body: bytes, timeout_s: float) -> bytes:
    import http.client  # noqa: PLC0415  # slow to load, and only time-stamps need it

    connection, target = _connection(url, timeout_s)
    # Each read has its time-out; this one ends all of them together.
    end_s = time.monotonic() + timeout_s
    watch = threading.Timer(timeout_s, _hang_up, (connection,))
    watch.daemon = True
    watch.start()
    headers = {"Content-Type": "application/timestamp-query", "Connection": "close"}
    try:
        connection.connect()
        # Were the watch over by now, it would have had nothing to hang up.
        if time.monotonic() >= end_s:
            raise TimeoutError  # ends like every other time-out
        connection.request("POST", target, body, headers)
        with connection.getresponse() as reply:
            kind = (reply.getheader("Content-Type") or "").partition(";")[0].strip().lower()
            good = reply.status == _HTTP_OK and kind == "application/timestamp-reply"
            data = reply.read(MAX_REPLY_BYTES + 1)
            whole = reply.length in {None, 0}
    except (OSError, http.client.HTTPException, ValueError):
        raise IssueError("sign.stamp_unreachable", url=_shown(url)) from None
    finally:
        watch.cancel()
        connection.close()
    if not good:
        raise IssueError("sign.stamp_refused", url=_shown(url))
    if len(data) > MAX_REPLY_BYTES or not whole:
        raise IssueError("sign.stamp_wrong", url=_shown(url))
    return data


def _shown(url: str) -> str:
    """A URL without its path and query, which may hold a key to the service."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _connection(url: str, timeout_s: float) -> tuple[HTTPConnection, str]:
    import http.client  # noqa: PLC0415  # as in _post

    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    try:
        parts = urlsplit(url)
        host, port, kind = parts.hostname, parts.port, kinds.get(parts.scheme)
    except ValueError:
        raise IssueError("sign.stamp_url") from None
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    if kind is None or not host or "@" in parts.netloc or not target.isascii() or " " in target:
        # It may contain a password: it is not shown.
        raise IssueError("sign.stamp_url")
    return kind(host, port, timeout=timeout_s), target


def _hang_up(connection: HTTPConnection) -> None:
    import socket  # noqa: PLC0415  # as in _post

    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
