"""The source of a key's password, for files and HSMs alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Password: TypeAlias = Callable[[], bytes]
"""Called once, and only when the key turns out to be encrypted, or for an HSM's PIN."""
