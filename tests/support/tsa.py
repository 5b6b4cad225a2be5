"""A time-stamp authority of the test run's own: ``openssl ts`` behind a loopback server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support.x509 import Maker

from etitle.pades.tsa import TsaClient

SETTINGS = """
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/chain.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""

Reply = tuple[int, str, bytes]
"""Status, content type, body."""


@dataclass
class Authority:
    """Certificates and settings of a time-stamp authority.

    ``change`` may take a reply in hand before it is sent.
    """

    folder: Path
    root: Maker
    own: Maker
    change: Callable[[Reply], Reply] = field(default=lambda reply: reply)
    url: str = ""
    asked: int = 0

    def tsa(self, **changes: object) -> TsaClient:
        return TsaClient(**{"url": self.url, "x509_roots": [self.root.der], **changes})  # type: ignore[arg-type]

    def answer(self, query: bytes) -> Reply:
        """What openssl says to a request."""
        self.asked += 1
        (self.folder / "query").write_bytes(query)
        subprocess.run(  # noqa: S603  # a test tool
            [shutil.which("openssl") or "", "ts", "-reply", "-config", "tsa.cnf", "-queryfile",
             "query", "-out", "reply"],
            check=True, capture_output=True, cwd=self.folder,
        )  # fmt: skip
        return 200, "application/timestamp-reply", (self.folder / "reply").read_bytes()


def make_authority(
    folder: Path, *, own: Maker | None = None, root: Maker | None = None
) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    root = root or Maker.root("样例时间戳根")
    own = own or root.ca("样例时间戳中间").leaf("样例时间戳", timestamps=True)
    chain: list[Maker] = []
    above = own.issuer
    while above is not None and above.issuer is not None:  # the root is not sent
        chain.append(above)
        above = above.issuer
    (folder / "tsa.pem").write_bytes(own.pem)
    (folder / "tsa.key").write_bytes(own.key_pem)
    (folder / "chain.pem").write_bytes(b"".join(one.pem for one in chain))
    (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder))
    (folder / "serial").write_text("01\n")
    return Authority(folder, root, own)


@contextmanager
def serving(authority: Authority) -> Generator[Authority]:
    """Let it answer on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, body = authority.change(authority.answer(query))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/stamp?a=b"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
