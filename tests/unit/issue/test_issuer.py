"""An issuer is refused when it is made, not with its first certificate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support import exampleoffice

from etitle.errors import IssueError

ISSUER = exampleoffice.issuer()


@pytest.mark.parametrize(
    "base",
    ["", "zc.sample.cn", "http://zc.sample.cn", "https://", "https://a b.cn", "https://zc.sample.cn#",
     "https://" + "a" * 100 + ".cn"],
)  # fmt: skip
def test_where_codes_lead_is_checked_at_once(base: str) -> None:
    with pytest.raises(IssueError) as caught:
        replace(ISSUER, code_base=base)
    assert caught.value.code == "issue.code_base"


@pytest.mark.parametrize("base", ["https://zc.sample.cn", "https://zc.sample.cn/zhicheng"])
def test_a_host_with_or_without_a_path_will_do(base: str) -> None:
    assert replace(ISSUER, code_base=base).code_base == base
