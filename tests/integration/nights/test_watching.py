"""What stands wrong is found, told once, and told when it is over; from outside, without Dagster and without the warehouse."""

from __future__ import annotations

import errno
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import operating
from assets.intake import tell_refusals
from assets.resources import Night, watched
from pipelines.alerts import incidents
from pipelines.intake import take
from pipelines.nights import gauges
from pipelines.nights.watching import Finding, look, standing
from pipelines.publication import publish_release
from tests.fixtures.homes import fordel
from warehouse import release
from warehouse.contracts import CONTRACTS
from warehouse.manifest import current_id
from warehouse.release import DOCUMENTS, open_current, publish, read_status, write_status
from warehouse.settings import Settings
from warehouse.store import Store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def leave_word(settings: Settings, **changes: object) -> None:
    """What a night writes beside the pointer."""
    with Store(settings).read() as con:
        stands = standing(con, settings, NOW.date())
    run = {"id": "1", "started_at": NOW.isoformat(), "ended_at": NOW.isoformat(), "outcome": "published"}
    write_status(settings.releases, {"run": run, "problems": [], "checks": [], **stands, **changes})


@pytest.fixture
def published(municipality: Settings) -> Settings:
    """After a night in which all went well."""
    publish_release(Store(municipality), municipality)
    leave_word(municipality)
    return municipality


def keys(settings: Settings, now: datetime = NOW) -> list[str]:
    return [finding.key for finding in look(settings, now)]


def test_all_is_well(published: Settings):
    assert keys(published) == []


def test_a_night_that_was_missed_and_data_that_are_old(published: Settings):
    assert keys(published, NOW + timedelta(hours=25)) == []
    assert keys(published, NOW + timedelta(hours=27)) == ["run:missed"]
    assert keys(published, NOW + timedelta(days=60)) == ["release:stale", "run:missed"]
    # Half past midnight in Sweden is the day before in UTC: it is Sweden's day that counts, for the gauge as well.
    last = datetime(2026, 10, 31, 23, 30, tzinfo=UTC) + timedelta(days=published.fresh_within_days)
    assert "release:stale" in keys(published, last)
    assert f"\nfordel_release_age_days {published.fresh_within_days + 1}\n" in gauges.text(published, last)
    assert "release:stale" not in keys(published, last - timedelta(hours=1))


def test_a_failed_night_tells_why(published: Settings):
    run = {"id": "2", "started_at": NOW.isoformat(), "ended_at": NOW.isoformat(), "outcome": "failed"}
    problem = {"sv": "Steget föll", "en": "The step fell", "key": "step:Release"}
    leave_word(published, run=run, problems=[problem])
    (finding,) = look(published, NOW)
    assert (finding.key, finding.level) == ("step:Release", "critical")
    leave_word(published, gate={"passed": False})
    assert keys(published) == ["gate"]


def test_a_refused_delivery_stands_until_it_is_replaced_or_taken_away(published: Settings):
    bad = published.example_files / "hr_employment" / "personal_2026-11_levererad_2026-11-20.csv"
    bad.write_bytes(b"")
    take(published, Store(published), "hr_employment")
    for _ in range(2):
        leave_word(published)
        assert keys(published) == [f"refused:example_employment/{bad.name}"]
        # The next night the file is not tried again, and still stands.
        take(published, Store(published), "hr_employment")
    bad.unlink()
    leave_word(published)
    assert keys(published) == []


def test_a_number_in_a_files_name_is_told_to_nobody(published: Settings):
    bad = published.example_files / "hr_employment" / "personal_2026-11_19121212-1212.csv"
    bad.write_bytes(b"")
    taken = take(published, Store(published), "hr_employment")
    night = Night(published, Store(published), "1")
    tell_refusals(night, CONTRACTS["hr_employment"], taken)
    leave_word(published)
    found = [finding.problem() for finding in look(published, NOW)]
    (key,) = {problem.key for problem in found} | {problem["key"] for problem in night.problems}
    assert key == "refused:example_employment/personal_2026-11_….csv", (
        "the night and the watchdog mean the same"
    )
    assert "1212" not in f"{found} {night.problems} {read_status(published.releases)}"


def test_a_release_that_the_disk_has_changed(published: Settings):
    current = open_current(published.releases)
    assert current is not None
    file = current.folder / "quality.json"
    file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert keys(published) == ["release:damaged"]


def test_a_release_that_cannot_be_read_is_told_and_made_anew(published: Settings):
    shown = current_id(published.releases)
    assert shown is not None
    file = published.releases / shown / "cells.parquet"
    file.write_bytes(file.read_bytes()[:1000])
    release._read.cache_clear()  # as another process reads it
    assert keys(published) == ["release:damaged"]
    assert "fordel_findings" in gauges.text(published, NOW)
    told = fordel(published.file, "check")
    assert (told.returncode, told.stdout[:8]) == (1, "NOT WELL"), told.stderr
    assert fordel(published.file, "releases").returncode == 0
    assert fordel(published.file, "show", "employees").returncode == 1
    night = Night(published, Store(published), "1")
    with night.store.write():
        publish_release(night.store, published)
        night.close()
    assert current_id(published.releases) != shown
    assert keys(published) == []


@pytest.mark.parametrize(("has_begun", "key"), [(False, "run:not_begun"), (True, "run:not_ended")])
def test_a_night_that_was_broken_off_is_wrong_until_one_has_ended(
    published: Settings, has_begun: bool, key: str
):
    night = Night(published, Store(published), "1")
    night.has_begun = has_begun
    with pytest.raises(OSError, match="no room"), watched(night):
        raise OSError("no room")
    for _ in range(2):
        assert keys(published) == [key]
    assert key in incidents.standing(published.home / "alerts" / "incidents.json")
    night.close()
    assert key not in keys(published)


def test_a_watchdog_that_falls_does_not_pass_for_one_that_has_told(published: Settings):
    (published.releases / "status.json").write_bytes(b"{")
    for how in ([], ["--nagios"], ["--alert"]):
        told = fordel(published.file, "check", *how)
        assert (told.returncode, told.stdout[:9]) == (3, "UNKNOWN -"), told.stderr


def test_a_disk_that_takes_no_lock_is_told_all_the_same(published: Settings, monkeypatch: pytest.MonkeyPatch):
    def read_only(_: Store) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Store, "_lock", read_only)
    assert operating._tell(published, [Finding("disk:read_only", "critical", "sv", "en")]) == []
    assert "disk:read_only" in incidents.standing(published.home / "alerts" / "incidents.json")


def test_room_and_rights(published: Settings):
    full = published.model_copy(update={"watch": published.watch.model_copy(update={"disk_free_gb": 1e9})})
    assert keys(full) == ["disk"]
    published.keys.chmod(0o755)
    (published.keys / "pseudonym.key").chmod(0o644)
    assert "exposed:keys" in keys(published)


def test_quarantine_and_contracts_with_nothing_new(published: Settings):
    leave_word(published, quarantine={"rows": 900, "share": 3.2})
    (finding,) = look(published, NOW)
    assert finding.key == "quarantine"
    assert "3.2" in finding.sv
    with Store(published).read() as con:
        old = standing(con, published, NOW.date() + timedelta(days=200))["stale"]
    assert {line["contract"] for line in old} >= {"hr_employment", "hr_absence"}
    assert "hr_absence" not in old[0]["reason"]["sv"]


def test_the_command_as_nagios_and_as_people_read_it(published: Settings):
    file = published.file
    word = {"ended_at": datetime.now(UTC).isoformat(timespec="seconds"), "id": "1", "outcome": "published"}
    leave_word(published, run=word)
    fine = fordel(file, "check", "--nagios")
    assert (fine.returncode, fine.stdout[:11]) == (0, "FORDEL OK -"), fine.stdout
    leave_word(published, run=word, quarantine={"rows": 900, "share": 3.2})
    warned = fordel(file, "check", "--nagios", "--alert")
    assert (warned.returncode, warned.stdout[:16]) == (1, "FORDEL WARNING -")
    assert fordel(file, "check").returncode == 0, "what is shown is fresh and the night went well"
    assert list(incidents.standing(published.home / "alerts" / "incidents.json")) == ["quarantine"]
    leave_word(published, run={**word, "outcome": "failed"})
    assert fordel(file, "check", "--nagios").returncode == 2
    assert fordel(file, "check").returncode == 1
    file.write_text("nonsense: true\n", encoding="utf-8")
    assert fordel(file, "check", "--nagios").returncode == 3
    assert fordel(file, "check").returncode == 2


def test_releases_are_listed_compared_rolled_back_and_verified(published: Settings):
    file, folder = published.file, published.releases
    first = open_current(folder)
    assert first is not None
    cells = first.by_figure["employees"].with_columns(value=first.by_figure["employees"]["value"] + 1)
    documents = {name: json.loads((first.folder / name).read_text(encoding="utf-8")) for name in DOCUMENTS}
    second = publish(folder, cells, documents, {"as_of": first.manifest["as_of"]}).id
    told = fordel(file, "releases", "compare", first.id).stdout
    assert re.search(r"^employees +\d+ changed", told, re.MULTILINE), told
    assert fordel(file, "releases", "rollback", first.id).returncode == 0
    assert f"{second}  made" in fordel(file, "releases").stdout
    assert "withdrawn" in fordel(file, "releases").stdout
    assert keys(published) == ["release:rolled_back"]
    # The night of the example brings the first one's figures; those of the second would be withheld.
    assert publish(folder, cells, documents, {"as_of": "2026-10-31"}).is_withheld
    assert fordel(file, "releases", "lift").stdout == f"No longer withdrawn: {second}.\n"
    assert fordel(file, "releases", "verify").returncode == 0
    (folder / second / "cells.parquet").write_bytes(b"")
    assert fordel(file, "releases", "verify").returncode == 1
    assert fordel(file, "releases", "rollback", "20200101T000000Z-00000000").returncode == 2
    assert fordel(file, "releases", "prune", "--keep", "1").returncode == 0


def test_gauges_are_numbers_that_prometheus_reads(published: Settings):
    path = gauges.write(published, NOW)
    line = re.compile(r'^fordel_[a-z_]+(\{[a-z]+="[a-z]+"\})? -?[0-9.e+]+$')
    lines = [each for each in path.read_text(encoding="utf-8").splitlines() if not each.startswith("#")]
    assert len(lines) > 10
    assert all(line.match(each) for each in lines), lines
    assert path.stat().st_mode & 0o777 == 0o644
    assert read_status(published.releases)["run"]["outcome"] == "published"
    assert list(Path(path.parent).iterdir()) == [path], "nothing half-written is left"
