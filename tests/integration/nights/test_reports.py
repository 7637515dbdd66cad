"""The reports after the night: a job of their own, whose failing changes nothing of what people see."""

from __future__ import annotations

import dagster as dg
import pytest

from assets import reports
from assets.definitions import assemble
from pipelines.alerts.incidents import standing
from pipelines.nights.watching import look
from pipelines.publication import publish_release
from warehouse.release import open_current, read_status
from warehouse.settings import Settings
from warehouse.store import Store


@pytest.fixture
def published(municipality: Settings) -> Settings:
    """An installation with a release."""
    publish_release(Store(municipality), municipality)
    return municipality


def run(settings: Settings) -> bool:
    with dg.DagsterInstance.ephemeral() as instance:
        job = assemble(settings).resolve_job_def(reports.JOB)
        return job.execute_in_process(instance=instance, raise_on_error=False).success


def test_the_job_makes_every_report_of_the_release(published: Settings):
    assert run(published)
    release = open_current(published.releases)
    assert release is not None
    files = sorted((published.reports / release.id).glob("*.pdf"))
    assert len(files) >= 4
    assert all(file.read_bytes().startswith(b"%PDF-1.7") for file in files)
    assert read_status(published.releases)["reports"] == {"release": release.id, "is_made": True}
    assert [finding.key for finding in look(published) if finding.key == "reports"] == []


def test_a_report_that_cannot_be_made_is_told_and_the_release_stands(published: Settings):
    before = open_current(published.releases)
    published.reports.write_text("a file where the folder should be", encoding="utf-8")
    assert not run(published)
    after = open_current(published.releases)
    assert before is not None
    assert after is not None
    assert after.id == before.id
    assert "reports" in standing(published.home / "alerts" / "incidents.json")
    published.reports.unlink()
    assert run(published)
    assert "reports" not in standing(published.home / "alerts" / "incidents.json")


def test_reports_that_take_too_long_are_told_as_not_made(
    published: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reports, "TIMEOUT_SECONDS", 0.01)
    assert not run(published)
    assert read_status(published.releases)["reports"]["is_made"] is False
    assert "reports" in standing(published.home / "alerts" / "incidents.json")


def test_a_night_that_has_published_asks_for_them_once(published: Settings):
    sensor = reports.sensor(published)
    release = open_current(published.releases)
    assert release is not None
    definitions = assemble(published)
    with dg.DagsterInstance.ephemeral() as instance:
        nightly = instance.create_run_for_job(definitions.resolve_job_def("nightly"))
        instance.report_run_failed(nightly)
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=dg.DagsterEvent("PIPELINE_SUCCESS", "nightly"),
            dagster_instance=instance,
            dagster_run=nightly,
        )
        request = sensor(context)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == release.id
