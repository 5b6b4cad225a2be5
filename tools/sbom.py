"""The bill of materials of a release: CycloneDX 1.6, made from the lock.

Every package that ``requirements/extras.txt`` names is a component: ``required`` where
``requirements/verify.txt`` names it too, else ``optional``.  Licences and dependencies are those
that the installed packages declare.  There is no random number in it and no time but the commit's.
"""

from __future__ import annotations

import datetime
import json
import tomllib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
_VERSIONS = ("3.11", "3.12", "3.13")
_CPYTHON = {
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock.

    Attributes:
        name: its normalised name.
        version: its version.
        marker: for which interpreters and systems; empty for all.
        hashes: SHA-256 of each file of the release, in hexadecimal.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> tuple[Locked, ...]:
    r"""Read a lock that ``tools/lock.sh`` wrote.

    Raises:
        ValueError: where a line is not of its shape: a name, ``==``, a version, hashes.

    >>> read_lock("pillow==13.0.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n")
    (Locked(name='pillow', version='13.0.0', marker='', hashes=('00', '01')),)
    """
    found = []
    for entry in text.replace("\\\n", " ").splitlines():
        if not entry.strip():
            continue
        head, *hashes = entry.split("--hash=sha256:")
        requirement = Requirement(head)
        (pin,) = requirement.specifier
        if pin.operator != "==" or not hashes:
            message = f"not pinned by version and hash: {head.strip()}"
            raise ValueError(message)
        marker = str(requirement.marker or "")
        name = canonicalize_name(requirement.name)
        found.append(Locked(name, pin.version, marker, tuple(each.strip() for each in hashes)))
    return tuple(found)


def make_sbom(tree: Path, artefacts: Sequence[Path], *, commit: str, epoch_s: int) -> bytes:
    """The bill of materials of the files built from a tree, as JSON.

    Args:
        tree: the folder with ``pyproject.toml`` and ``requirements``.
        artefacts: the files of the release.
        commit: its full name.
        epoch_s: the commit's time, seconds since 1970 UTC.
    """
    project: dict[str, Any] = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]
    locks = {name: _lock(tree, name) for name in ("verify", "extras", "dev")}
    required = {package.purl for package in locks["verify"]}
    (backend,) = (package for package in locks["dev"] if package.name == "hatchling")
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    time = datetime.datetime.fromtimestamp(epoch_s, datetime.UTC)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"{root}#{commit}").urn,
        "version": 1,
        "metadata": {
            "timestamp": time.isoformat().replace("+00:00", "Z"),
            "tools": {"components": [{**_component(backend), "type": "application"}]},
            "component": {
                "type": "library",
                "bom-ref": root,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"expression": project["license"]}],
                "purl": root,
                "components": [_file(path) for path in artefacts],
                "properties": [{"name": "etitle:commit", "value": commit}],
            },
        },
        "components": [
            {**_component(each), "scope": "required" if each.purl in required else "optional"}
            for each in locks["extras"]
        ],
        "dependencies": _graph(root, project, locks["extras"]),
    }
    return (json.dumps(bom, ensure_ascii=False, indent=2) + "\n").encode()


def _lock(tree: Path, name: str) -> tuple[Locked, ...]:
    return read_lock((tree / "requirements" / f"{name}.txt").read_text("utf-8"))


def _file(path: Path) -> dict[str, Any]:
    content = sha256(path.read_bytes()).hexdigest()
    return {
        "type": "file",
        "bom-ref": path.name,
        "name": path.name,
        "hashes": [{"alg": "SHA-256", "content": content}],
    }


def _component(package: Locked) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        # One for each file of the release: an installer accepts any of them.
        "hashes": [{"alg": "SHA-256", "content": content} for content in package.hashes],
        "purl": package.purl,
    }
    licences = _licences(package)
    if licences:
        component["licenses"] = licences
    if package.marker:
        component["properties"] = [{"name": "etitle:marker", "value": package.marker}]
    return component


def _installed(package: Locked) -> metadata.PackageMetadata | None:
    """What the installed package declares; None where this version is not installed."""
    try:
        declared = metadata.metadata(package.name)
    except metadata.PackageNotFoundError:
        return None
    return declared if declared["Version"] == package.version else None


def _licences(package: Locked) -> list[dict[str, Any]]:
    """What the package says of its licence; nothing where it says nothing readable."""
    declared = _installed(package)
    if declared is None:
        return []
    for field in ("License-Expression", "License"):
        for text in declared.get_all(field) or []:
            try:
                return [{"expression": canonicalize_license_expression(text)}]
            except InvalidLicenseExpression:
                continue
    kinds = [each for each in declared.get_all("Classifier") or [] if each.startswith("License ::")]
    return [{"license": {"name": each.rpartition(" :: ")[2]}} for each in kinds]


def _graph(root: str, project: dict[str, Any], packages: Sequence[Locked]) -> list[dict[str, Any]]:
    """Which package needs which, of those in the lock."""
    refs: dict[str, list[str]] = {}
    for package in packages:
        refs.setdefault(package.name, []).append(package.purl)

    def edges(names: Iterable[str]) -> list[str]:
        return sorted({ref for name in names for ref in refs.get(canonicalize_name(name), ())})

    direct = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = (Requirement(text).name for texts in direct for text in texts)
    graph = [{"ref": root, "dependsOn": edges(wanted)}]
    for package in packages:
        declared = _installed(package)
        needs = [
            Requirement(each) for each in (declared and declared.get_all("Requires-Dist")) or []
        ]
        names = [each.name for each in needs if _applies(each.marker)]
        graph.append({"ref": package.purl, "dependsOn": edges(names)})
    return graph


def _applies(marker: Marker | None) -> bool:
    """Whether a requirement holds, without extras, somewhere that etitle runs."""
    if marker is None:
        return True
    return any(
        marker.evaluate(
            {
                **_CPYTHON,
                **platform,
                "python_version": version,
                "python_full_version": f"{version}.0",
                "implementation_version": f"{version}.0",
            }
        )
        for version in _VERSIONS
        for platform in _PLATFORMS
    )
