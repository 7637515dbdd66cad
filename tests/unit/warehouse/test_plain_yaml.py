"""YAML as plain values: a key that stands twice is an error, for the first would be lost in silence."""

from pathlib import Path

import pytest
import yaml

from warehouse.plain_yaml import read_yaml
from warehouse.settings import SettingsError, read_settings


def test_a_key_that_stands_twice_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "fordel.yaml"
    file.write_text("home: a\nsources: {}\nservers: {}\nsources: {}\n", encoding="utf-8")
    with pytest.raises(yaml.YAMLError, match=r"(?s)the key sources stands twice, first in line 2.*line 4"):
        read_yaml(file)
    with pytest.raises(SettingsError, match="the key sources stands twice"):
        read_settings(file)


def test_the_same_key_in_two_places_is_two_keys(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: {x: 1}\nb: [{x: 1}, {x: 2}]\n", encoding="utf-8")
    assert read_yaml(file) == {"a": {"x": 1}, "b": [{"x": 1}, {"x": 2}]}
    file.write_text("", encoding="utf-8")
    assert read_yaml(file) is None
