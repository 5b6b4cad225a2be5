"""bundles.json, continued: each entry of a bundle of another type, at its bounds and beyond."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.forge import tlv
from tests.vectors.make.seals import certificate, certify, lattice_key, rsa_key, rsa_modulus
from tests.vectors.make.shop import KEYS, signer, signers
from tests.vectors.make.worlds import plain_bundle

from etitle import canon, cose
from etitle.trust.bundle import encode_bundle
from etitle.trust.roots import BUNDLE_TYP

Row = tuple[str, str, str, bytes, str]
Path = tuple[int, ...]
Changes = Mapping[Path, object]

_BAD: Final = "bundle.malformed"
_NEWER: Final = "bundle.version_unknown"
_LAST_S: Final = 253_370_764_799
_MOST: Final = (1 << 64) - 1
_DAYS: Final = (-25_567, 84_005)
_SM2_KEY: Final[dict[int, object]] = {1: 2, 3: -70_001, -1: -70_001, -2: b"\x11" * 32}
GONE: Final = object()


def each(*rows: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """A table whose entries are of any types."""
    return rows


def _small() -> dict[int, Any]:
    """A bundle of the plain roots with one key, one segment, one list, a scope and a contact."""
    tree: Any = canon.decode(encode_bundle(plain_bundle()), max_bytes=1 << 20)
    return {
        **tree,
        1: {1: "sample", 2: "样例省", 3: "Sample"},
        7: [{1: signer("token").public.to_cose(), 2: None, 3: [1, 2], 4: 18_262, 5: 19_000,
             6: [[1, 100]], 7: "章", 8: "1", 9: {1: ["甲"], 2: [1], 3: [2], 4: [0]}}],
        8: [{0: 0, 1: "45", 2: 4, 3: 0, 4: 9999, 5: "甲", 6: 1, 7: 18_262, 8: 19_000}],
        9: [{1: 1, 2: 0, 3: 1, 4: "https://a.example"}],
        10: "https://a.example/{number}",
        11: {1: "窗口", 2: "0", 3: "https://a.example/"},
    }  # fmt: skip


def put(node: Any, path: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401
    """A tree with the entry at a path replaced, or taken out."""
    if not path:
        return value
    first, *rest = path
    if isinstance(node, dict):
        held = put(node.get(first), tuple(rest), value)
        return {key: entry for key, entry in {**node, first: held}.items() if entry is not GONE}
    items = list(node)
    items[first] = put(items[first], tuple(rest), value)
    return items


def changed(changes: Changes, labels: tuple[str, ...] = ("root-1", "root-3")) -> bytes:
    """The small bundle with other entries, signed."""
    tree: Any = _small()
    for path, value in changes.items():
        tree = put(tree, path, value)
    if isinstance(tree, dict) and isinstance(tree.get(7), list):
        tree[7].sort(key=lambda one: canon.encode(one[1]) if _has_key(one) else b"")
    return cose.sign(canon.encode(tree), signers=signers(*labels), typ=BUNDLE_TYP).to_bytes()


def _has_key(one: object) -> bool:
    return isinstance(one, dict) and 1 in one


_Change = tuple[str, str, Changes, bool]
"""What is said of it in Chinese and English, what is changed, and whether it is believed."""


def _is(path: Path, what: str, value: object, *, good: bool = False, **also: Any) -> _Change:  # noqa: ANN401
    dotted = ".".join(map(str, path))
    return (
        f"项 {dotted} 为 {what}",
        f"entry {dotted} {what}",
        {path: value, **also.get("others", {})},
        good,
    )


def _number(
    path: Path, least: int, most: int = _MOST, *, null: bool = False, others: Changes | None = None
) -> Iterator[_Change]:
    """An integer of some bounds; ``others`` goes with its greatest value."""
    with_most = others or {}
    yield _is(path, str(least), least, good=True)
    yield _is(path, str(least - 1), least - 1)
    yield _is(path, str(most), most, good=True, others=with_most)
    if most < _MOST:
        yield _is(path, str(most + 1), most + 1, others=with_most)
    yield _is(path, "true", value=True)
    yield _is(path, "a text", "1")
    if null:
        yield _is(path, "null", None, good=True)
    else:
        yield _is(path, "null", None)


def _text(path: Path, *, least: int = 1) -> Iterator[_Change]:
    """A text of at most 200 characters."""
    yield _is(path, "of 200 characters", "样" * 200, good=True)
    yield _is(path, "of 201 characters", "样" * 201)
    yield _is(path, "of no characters", "", good=not least)
    yield _is(path, "beginning with white space", " 样")
    yield _is(path, "with a character of 2.2.1", "样\x7f")
    yield _is(path, "bytes", b"x")


def _others() -> Iterator[_Change]:
    """Arrays, maps and what has a rule of its own."""
    for path in each((1,), (6,), (7, 0), (7, 0, 1), (7, 0, 9), (8, 0), (9, 0), (11,)):
        yield _is(path, "an array", [])
        yield _is(path, "an integer", 5)
    for path in each((7,), (7, 0, 3), (7, 0, 6), (8,), (9,), *((7, 0, 9, n) for n in (1, 2, 3, 4))):
        yield _is(path, "a map", {})
        yield _is(path, "an integer", 5)
    for n in (1, 2, 3, 4):
        yield _is((7, 0, 9, n), "an empty array", [])
    for path in each(
        *((n,) for n in range(11)), *((1, n) for n in (1, 2, 3)),
        *((7, 0, n) for n in range(1, 9)), *((8, 0, n) for n in range(9)),
        *((9, 0, n) for n in (1, 2, 3, 4)), (11, 1),
    ):  # fmt: skip
        yield _is(path, "missing", GONE)
    for n in (2, 3):
        yield _is((11, n), "missing", GONE, good=True)
    yield _is((), "an array", [])
    yield _is((), "an integer", 5)
    yield _is((0,), "0", 0)
    yield _is((0,), "true", value=True)
    yield _is((0,), "a text", "2")
    yield _is((5,), "0", 0)
    yield _is((5,), "null", None)
    for what, value in each(
        ("of 41 characters", "a" * 41), ("a-", "a-é"), ("beginning with a hyphen", "-a"),
        ("in capitals", "aB"), ("beginning with a capital", "B"), ("of no characters", ""),
        ("with an underscore", "a_b"), ("bytes", b"a"),
    ):  # fmt: skip
        yield _is((1, 1), what, value)
    for what, value in each(("of 40 characters", "a0-z9" * 8), ("of one digit", "7")):
        yield _is((1, 1), what, value, good=True)
    for what, value in each(
        ("without a host", "https://"), ("of http", "http://a"),
        ("with white space", "https://a b"),
        ("with white space before", "x https://a"), ("with a line feed", "https://a\u3000b"),
    ):  # fmt: skip
        yield _is((11, 3), what, value)
    yield _is((11,), "without a telephone", {1: "a", 3: "http://a"})
    yield _is((11, 3), "of 201 characters", "https://" + "a" * 193)
    yield _is((11, 3), "of 200 characters", "https://" + "a" * 192, good=True)
    yield _is((11, 3), "of one character more", "https://a", good=True)
    for what, value in each(
        ("bytes", b"x"), ("of 201 characters", "https://{number}" + "a" * 185),
        ("beginning otherwise", "xhttps://{number}"),
        ("with a wide space", "https://a\u3000{number}"),
    ):  # fmt: skip
        yield _is((10,), what, value)
    yield _is((10,), "of 200 characters", "https://{number}" + "a" * 184, good=True)


def _in_keys() -> Iterator[_Change]:
    """Uses, histories and scopes of a key."""
    uses, history, scope = (7, 0, 3), (7, 0, 6), (7, 0, 9)
    for what, value in each(
        ("[true]", [True]), ('["1"]', ["1"]), ("[1, 1]", [1, 1]), ("[3, 1]", [3, 1]),
        ("[0]", [0]), ("[]", []),
    ):  # fmt: skip
        yield _is(uses, what, value)
    yield _is(uses, "[1, 18446744073709551615]", [1, _MOST], good=True)
    for what, value in each(
        ("[5]", [5]), ("[{}]", [{1: 1, 0: 100}]), ("[[1]]", [[1]]),
        ("[[true, 100]]", [[True, 100]]),
        ("[[1, true]]", [[1, True]]), ('[["1", 100]]', [["1", 100]]),
        ('[[1, "100"]]', [[1, "100"]]),
        ("[[1, -1]]", [[1, -1]]), ("[[1, 253370764800]]", [[1, _LAST_S + 1]]),
        ("[[1, 100], [0, 101]]", [[1, 100], [0, 101]]),
        ("[[1, 100], [4, 101]]", [[1, 100], [4, 101]]),
        ("[[1, 100], [2, 99]]", [[1, 100], [2, 99]]), ("[[2, 100]]", [[2, 100]]),
        ("[[3, 100]]", [[3, 100]]), ("[]", []),
        ("[[1, 1], [3, 2], [2, 3], [1, 4]]", [[1, 1], [3, 2], [2, 3], [1, 4]]),
    ):  # fmt: skip
        yield _is(history, what, value)
    for what, value in each(
        ("[[1, 0]]", [[1, 0]]), ("[[1, 253370764799]]", [[1, _LAST_S]]),
        ("[[1, 1], [2, 2], [1, 3], [3, 4]]", [[1, 1], [2, 2], [1, 3], [3, 4]]),
    ):  # fmt: skip
        yield _is(history, what, value, good=True)
    yield _is(scope, "{-1: 0}", {-1: 0})
    yield _is(scope, "null", None)
    yield _is((*scope, 1), "of 200 characters", ["样" * 200], good=True)
    for what, value in each(
        ("of 201 characters", ["样" * 201]), ("[5]", [5]), ("[ x]", [" x"]), ('[""]', [""]),
        ("[a, a]", ["a", "a"]), ("[b, a]", ["b", "a"]),
    ):  # fmt: skip
        yield _is((*scope, 1), what, value)
    for label, least, most in each((2, 1, 4), (3, 1, 5), (4, 0, (1 << 32) - 1)):
        path = (*scope, label)
        yield _is(path, f"[{least}, {most}]", [least, most], good=True)
        for what, one in each(
            (f"[{least - 1}]", [least - 1]), (f"[{most + 1}]", [most + 1]), ("[true]", [True]),
            ('["1"]', ["1"]), ("[1, 1]", [1, 1]), ("[2, 1]", [2, 1]),
        ):  # fmt: skip
            yield _is(path, what, one)


def _fields() -> Iterator[_Change]:
    """Numbers and texts."""
    yield from _number((2,), 1)
    yield from _number((3,), 0, _LAST_S, others={(4,): _LAST_S})
    yield from _number((4,), int(_small()[3]), _LAST_S)
    for path in each((1, 2), (1, 3), (7, 0, 7), (8, 0, 5), (9, 0, 4), (11, 1), (11, 2)):
        yield from _text(path)
    yield from _text((7, 0, 8), least=0)
    yield from _text((8, 0, 1), least=0)
    for first, last in each(((7, 0, 4), (7, 0, 5)), ((8, 0, 7), (8, 0, 8))):
        yield from _number(first, *_DAYS, others={last: None})
        yield from _number(last, 18_262, _DAYS[1], null=True)
    yield from _number((8, 0, 0), 0, (1 << 32) - 1)
    narrow: Changes = {(8, 0, 3): 0, (8, 0, 4): 0}
    yield _is((8, 0, 2), "0", 0, good=True, others=narrow)
    yield _is((8, 0, 2), "-1", -1, others=narrow)
    for width in (18, 19):
        most = 10**width - 1
        yield _is(
            (8, 0, 2), str(width), width, good=width == 18,
            others={(8, 0, 3): most, (8, 0, 4): most},
        )  # fmt: skip
    yield _is((8, 0, 2), "true", value=True, others={(8, 0, 4): 9})
    yield _is((8, 0, 2), "a text", "4")
    yield from _number((8, 0, 3), 0, 9999)
    yield from _number((8, 0, 4), 0, 9999)
    yield _is((8, 0, 4), "one below its first", 99, others={(8, 0, 3): 100})
    yield from _number((8, 0, 6), 1, 4)
    yield from _number((9, 0, 1), 0, 65_535)
    yield from _number((9, 0, 2), 0)
    yield from _number((9, 0, 3), 0)
    one = _small()[9][0]
    yield _is((9,), "in descending order", [{**one, 1: 2}, one])
    yield _is((9,), "in ascending order", [one, {**one, 1: 2}], good=True)
    first = _small()[8][0]
    yield _is((8,), "in descending order", [{**first, 0: 2}, {**first, 0: 1}])


def _p256() -> Iterator[_Change]:
    """COSE_Keys of a type or length that no key has (clause 3.2.1)."""
    key = signer("token").public.to_cose()
    x, y = (bytes(key[n]) if isinstance(key[n], bytes) else b"" for n in (-2, -3))
    for what, value in each(
        ("with true for its curve", {**key, -1: True}),
        ("with coordinates of 31 and 33 bytes", {**key, -2: x[:31], -3: x[31:] + y}),
        ("with a coordinate of 33 bytes", {**key, -2: b"\0" + x}),
        ("with a text for x", {**key, -2: "x" * 32}), ("with a text for y", {**key, -3: "y" * 32}),
        ("without y", {n: one for n, one in key.items() if n != -3}),
        ("with a private part", {**key, -4: b"\1"}),
        ("with the algorithm true", {**key, 3: True}),
        ("without an algorithm", {n: one for n, one in key.items() if n != 3}),
        ("with the algorithm of Ed25519", {**key, 3: -19}), ("with the curve 6", {**key, -1: 6}),
        ("with a sign for y", {**key, -3: bool(y[31] & 1)}),
    ):  # fmt: skip
        yield _is((7, 0, 1), what, value)
    okp = signer("token-eddsa").public.to_cose()
    point = bytes(okp[-2]) if isinstance(okp[-2], bytes) else b""
    yield _is((7, 0, 1), "of Ed25519", okp, good=True)
    for what, value in each(
        ("of Ed25519 with true for its type", {**okp, 1: True}),
        ("of Ed25519 with the type 3", {**okp, 1: 3}),
        ("of Ed25519 with the algorithm of P-256", {**okp, 3: -9}),
        ("of Ed25519 with the curve 7", {**okp, -1: 7}),
        ("of Ed25519 with 31 bytes", {**okp, -2: point[:31]}),
        ("of Ed25519 with 33 bytes", {**okp, -2: point + b"\0"}),
        ("of Ed25519 with a text", {**okp, -2: "x" * 32}),
        ("of Ed25519 with a private part", {**okp, -4: b"\1"}),
        ("of Ed25519 without its point", {n: one for n, one in okp.items() if n != -2}),
    ):  # fmt: skip
        yield _is((7, 0, 1), what, value)


def _documents() -> Iterator[_Change]:
    """COSE_Keys of documents, each with a certificate of that very key (clause 3.2.2)."""

    def sealed(cose_key: object, held: bytes | None) -> Changes:
        return {(7, 0, 1): cose_key, (7, 0, 2): held, (7, 0, 3): [3]}

    def change(what: str, cose_key: object, held: bytes | None, *, good: bool = False) -> _Change:
        return f"文件密钥 {what}", f"a key of documents {what}", sealed(cose_key, held), good

    own: dict[Any, Any] = {**rsa_key("rsa-1").to_cose()}
    for bits, good in each((3071, False), (3072, True), (3073, True), (8192, True), (8193, False)):
        n = rsa_modulus("rsa-1", -(-bits // 8))
        n = n >> (n.bit_length() - bits) | 1 if bits % 8 == 7 else n
        if bits % 8 == 1:
            n = 1 << bits - 1 | 1
        held = certify(rsa.RSAPublicNumbers(65537, n).public_key())
        size = -(-n.bit_length() // 8)
        yield change(f"of {bits} bits", {**own, -1: n.to_bytes(size, "big")}, held, good=good)
    n = rsa_modulus("rsa-1")
    held = certificate("rsa-1")
    yield _is((7, 0, 3), "[3, 9] for RSA", [3, 9], good=True,
              others={(7, 0, 1): own, (7, 0, 2): held})  # fmt: skip
    yield change(
        "with a zero before the modulus", {**own, -1: b"\0" + n.to_bytes(384, "big")}, held
    )
    even = certificate("rsa-1").replace(n.to_bytes(384, "big"), (n - 1).to_bytes(384, "big"))
    yield change("with an even modulus", {**own, -1: (n - 1).to_bytes(384, "big")}, even)
    yield change("with a modulus as text", {**own, -1: "n"}, held)
    yield change("with a private part", {**own, -3: b"\1"}, held)
    yield change("with a text for a label", {**own, "x": b"\1"}, held)
    yield change("without a modulus", {k: v for k, v in own.items() if k != -1}, held)
    yield change("of RSA with the algorithm of ML-DSA-65", {**own, 3: -49}, held)
    lattice = lattice_key("ml-dsa-119264").to_cose()
    held = certificate("ml-dsa-119264")
    yield change("of ML-DSA-65", lattice, held, good=True)
    yield change("of ML-DSA-65 with its seed", {**lattice, -2: bytes(32)}, held)
    yield change("of ML-DSA-65 as text", {**lattice, -1: "x" * 1952}, held)
    yield change("of ML-DSA-65 with the type of RSA", {**lattice, 1: 3}, held)
    yield change("of ML-DSA-65 with the algorithm of RSA", {**lattice, 3: -257}, held)
    yield change("of ML-DSA-65 without its key", {1: 7, 3: -49}, held)


def _certificates() -> Iterator[_Change]:
    """Clause 5.6.1."""
    good = certificate("token")
    version = b"\xa0\x03\x02\x01"
    at = good.index(version)
    size = good[at - 1] if good[at - 2] == 0x81 else int.from_bytes(good[at - 2 : at], "big")
    body = good[at : at + size]
    rest = good[at + len(body) :]
    first = tlv(0x30, tlv(0x30, body[5:]), rest)
    yield _is((7, 0, 2), "a certificate of version 1", first)
    second = good.replace(version + b"\2", version + b"\1")
    yield _is((7, 0, 2), "a certificate of version 2", second, good=True)
    yield _is((7, 0, 2), "a certificate of version 3", good, good=True)
    yield _is((7, 0, 2), "a text", "x")
    for size in (16_384, 16_385):
        yield _is((7, 0, 2), f"a certificate of {size} bytes", _padded(size), good=size == 16_384)
    unknown: Changes = {(7, 0, 1): _SM2_KEY, (7, 0, 2): None}
    for what, changes, believed in each(
        ("16384 bytes", {(7, 0, 2): bytes(16_384)}, True), ("text", {(7, 0, 2): "x"}, False),
        ("no entry", {(7, 0, 2): GONE}, False), ("any scope", {(7, 0, 9): 5}, True),
        ("any uses", {(7, 0, 3): "x"}, True), ("no seal name", {(7, 0, 7): GONE}, False),
    ):  # fmt: skip
        named = f"an unknown key with {what}"
        yield f"未知套件的密钥：{what}", named, {**unknown, **changes}, believed


def _padded(size: int) -> bytes:
    """A certificate of so many bytes."""
    kind = x509.ObjectIdentifier("1.3.6.1.4.1.99999.2")
    key = signer("token").private_key.public_key()
    over = len(certify(key, x509.UnrecognizedExtension(kind, bytes(16_000)))) - 16_000
    return certify(key, x509.UnrecognizedExtension(kind, bytes(size - over)))


def rows() -> Iterator[Row]:
    """For a verifier that has only the pin of the plain roots."""
    yield "small", "最小的信任包", "a small bundle", changed({}), ""
    yield (
        "unknown-key-newer-entry", "未知密钥含不可忽略的项", "an unknown key with a critical entry",
        changed({(7, 0, 1): _SM2_KEY, (7, 0, 10): 0}), _NEWER,
    )  # fmt: skip
    for name, entry in each(("authority", (1, 0)), ("key", (7, 0, 0)), ("contact", (11, 0)),
                        ("scope", (7, 0, 9, 0)), ("list", (9, 0, 0))):  # fmt: skip
        yield (
            f"newer-entry-0-{name}", f"不可忽略的未知项 0：{name}",
            f"an unknown entry 0 in the {name}", changed({entry: 0}), _NEWER,
        )  # fmt: skip
    seen: set[str] = set()
    for group in (_fields(), _others(), _in_keys(), _p256(), _documents(), _certificates()):
        for zh, en, changes, good in group:
            name = "grid-" + "-".join(_words(en))
            while name in seen:
                name += "-x"
            seen.add(name)
            yield name, zh, en, changed(changes), "" if good else _BAD


def _words(text: str) -> list[str]:
    spelled = text.replace("-", " minus ").replace("[", " of ").replace(".", " ").lower()
    return "".join(c if c.isascii() and c.isalnum() else " " for c in spelled).split()


def root_rows() -> Iterator[Row]:
    """Root sets of the next bundle, for a verifier that holds the plain one."""
    keys = sorted((signer(label).public.to_cose() for label in KEYS), key=canon.encode)
    own = signer("root-1").public.to_cose()

    def some(count: int) -> list[object]:
        left = [key for key in keys if key != own][: count - 1]
        return sorted([own, *left], key=canon.encode)

    few = some(3)
    for name, en, changes, code in each(
        ("sixteen", "sixteen roots", {(6,): {1: 1, 2: some(16)}}, ""),
        ("seventeen", "seventeen roots", {(6,): {1: 1, 2: some(17)}}, _BAD),
        ("one", "one root", {(6,): {1: 1, 2: [own]}}, ""),
        ("none", "no roots", {(6,): {1: 0, 2: []}}, _BAD),
        ("array", "an array for a root set", {(6,): []}, _BAD),
        ("map", "a map of roots", {(6,): {1: 1, 2: {}}}, _BAD),
        ("integer", "an integer for the roots", {(6,): {1: 1, 2: 5}}, _BAD),
        ("without", "no threshold", {(6,): {2: few}}, _BAD),
        ("threshold-0", "threshold 0", {(6,): {1: 0, 2: few}}, _BAD),
        ("threshold-4", "a threshold above the roots", {(6,): {1: 4, 2: few}}, _BAD),
        ("threshold-true", "the threshold true", {(6,): {1: True, 2: few}}, _BAD),
        ("threshold-text", "the threshold as text", {(6,): {1: "1", 2: few}}, _BAD),
        ("order", "roots in descending order", {(6,): {1: 1, 2: few[::-1]}}, _BAD),
        ("twice", "a root twice", {(6,): {1: 1, 2: [own, own]}}, _BAD),
        ("uncritical", "another entry", {(6,): {1: 1, 2: few, -1: 0}}, _BAD),
        ("critical", "a critical entry", {(6,): {1: 1, 2: few, 3: 0}}, _NEWER),
        ("unknown", "a root of a suite to come",
         {(6,): {1: 1, 2: sorted([*few, _SM2_KEY], key=canon.encode)}}, ""),
        ("unknown-counts", "a root of a suite to come counts for nothing",
         {(6,): {1: 2, 2: sorted([own, _SM2_KEY], key=canon.encode)}},
         "bundle.too_few_signatures"),
        ("not-a-map", "a root that is an integer", {(6,): {1: 1, 2: [5, own]}}, _BAD),
        ("rsa", "a root of RSA", {(6,): {1: 1, 2: sorted(
            [own, rsa_key("rsa-1").to_cose()], key=canon.encode)}}, _BAD),
    ):  # fmt: skip
        versioned: dict[Path, object] = {(2,): 4, **changes}
        yield f"roots-{name}", f"根集合：{en}", en, changed(versioned, ("root-1", "root-3")), code
