"""A file that kills the reader does not kill the caller, and the next file is read."""

import os
import signal
import subprocess
import sys
import zipfile
from io import BytesIO

import pytest

from pipelines.intake import sandbox
from pipelines.intake.reading import Form
from pipelines.intake.reasons import RefusalError
from pipelines.intake.sandbox import Reader
from tests.fixtures.homes import ROOT

HONEST = b"a;b\n1;2\n"


def _cell_in_the_last_corner() -> bytes:
    """A workbook of a few hundred bytes whose one sheet has a value in XFD1048576."""
    buffer = BytesIO()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-package.relationships+xml"
    linked = f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'{linked} Type="{relations}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{linked} Type="{relations}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    }
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_a_workbook_with_a_cell_in_the_last_corner_is_stopped_and_the_next_file_is_read() -> None:
    with Reader() as reader:
        with pytest.raises(RefusalError) as refused:
            reader.read("corner.xlsx", _cell_in_the_last_corner(), Form())
        assert refused.value.reason.id in ("reader_died", "unreadable")
        assert reader.read("honest.csv", HONEST, Form()).frame.height == 1


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (120 * 1024**2))
    with Reader() as reader, pytest.raises(RefusalError) as refused:
        reader.read("bomb.xlsx", buffer.getvalue(), Form())

    assert refused.value.reason.id == "swells"


def test_a_reader_that_never_answers_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS_BASE", 0.0)
    with Reader() as reader:
        with pytest.raises(RefusalError) as refused:
            reader.read("honest.csv", HONEST, Form())
        assert refused.value.reason.id == "reader_died"
        monkeypatch.setattr(sandbox, "SECONDS_BASE", 20.0)
        assert reader.read("honest.csv", HONEST, Form()).frame.height == 1


ENDLESS = """
from pipelines.intake import sandbox
sandbox.SECONDS_BASE = 0.2
sandbox._limit(0)
while True:
    pass
"""


def test_what_computes_for_ever_is_ended_by_its_processor_time() -> None:
    ended = subprocess.run([sys.executable, "-c", ENDLESS], cwd=ROOT, timeout=120, check=False)
    assert ended.returncode == -signal.SIGXCPU


def test_the_reader_knows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORDEL_KEY", "5a" * 32)
    with Reader() as reader:
        reader.read("honest.csv", HONEST, Form())
        child = reader._child
        assert child is not None
        with open(f"/proc/{child.pid}/environ", "rb") as environment:  # noqa: PTH123
            assert b"FORDEL" not in environment.read()
        pid = child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
