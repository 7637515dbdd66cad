"""The settings file: what stands in it means the same wherever the program is started."""

from pathlib import Path

import pytest

from warehouse.servers import Kobo, Secret, SecretMissingError
from warehouse.settings import read_settings

STATED = """
home: home
encryption: {extension: own/httpfs.duckdb_extension}
servers:
  forms: {kind: kobo, url: https://kobo.example, assets: {}, token: {file: own/token}}
"""


def test_every_relative_path_is_read_from_the_settings_files_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fordel.yaml"
    file.write_text(STATED, encoding="utf-8")
    token = tmp_path / "own" / "token"
    token.parent.mkdir()
    token.write_text("secret", encoding="utf-8")
    token.chmod(0o600)
    monkeypatch.chdir("/")
    settings = read_settings(file)
    server = settings.servers["forms"]
    assert isinstance(server, Kobo)
    assert server.token.read() == "secret"
    assert settings.encryption.extension == tmp_path / "own" / "httpfs.duckdb_extension"


def test_a_secret_that_is_not_there_is_told_from_one_that_is_empty(tmp_path: Path) -> None:
    with pytest.raises(SecretMissingError, match="cannot be read: No such file"):
        Secret(file=tmp_path / "absent").read()
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    with pytest.raises(SecretMissingError, match="holds nothing"):
        Secret(file=empty).read()
