"""The policy of a question about the tests' authorities, which are examples (clause 5.9)."""

from __future__ import annotations

from typing import Final

from etitle.verify.question import Policy

EXAMPLES: Final = Policy(examples=True)
