from __future__ import annotations

import hashlib
import json
from pathlib import Path

import syncsvc.web

VENDOR = Path(syncsvc.web.__file__).parent / "static" / "vendor"
LISTED = json.loads((VENDOR / "VENDOR.json").read_text("utf-8"))


def test_every_vendored_file_is_listed_and_unmodified() -> None:
    """KERN's licence (EUPL-1.2) asks for unmodified files to stay apart; and a changed file would be nobody's."""
    sums = {name: digest for package in LISTED for name, digest in package["files"].items()}

    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }

    assert found == sums


def test_every_vendored_package_comes_with_its_licence() -> None:
    for package in LISTED:
        assert package["version"]
        assert package["licence"] in {"EUPL-1.2", "OFL-1.1", "0BSD"}
        assert any(name.endswith(("/LICENSE.txt", "/OFL.txt")) for name in package["files"]), package["name"]
