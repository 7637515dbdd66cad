"""Nights that were missed are not run afterwards: the next one takes all that has come, and people see every month of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks import drills
from warehouse.release import list_releases, open_current
from warehouse.store import Store


def test_one_night_takes_what_several_missed(tmp_path: Path):
    settings = drills.prepare(tmp_path / "base", size=200, months=13, held_back=2)
    release = open_current(settings.releases)
    assert release is not None
    assert release.manifest["as_of"] == "2026-08-31"
    drills.deliver(settings)
    assert drills.night(settings).is_success
    assert drills.has_everything(settings)
    release = open_current(settings.releases)
    assert release is not None
    assert release.manifest["as_of"] == "2026-10-31"
    assert {"2026-09", "2026-10"} <= set(release.periods("employees"))
    assert len(list_releases(settings.releases)) == 2
    with Store(settings).read() as con:
        months = {
            month for (month,) in con.execute("SELECT DISTINCT month FROM absence.hr_absence").fetchall()
        }
    assert {date(2026, 9, 1), date(2026, 10, 1)} <= months
