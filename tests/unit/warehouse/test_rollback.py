"""Rolling back: what people see, and that an unchanged night does not bring back what was withdrawn."""

from pathlib import Path

import pytest

from tests.unit.warehouse.test_release import DOCUMENTS, cells
from warehouse import release
from warehouse.manifest import ReleaseDamagedError
from warehouse.release import NoReleaseError, list_releases, open_current, prune, publish
from warehouse.rollback import is_rolled_back, lift, roll_back


def current(releases: Path) -> str:
    shown = open_current(releases)
    assert shown is not None
    return shown.id


def test_an_unchanged_night_does_not_bring_it_back_and_other_figures_do(tmp_path: Path) -> None:
    good = publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    bad = publish(tmp_path, cells(1), DOCUMENTS, {}).id
    assert roll_back(tmp_path, good) == [bad]
    assert current(tmp_path) == good
    assert is_rolled_back(tmp_path)
    # The same figures with other words on their quality are the same figures.
    for quality in ({}, {"deliveries": ["one more was refused"]}):
        night = publish(tmp_path, cells(1), {**DOCUMENTS, "quality.json": quality}, {})
        assert (night.id, night.is_new, night.is_withheld) == (good, False, True)
    mended = publish(tmp_path, cells(2930), DOCUMENTS, {})
    assert (mended.is_new, current(tmp_path)) == (True, mended.id)
    assert publish(tmp_path, cells(1), DOCUMENTS, {}).is_withheld, "it stays withdrawn"


def test_lifting_lets_the_next_night_publish(tmp_path: Path) -> None:
    good = publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    bad = publish(tmp_path, cells(1), DOCUMENTS, {}).id
    roll_back(tmp_path, good)
    assert lift(tmp_path) == [bad]
    assert lift(tmp_path) == []
    assert publish(tmp_path, cells(1), DOCUMENTS, {}).is_new


def test_rolling_forward_to_what_was_withdrawn_shows_it(tmp_path: Path) -> None:
    good = publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    bad = publish(tmp_path, cells(1), DOCUMENTS, {}).id
    roll_back(tmp_path, good)
    assert roll_back(tmp_path, bad) == []
    assert not is_rolled_back(tmp_path)
    assert not publish(tmp_path, cells(1), DOCUMENTS, {}).is_withheld


def test_rolling_back_to_nothing_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, cells(2924), DOCUMENTS, {})
    with pytest.raises(NoReleaseError):
        roll_back(tmp_path, "20200101T000000Z-00000000")


def test_what_cannot_be_read_is_rolled_back_from_and_never_to(tmp_path: Path) -> None:
    good = publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    bad = publish(tmp_path, cells(1), DOCUMENTS, {}).id
    whole = (tmp_path / bad / "cells.parquet").read_bytes()
    (tmp_path / bad / "cells.parquet").write_bytes(whole[: len(whole) // 2])
    release._read.cache_clear()  # as another process reads it
    assert set(list_releases(tmp_path)) == {good, bad}
    with pytest.raises(ReleaseDamagedError, match=bad):
        open_current(tmp_path)
    assert roll_back(tmp_path, good) == [bad]
    assert (current(tmp_path), is_rolled_back(tmp_path)) == (good, True)
    with pytest.raises(ReleaseDamagedError, match=bad):
        roll_back(tmp_path, bad)
    assert current(tmp_path) == good


def test_a_release_that_does_not_say_when_it_was_made_stands_in_nobodys_way(tmp_path: Path) -> None:
    first = publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    (tmp_path / first / "release.json").write_bytes(b"{")
    made = publish(tmp_path, cells(2924), DOCUMENTS, {})
    assert made.is_new
    assert list_releases(tmp_path)[-1] == made.id


def test_pruning_keeps_what_people_see(tmp_path: Path) -> None:
    ids = [publish(tmp_path, cells(2900 + number), DOCUMENTS, {}).id for number in range(4)]
    made = list_releases(tmp_path)
    roll_back(tmp_path, made[0])
    assert prune(tmp_path, 1) == made[1:3]
    assert set(list_releases(tmp_path)) == {made[0], made[3]}
    assert set(ids) == set(made)
