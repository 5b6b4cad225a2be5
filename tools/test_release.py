"""What `make release` refuses and writes, on a small project of its own; how Pythons are found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tools.release import ReleaseError, compare, make_release
from tools.sbom import make_sbom, read_lock
from tools.wheel import find_interpreter, versions

ROOT = Path(__file__).resolve().parents[1]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
EPOCH_S = 1_795_700_000

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sample"
version = "1.2.3"
description = "a project of the tests 样例"
license = "Apache-2.0"
requires-python = ">=3.11"
dependencies = ["cryptography"]
optional-dependencies.more = ["openpyxl"]
"""


def exactly(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of an object with these entries and no other."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}


TEXT = {"type": "string", "minLength": 1}
PURL = {"type": "string", "pattern": r"^pkg:pypi/[a-z0-9-]+@[0-9][0-9A-Za-z.]*$"}
HASHES = several(
    exactly(
        {"alg": {"const": "SHA-256"}, "content": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    )
)
LICENCES = several(
    {"oneOf": [exactly({"expression": TEXT}), exactly({"license": exactly({"name": TEXT})})]}
)
PROPERTIES = several(exactly({"name": TEXT, "value": TEXT}))
FILE = exactly({"type": {"const": "file"}, "bom-ref": TEXT, "name": TEXT, "hashes": HASHES})
PACKAGE = {
    "type": {"enum": ["library", "application"]},
    "bom-ref": PURL,
    "name": TEXT,
    "version": TEXT,
    "hashes": HASHES,
    "purl": PURL,
    "licenses": LICENCES,
    "properties": PROPERTIES,
}
OPTIONAL = ("licenses", "properties")
SHAPE = exactly(
    {
        "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.6"},
        "serialNumber": {
            "type": "string",
            "pattern": "^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
        },
        "version": {"const": 1},
        "metadata": exactly(
            {
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                "tools": exactly({"components": several(exactly(PACKAGE, optional=OPTIONAL))}),
                "component": exactly(
                    {
                        "type": {"const": "library"},
                        "bom-ref": PURL,
                        "name": TEXT,
                        "version": TEXT,
                        "description": TEXT,
                        "licenses": LICENCES,
                        "purl": PURL,
                        "components": several(FILE),
                        "properties": PROPERTIES,
                    }
                ),
            }
        ),
        "components": several(
            exactly({**PACKAGE, "scope": {"enum": ["required", "optional"]}}, optional=OPTIONAL)
        ),
        "dependencies": several(
            exactly(
                {"ref": PURL, "dependsOn": {"type": "array", "items": PURL, "uniqueItems": True}}
            )
        ),
    }
)
"""The part of CycloneDX 1.6 that is written, and nothing beside it."""


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    path = tmp_path / "etitle.whl"
    path.write_bytes(b"wheel")
    return path


@pytest.fixture
def sbom(artefact: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_sbom(ROOT, [artefact], commit=COMMIT, epoch_s=EPOCH_S))
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A committed project with a package of one line."""
    tree = tmp_path / "project"
    (tree / "sample").mkdir(parents=True)
    (tree / "sample" / "__init__.py").write_text("VALUE = 1\n", "utf-8")
    (tree / "pyproject.toml").write_text(PROJECT, "utf-8")
    shutil.copytree(ROOT / "requirements", tree / "requirements")
    git(tree, "init", "--quiet")
    commit(tree, "2026-11-20T08:00:00+08:00")
    return tree


def git(tree: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=样例", "-c", "user.email=office@sample.cn", *arguments]
    subprocess.run(command, cwd=tree, check=True)  # noqa: S603  # our own


def commit(tree: Path, date: str) -> None:
    git(tree, "add", "--all")
    command = ["env", f"GIT_COMMITTER_DATE={date}", "git", "-c", "user.name=样例", "-c"]
    command += ["user.email=office@sample.cn", "commit", "--quiet", "--message=A change"]
    subprocess.run(command, cwd=tree, check=True)  # noqa: S603  # our own


# -- the bill of materials ------------------------------------------------------------------------


def test_the_bill_of_materials_has_the_shape_of_cyclonedx(sbom: dict[str, Any]) -> None:
    jsonschema.validate(sbom, SHAPE)


def test_it_names_each_locked_package_once_with_all_its_hashes(sbom: dict[str, Any]) -> None:
    locked = read_lock((ROOT / "requirements" / "extras.txt").read_text("utf-8"))
    found = [
        (each["purl"], [one["content"] for one in each["hashes"]]) for each in sbom["components"]
    ]
    assert found == [(each.purl, list(each.hashes)) for each in locked]


def test_what_verification_needs_is_required_and_nothing_else(sbom: dict[str, Any]) -> None:
    locked = read_lock((ROOT / "requirements" / "verify.txt").read_text("utf-8"))
    required = {each["purl"] for each in sbom["components"] if each["scope"] == "required"}
    assert required == {each.purl for each in locked}


def test_each_package_is_reached_from_the_project(sbom: dict[str, Any]) -> None:
    graph = {each["ref"]: each["dependsOn"] for each in sbom["dependencies"]}
    purls = {each["purl"] for each in sbom["components"]}
    root = sbom["metadata"]["component"]["purl"]
    reached, ahead = set[str](), [root]
    while ahead:
        ref = ahead.pop()
        if ref not in reached:
            reached.add(ref)
            ahead += graph[ref]
    assert reached == {root, *purls}


def test_it_holds_the_commit_and_its_time_and_the_files(
    sbom: dict[str, Any], artefact: Path
) -> None:
    metadata = sbom["metadata"]
    assert metadata["timestamp"] == "2026-11-26T13:33:20Z"
    assert metadata["component"]["properties"] == [{"name": "etitle:commit", "value": COMMIT}]
    (file,) = metadata["component"]["components"]
    assert file["name"] == artefact.name
    assert file["hashes"][0]["content"] == sha256(b"wheel").hexdigest()


def test_licences_that_packages_declare_are_in_it(sbom: dict[str, Any]) -> None:
    licences = {each["name"]: each.get("licenses") for each in sbom["components"]}
    assert licences["pyhanko"] == [{"expression": "MIT"}]
    assert licences["cryptography"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]


def test_it_is_the_same_each_time_and_another_for_another_commit(artefact: Path) -> None:
    first = make_sbom(ROOT, [artefact], commit=COMMIT, epoch_s=EPOCH_S)
    assert make_sbom(ROOT, [artefact], commit=COMMIT, epoch_s=EPOCH_S) == first
    other = make_sbom(ROOT, [artefact], commit=COMMIT[::-1], epoch_s=EPOCH_S)
    assert json.loads(other)["serialNumber"] != json.loads(first)["serialNumber"]


@pytest.mark.parametrize("line", ["pillow==13.0.0", "pillow>=13.0.0 --hash=sha256:00"])
def test_a_lock_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not pinned"):
        read_lock(line + "\n")


# -- the release ----------------------------------------------------------------------------------


def test_a_release_can_be_repeated_byte_for_byte(project: Path, tmp_path: Path) -> None:
    files = make_release(project, tmp_path / "release")
    names = [path.name for path in files]
    wheel, sdist = "sample-1.2.3-py3-none-any.whl", "sample-1.2.3.tar.gz"
    assert names == ["SHA256SUMS", wheel, "sample-1.2.3.cdx.json", sdist]
    contents = [path.read_bytes() for path in files]

    # From a clone in another place.
    git(tmp_path, "clone", "--quiet", str(project), "clone")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "of-before").write_text("", "utf-8")
    again = make_release(tmp_path / "clone", tmp_path / "again")
    assert [path.name for path in again] == names
    assert [path.read_bytes() for path in again] == contents


def test_the_sums_and_the_bill_of_materials_are_those_of_the_files(
    project: Path, tmp_path: Path
) -> None:
    target = tmp_path / "release"
    make_release(project, target)
    lines = (target / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    others = [path for path in target.iterdir() if path.name != "SHA256SUMS"]
    assert sums == {path.name: sha256(path.read_bytes()).hexdigest() for path in others}
    bom = json.loads((target / "sample-1.2.3.cdx.json").read_text("utf-8"))
    jsonschema.validate(bom, SHAPE)
    for file in bom["metadata"]["component"]["components"]:
        assert file["hashes"][0]["content"] == sums[file["name"]]


def test_the_commit_is_released_and_no_other_time_is_in_it(project: Path, tmp_path: Path) -> None:
    (project / ".gitignore").write_text("ignored.py\n", "utf-8")
    commit(project, "2026-11-21T08:00:00+08:00")
    (project / "sample" / "ignored.py").write_text("", "utf-8")
    make_release(project, tmp_path / "release")
    with tarfile.open(tmp_path / "release" / "sample-1.2.3.tar.gz") as sdist:
        names = sdist.getnames()
        assert {member.mtime for member in sdist.getmembers()} == {1_795_219_200}
    with zipfile.ZipFile(tmp_path / "release" / "sample-1.2.3-py3-none-any.whl") as wheel:
        names += wheel.namelist()
        assert {info.date_time for info in wheel.infolist()} == {(2026, 11, 21, 0, 0, 0)}
    assert "sample/__init__.py" in names
    assert not [name for name in names if "ignored.py" in name]


@pytest.mark.parametrize("name", ["sample/__init__.py", "sample/new.py"])
def test_a_tree_that_is_not_its_commit_is_refused(project: Path, tmp_path: Path, name: str) -> None:
    (project / name).write_text("VALUE = 2\n", "utf-8")
    with pytest.raises(ReleaseError, match=name):
        make_release(project, tmp_path / "release")
    assert not (tmp_path / "release").exists()


def test_builds_that_differ_are_no_release() -> None:
    compare({"wheel": b"1"}, {"wheel": b"1"})
    with pytest.raises(ReleaseError, match="differ: sdist, wheel"):
        compare({"wheel": b"1", "sdist": b""}, {"wheel": b"2"})


def test_the_citation_names_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "CITATION.cff").read_text("utf-8").splitlines()
    assert f"version: {project['version']}" in lines
    assert f"license: {project['license']}" in lines


# -- interpreters ---------------------------------------------------------------------------------


def test_the_python_that_runs_is_found() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = find_interpreter(version)
    assert found is not None
    assert found.exists()
    assert set(versions()) == {"3.11", "3.12", "3.13"}


@pytest.mark.parametrize("text", ["exit 1", "echo 3.12 /nowhere"])
def test_a_name_that_does_not_run_is_no_python(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python9.9"
    shim.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert find_interpreter("9.9") is None


def test_a_python_of_pyenv_is_found_behind_a_shim_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims, real = tmp_path / "shims", tmp_path / "versions" / "9.9.1"
    for path, text in ((shims, "exit 1"), (real / "bin", f"echo 9.9 {real}")):
        path.mkdir(parents=True)
        (path / "python9.9").write_text(f"#!/bin/sh\n{text}\n", "utf-8")
        (path / "python9.9").chmod(0o755)
    monkeypatch.setenv("PATH", str(shims))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert find_interpreter("9.9") == real / "bin" / "python9.9"
