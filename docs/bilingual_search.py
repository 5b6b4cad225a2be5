"""A Sphinx extension: the search finds English words and Chinese ones.

Chinese is written without spaces, so a run of it is indexed as its characters and its pairs of
neighbours.  A query is split likewise, in the browser, by ``bilingual_search.js``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W{_HAN}]+")


class BilingualSearch(SearchEnglish):
    """English words stemmed as Sphinx does it, and Chinese in pairs of characters."""

    lang = "bilingual"
    js_splitter_code = Path(__file__).with_suffix(".js").read_text("utf-8")

    def split(self, input: str) -> list[str]:  # noqa: A002  # Sphinx's name
        """The terms of a text: words; characters and pairs where it is Chinese."""
        terms: list[str] = []
        for run in _RUN.findall(input):
            if re.match(f"[{_HAN}]", run):
                terms += run
                terms += (run[at : at + 2] for at in range(len(run) - 1))
            else:
                terms.append(run)
        return terms


def setup(app: Sphinx) -> dict[str, bool]:
    """Make it known to Sphinx; ``html_search_language`` chooses it."""
    app.add_search_language(BilingualSearch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
