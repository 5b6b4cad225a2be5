"""``state.json``: one spelling, and no other is read (docs/spec clause 7.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from etitle.errors import StoreError
from etitle.store.state import (
    AuthorityState,
    FileName,
    HighWaterMark,
    RescueMark,
    StoreState,
    decode_state,
    encode_state,
)

HASH = bytes(range(32))
MARK = HighWaterMark(
    7, 1, 5, HASH, (FileName.of("list", b"l"), FileName.of("delta", b"d")), 10, 20, 30, 2
)
AUTHORITY = AuthorityState(
    id="yangli",
    pin=HASH,
    version=3,
    bundles=(FileName.of("bundle", b"b"),),
    marks=(MARK,),
    rescues=(FileName.of("rescue", b"r"),),
    rescue_marks=(RescueMark(HASH, 4, HASH),),
    keys=(HASH + HASH,),
    seals=(HASH,),
)
STATE = StoreState(1_790_000_000, (AUTHORITY,))

SPELLED = f"""{{
 "schema": 1,
 "latest_time_s": 1790000000,
 "authorities": [
  {{
   "id": "yangli",
   "pin": "{HASH.hex()}",
   "version": 3,
   "bundles": [
    "bundle-{sha256(b"b").hexdigest()}.cose"
   ],
   "lists": [
    {{
     "list_id": 7,
     "epoch": 1,
     "sequence": 5,
     "state_hash": "{HASH.hex()}",
     "files": [
      "list-{sha256(b"l").hexdigest()}.cwt",
      "delta-{sha256(b"d").hexdigest()}.cose"
     ],
     "issued_s": 10,
     "expires_s": 20,
     "coverage": 30,
     "size": 2
    }}
   ],
   "rescues": [
    "rescue-{sha256(b"r").hexdigest()}.cose"
   ],
   "rescue_marks": [
    {{
     "thumbprint": "{HASH.hex()}",
     "number": 4,
     "content": "{HASH.hex()}"
    }}
   ],
   "keys": "{HASH.hex()}{HASH.hex()}",
   "seals": "{HASH.hex()}"
  }}
 ],
 "checksum": "CHECKSUM"
}}
"""


def checksummed(body: dict[str, Any]) -> bytes:
    """A state file of any content, with the checksum that belongs to it."""
    checksum = sha256(json.dumps(body).encode()).hexdigest()
    return (json.dumps({**body, "checksum": checksum}, indent=1) + "\n").encode()


def body() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode_state(STATE))
    del found["checksum"]
    return found


def test_the_spelling_is_pinned_so_later_versions_read_it() -> None:
    data = encode_state(STATE)
    checksum = json.loads(data)["checksum"]
    assert data.decode() == SPELLED.replace("CHECKSUM", checksum)
    assert data == checksummed(body())


def test_a_state_comes_back() -> None:
    for state in (STATE, StoreState(0, ())):
        assert decode_state(encode_state(state)) == state


def test_files_in_force_are_those_of_every_authority() -> None:
    names = {file.name for file in (*AUTHORITY.bundles, *MARK.files, *AUTHORITY.rescues)}
    assert AUTHORITY.names() == names
    assert STATE.files() == {("yangli", name) for name in names}
    assert STATE.authority("yangli") == AUTHORITY
    assert STATE.authority("other") is None


def test_a_file_is_named_by_its_kind_and_content() -> None:
    for kind, suffix in (
        ("bundle", "cose"),
        ("list", "cwt"),
        ("delta", "cose"),
        ("rescue", "cose"),
    ):
        name = FileName.of(kind, b"x")
        assert name.name == f"{kind}-{sha256(b'x').hexdigest()}.{suffix}"
        assert name.is_of(b"x")
        assert not name.is_of(b"y")


@pytest.mark.parametrize("value", [1.5, True, -1, "1", None])
@pytest.mark.parametrize(
    "place",
    [
        lambda state, value: state.update(latest_time_s=value),
        lambda state, value: state["authorities"][0].update(version=value),
        lambda state, value: state["authorities"][0]["lists"][0].update(list_id=value),
        lambda state, value: state["authorities"][0]["lists"][0].update(epoch=value),
        lambda state, value: state["authorities"][0]["lists"][0].update(sequence=value),
    ],
)
def test_every_number_is_a_whole_number(
    place: Callable[[dict[str, Any], object], None], value: object
) -> None:
    changed = body()
    place(changed, value)
    corrupt(checksummed(changed))


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state["authorities"].append(state["authorities"][0]),
        lambda state: state["authorities"][0]["lists"].append(state["authorities"][0]["lists"][0]),
        lambda state: state["authorities"][0].update(bundles=[]),
        lambda state: state["authorities"][0].update(bundles="bundle"),
        lambda state: state["authorities"][0].update(rescues=["../secret.cose"]),
        lambda state: state["authorities"][0].update(id="../x"),
        lambda state: state["authorities"][0].update(id=7),
        lambda state: state["authorities"][0].update(pin="00"),
        lambda state: state.update(more=1),
        lambda state: state.update(schema=2),
        lambda state: state.pop("authorities"),
    ],
)
def test_what_would_not_be_written_is_not_read(change: Callable[[dict[str, Any]], object]) -> None:
    changed = body()
    change(changed)
    corrupt(checksummed(changed))


def test_authorities_and_lists_ascend() -> None:
    later = replace(AUTHORITY, id="zhuli")
    assert decode_state(encode_state(StoreState(0, (AUTHORITY, later)))).authorities[1] == later
    corrupt(encode_state(StoreState(0, (later, AUTHORITY))))
    marks = (MARK, replace(MARK, list_id=6))
    corrupt(encode_state(StoreState(0, (replace(AUTHORITY, marks=marks),))))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_state_is_corrupt(data: bytes) -> None:
    corrupt(data)


def corrupt(data: bytes) -> None:
    with pytest.raises(StoreError) as caught:
        decode_state(data)
    assert caught.value.code == "store.state_corrupt"
