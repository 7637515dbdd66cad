"""Backup and restore with the very commands of docs/operations.md, into a clean folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from pipelines.publication import publish_release
from tests.fixtures.homes import ROOT, environment, write_settings
from tests.integration.nights.test_rebuilding import tables
from warehouse.release import open_current
from warehouse.settings import Settings, read_settings
from warehouse.store import Store

TAKEN = ("hr_employment", "hr_absence")


def commands(name: str) -> str:
    """The commands that stand under a mark in the handbook."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"<!-- {name} -->\n```\n(.*?)```", text, re.DOTALL)
    return str(found)


def test_a_backup_is_restored_into_a_clean_folder(municipality: Settings, tmp_path: Path):
    published = publish_release(Store(municipality), municipality)
    before = tables(municipality)
    # The exports are the employer's and are still there; only the home folder burns.
    exports = municipality.home.rename(tmp_path / "burnt") / "example"
    sources = yaml.safe_load((ROOT / "fordel.yaml").read_text(encoding="utf-8"))["sources"]
    kept = {name: source for name, source in sources.items() if source["contract"] in TAKEN}
    file = write_settings(tmp_path / "new", example=None, sources=kept, servers={})
    text = file.read_text(encoding="utf-8").replace("{home}/example", str(exports))
    file.write_text(text, encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "fordel").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fordel "$@"\n', encoding="utf-8")
    (programs / "fordel").chmod(0o755)
    place = {
        **environment(),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "BACKUP": str(tmp_path / "backup.tar.gz"),
        "FORDEL_SETTINGS": str(file),
    }
    for name, home in (("backup", tmp_path / "burnt"), ("restore", tmp_path / "restored")):
        done = subprocess.run(
            ["sh", "-ec", commands(name)],
            env={**place, "FORDEL_HOME": str(home)},
            cwd=tmp_path / "new",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    restored = read_settings(file).model_copy(update={"home": tmp_path / "restored"})
    after = tables(restored)
    assert {name: rows for name, rows in after.items() if name.startswith(("raw.", "absence.", "core."))} == {
        name: rows for name, rows in before.items() if name.startswith(("raw.", "absence.", "core."))
    }
    release = open_current(restored.releases)
    assert release is not None
    assert published.id in {release.id, release.manifest["previous"]}
    assert (restored.keys / "pseudonym.key").stat().st_mode & 0o077 == 0
