"""Every file of vectors, from its parts.

Keys, openings and times are fixed and signatures deterministic, so the files come out byte for
byte; compressed bytes are kept where they still inflate to the same (tests/vectors/README.md).
"""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

from tests.vectors.make import (
    bounds,
    copies,
    edges,
    genuine,
    hostile,
    judged,
    kept,
    persons,
    tokens,
)
from tests.vectors.make.bundles import bundles_file
from tests.vectors.make.documents import documents_file
from tests.vectors.make.lists import lists_file
from tests.vectors.make.shop import FOLDER, Json, Shop, demand_deterministic_signatures
from tests.vectors.make.small import canon_file, identity_file, pictures_file
from tests.vectors.make.stores import store_file
from tests.vectors.make.worlds import trust_file


def tokens_file(shop: Shop, trust: Json) -> Json:
    """The content of tokens.json."""
    cases = chain(
        genuine.cases(),
        judged.cases(),
        hostile.cases(shop),
        bounds.cases(),
        edges.cases(shop),
        copies.cases(shop),
        persons.cases(),
    )
    return {"vectors": [tokens.make(case, shop=shop, trust_json=trust) for case in cases]}


_CHECK = re.compile(r'\{\s+("id": "\w+"),\s+("outcome": "\w+"),\s+("reason": "\w+")\s+\}')


def _render(content: Json) -> str:
    """JSON to be read and compared by people: a check takes one line."""
    written = json.dumps(content, ensure_ascii=False, indent=1)
    return _CHECK.sub(r"{\1, \2, \3}", written) + "\n"


def build(folder: Path = FOLDER) -> dict[str, str]:
    """Every file of vectors.

    Args:
        folder: where the compressed bytes that were chosen before are found.

    Returns:
        Name and content.

    Raises:
        NotDeterministicError: where signatures would come out otherwise each time.
    """
    demand_deterministic_signatures()
    shop = Shop.open(folder)
    trust = trust_file(shop, tokens.stolen_token())
    files: dict[str, Json] = {
        "trust": trust,
        "tokens": tokens_file(shop, trust),
        "pictures": pictures_file(shop, trust),
        "documents": documents_file(shop, trust),
        "bundles": bundles_file(),
        "lists": lists_file(shop),
        "store": store_file(shop),
        "canon": canon_file(),
        "identity": identity_file(),
    }
    files["compressed"] = {"compressed": dict(sorted({**shop.used, **kept.used}.items()))}
    return {f"{name}.json": _render({"file": name, **content}) for name, content in files.items()}
