"""Installing: which uv is taken, which package index is asked, and that the README names verbs that exist."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import Request

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def install() -> ModuleType:
    """deploy/install.py, which is a program and not part of a package."""
    stated = importlib.util.spec_from_file_location("install", ROOT / "deploy" / "install.py")
    assert stated is not None
    assert stated.loader is not None
    module = importlib.util.module_from_spec(stated)
    stated.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.13.9", True), ("0.14.0", True), ("0.13.8", False), ("1.0.0", False), ("0.14.0rc1", False)],
)
def test_a_uv_that_the_lock_file_was_made_for_is_taken(
    install: ModuleType, version: str, expected: bool
) -> None:
    assert install.is_wanted(version) is expected


def test_the_index_that_pip_uses_is_asked(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.org/simple")
    assert install.mirror() == "https://packages.example.org/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://pypi.org/simple/")
    assert install.mirror() is None


def wheel() -> bytes:
    """A wheel with nothing in it but a program."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as parts:
        parts.writestr("uv-0.13.9.data/scripts/uv", "#!/bin/sh\necho uv\n")
    return body.getvalue()


@pytest.mark.parametrize("is_whole", [True, False])
def test_without_pip_the_wheel_is_fetched_and_its_hash_checked(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_whole: bool
) -> None:
    libc = "manylinux_2_28" if install.platform.libc_ver()[0] == "glibc" else "musllinux_1_1"
    name = f"uv-0.13.9-py3-none-{libc}_{install.platform.machine()}.whl"
    told = sha256(wheel() if is_whole else b"another file").hexdigest()
    index = json.dumps(
        {"files": [{"filename": name, "url": f"../../{name}", "hashes": {"sha256": told}}]}
    ).encode()

    def open_address(asked: str | Request, timeout: float) -> Any:
        address = asked if isinstance(asked, str) else asked.full_url
        assert address in {"https://packages.example.org/simple/uv/", f"https://packages.example.org/{name}"}
        return io.BytesIO(wheel() if address.endswith(".whl") else index)

    monkeypatch.setattr(install.urllib.request, "urlopen", open_address)
    monkeypatch.setattr(install, "UV", tmp_path / "uv")
    if not is_whole:
        with pytest.raises(LookupError, match="hash"):
            install.fetch_uv("https://packages.example.org/simple")
        return
    install.fetch_uv("https://packages.example.org/simple")
    assert subprocess.run([tmp_path / "uv"], capture_output=True, text=True, check=True).stdout == "uv\n"


def test_documents_name_verbs_that_exist() -> None:
    verbs = set(
        re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        verb
        for path in texts
        for verb in re.findall(r"(?:^|`)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"demo", "refresh", "test"} <= named <= verbs
