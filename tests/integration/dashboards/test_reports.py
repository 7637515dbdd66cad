"""The reports as PDF: tagged, in their language, with a title and words for every picture (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from dashboards.app import create_app
from dashboards.reports.making import make_reports
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def home(full_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "releases").symlink_to(full_home / "releases")
    return folder


@pytest.fixture(scope="module")
def made(home: Path) -> list[Path]:
    return make_reports(Settings(home=home))


def tags(node: Any) -> Iterator[Any]:
    """Every structure element of a PDF."""
    node = node.get_object()
    yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        found = child.get_object()
        if isinstance(found, dict) and "/S" in found:
            yield from tags(child)


def test_every_report_is_there_in_both_languages(made: list[Path]) -> None:
    assert sorted(file.name for file in made) == [
        "brief-en.pdf",
        "brief-sv.pdf",
        "equality-en.pdf",
        "equality-sv.pdf",
    ]


def test_a_report_is_tagged_and_every_picture_has_words(made: list[Path]) -> None:
    for file in made:
        root: Any = PdfReader(file).trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert str(root["/Lang"]) == file.stem.rpartition("-")[2]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert PdfReader(file).metadata.title  # type: ignore[union-attr]
        assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
        elements = list(tags(root["/StructTreeRoot"]))
        kinds = [str(element.get("/S")) for element in elements]
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P"} <= set(kinds)
        pictures = [element for element in elements if element.get("/S") == "/Figure"]
        assert len(pictures) >= (2 if file.name.startswith("equality") else 0)
        assert all(str(picture.get("/Alt", "")).strip() for picture in pictures)


def test_a_report_is_given_to_those_who_may_see_everything(home: Path, made: list[Path]) -> None:
    client = create_app(Settings(home=home), is_public=True).server.test_client()
    answer = client.get("/download/sv/report-equality.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data == next(file for file in made if file.name == "equality-sv.pdf").read_bytes()
