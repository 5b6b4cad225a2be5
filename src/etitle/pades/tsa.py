"""Time-stamps fetched from an authority (RFC 3161 over HTTP): the one place that opens connections.

It does so only for a ``TsaClient`` that the caller made and passed on.  What comes back is checked
before it goes into a document: that it speaks of these bytes and answers this request, that its
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

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from etitle import der
from etitle.errors import DecodeError, IssueError
from etitle.keys.spki import tlv
from etitle.keys.x509 import check_issued
from etitle.pades import signeddata
from etitle.pades.cms import INTEGER, OCTETS, SEQUENCE, SHA256
from etitle.pades.timestamp import TST_INFO, is_tsa_x509, read_timestamp

if TYPE_CHECKING:
    from http.client import HTTPConnection

TIMEOUT_S: Final = 15.0
"""For a whole exchange, however slowly it trickles."""
MAX_REPLY_BYTES: Final = 1 << 16
MAX_DRIFT_S: Final = 86_400
"""Most between the time that a document claims and the time-stamp on it."""
SLACK_BYTES: Final = 64
"""A time-stamp differs from the last one by its serial number, fractions of seconds, signature."""
MAX_PATH: Final = 4
"""Certificates from a time-stamper's to its root, that included."""

_TRUE: Final = b"\x01\x01\xff"
_GRANTED: Final = (b"\x00", b"\x01")
"""Status granted, or granted with modifications (RFC 3161 §2.4.2)."""
_NONCE_BITS: Final = 63
_OK: Final = 200


class TsaClient:
    """A time-stamp authority: where to ask, and whose word to believe.

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
        """Room to leave for a time-stamp; the first time this asks for one, to see.

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
    imprint = tlv(SEQUENCE, SHA256, tlv(OCTETS, sha256(signature).digest()))
    return tlv(SEQUENCE, tlv(INTEGER, b"\x01"), imprint, _integer(nonce), _TRUE)


def _integer(number: int) -> bytes:
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


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
        info = signeddata.read_timestamp_cms(token, content_type=TST_INFO).content
        fields = der.children(info, der.node(info, 0, len(info)))
    except DecodeError:
        raise IssueError("sign.stamp_wrong", url=_shown(url)) from None
    if _integer(nonce) not in (info[one.at : one.end] for one in fields[5:]):
        raise IssueError("sign.stamp_wrong", url=_shown(url))
    if not is_trusted(timestamp.x509, timestamp.others, x509_roots=x509_roots, at_s=timestamp.at_s):
        raise IssueError("sign.stamp_untrusted", url=_shown(url))
    return timestamp.at_s


def is_trusted(
    certificate: bytes, others: Sequence[bytes], *, x509_roots: Sequence[bytes], at_s: int
) -> bool:
    """Whether a certificate is a time-stamper's, below one of the roots, and all valid then.

    Args:
        certificate: DER of the time-stamper's.
        others: DER of what came with it, to find the way by.
        x509_roots: DER of the roots that are believed.
        at_s: seconds since 1970 UTC.
    """
    if not is_tsa_x509(certificate):
        return False
    try:
        current = x509.load_der_x509_certificate(certificate)
        roots = [x509.load_der_x509_certificate(one) for one in x509_roots]
        above = [x509.load_der_x509_certificate(one) for one in others]
        for below in range(MAX_PATH):
            if not _in_force(current, at_s):
                return False
            if current in roots:
                return below > 0
            current = next(
                one
                for one in (*roots, *above)
                if one.subject == current.issuer and _issued(one, current, below)
            )
    except Exception:  # noqa: BLE001  # a stranger's certificates: errors and warnings of any kind
        return False
    return False


def _in_force(one: x509.Certificate, at_s: int) -> bool:
    return one.not_valid_before_utc.timestamp() <= at_s <= one.not_valid_after_utc.timestamp()


def _issued(issuer: x509.Certificate, subject: x509.Certificate, below: int) -> bool:
    """Whether a CA signed a certificate that has so many CAs below it."""
    basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    if not basic.ca or not usage.key_cert_sign:
        return False
    if basic.path_length is not None and basic.path_length < below:
        return False
    try:
        check_issued(subject, issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


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
            good = reply.status == _OK and kind == "application/timestamp-reply"
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
        # What stands there may be a password: it is not shown.
        raise IssueError("sign.stamp_url")
    return kind(host, port, timeout=timeout_s), target


def _hang_up(connection: HTTPConnection) -> None:
    import socket  # noqa: PLC0415  # as in _post

    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
