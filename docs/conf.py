"""How Sphinx builds these pages (`make docs`): strictly, and without the network."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]

project = "etitle"
author = "etitle maintainers"
copyright = "etitle maintainers, Apache-2.0"
release = version = _PROJECT["version"]

sys.path.insert(0, str(Path(__file__).parent))
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "bilingual_search",
]
html_search_language = "bilingual"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"etitle {release}"
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Each name once, in the module that defines it, though others re-export it.
autodoc_default_options = {"members": True, "show-inheritance": True, "ignore-module-all": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# Examples in docstrings are pytest's (`make test`); here run the {doctest} blocks of the pages.
doctest_test_doctest_blocks = ""

nitpicky = True
nitpick_ignore_regex = [
    # Other projects' names: linking to them would need their inventories from the network.
    (
        r"py:.*",
        (
            r"(datetime|collections|pathlib|typing|enum|os|json|argparse|types|abc|io|array|sqlite3"
            r"|zipfile|re)(\..*)?"
        ),
    ),
    (
        r"py:.*",
        r"(cryptography|pydantic|PIL|numpy|openpyxl|zxingcpp|pyzbar|pkcs11|rsa)(\..*)?",
    ),
    # Built-in types, and names that docstrings use for them.
    (r"py:.*", r"(int|str|bytes|bool|float|None|object|tuple|list|dict|frozenset|set|type|range)"),
    (r"py:.*", r"(Path|Callable|Mapping|Sequence|Iterable|Iterator|Image|Image\.Image|ImageFile)"),
    (r"py:.*", r"(Self|NoReturn|Namespace|Wanted)"),
    # Of cryptography, by the names that annotations use for them.
    (r"py:.*", r"(mldsa\..*|MLDSA65\w*|RSAPrivateKey|InvalidSignature|UnsupportedAlgorithm)"),
    (r"py:exc", r"(ValueError|TypeError|OSError|KeyError)"),
    # Words before a colon under "Returns", which Napoleon takes for a type; no type has a space.
    (r"py:class", r"[^|\[\]]* [^|\[\]]*"),
    # Type aliases and variables: documented where they are defined, not as classes.
    (r"py:.*", r"(.*\.)?(Value|Headers|Password|AnyPublicKey|AnyPrivateKey|Language|_[A-Z]\w*)"),
]

_DATA = {"data", "attribute", "property"}
_as_written: dict[str, list[str]] = {}


def _keep(
    _app: object, what: str, name: str, _object: object, _options: object, lines: list[str]
) -> None:
    if what in _DATA:
        _as_written[name] = list(lines)


def _restore(
    _app: object, what: str, name: str, _object: object, _options: object, lines: list[str]
) -> None:
    # Napoleon takes the words before a colon for a type; ours are sentences.
    if what in _DATA:
        lines[:] = _as_written.pop(name)


def _short_name(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    # A name imported only for type checking can't be resolved by Sphinx; find its one full name.
    if node["refdomain"] != "py":
        return None
    short = node["reftarget"].rpartition(".")[2]
    domain = env.get_domain("py")
    full = [name for name in domain.objects if name.rpartition(".")[2] == short]
    if len(full) != 1:
        return None
    document = node["refdoc"]
    return domain.resolve_xref(env, document, app.builder, "obj", full[0], node, contnode)


def setup(app: Any) -> None:
    """Connects what stands above."""
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _restore, priority=600)
    app.connect("missing-reference", _short_name)
