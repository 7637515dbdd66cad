"""Making the reports: one tagged PDF per report and language, beside the releases.

Belongs here: from HTML to PDF/UA-1, and where the files lie.
Does not belong here: what they say (contents.py).

WeasyPrint draws with Pango, which the operating system must have (Debian: libpango-1.0-0, libpangoft2-1.0-0,
libharfbuzz-subset0).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from dashboards import address, view
from dashboards.access.scope import WHOLE, open_before, open_for
from dashboards.reports import contents
from warehouse.release import NoReleaseError, list_releases, read_status
from warehouse.settings import Settings
from warehouse.texts import LANGUAGES

REPORTS: dict[str, Callable[[view.View], str]] = {"brief": contents.brief, "equality": contents.equality}
STYLE = """
@page { size: A4; margin: 20mm 18mm;
  @bottom-right { content: counter(page); font: 9pt "Liberation Sans", sans-serif; } }
body { font: 10.5pt/1.45 "Liberation Sans", "DejaVu Sans", sans-serif; color: #1d1b20; }
h1 { font-size: 22pt; line-height: 1.2; margin: 0 0 4mm; } h2 { font-size: 14pt; margin: 8mm 0 2mm; break-after: avoid; }
h3 { font-size: 11pt; margin: 4mm 0 0; break-after: avoid; } p { margin: 1mm 0; }
header p { color: #57545e; } .lead { font-size: 12pt; margin-top: 5mm; } .note { color: #57545e; margin-top: 6mm; }
table { border-collapse: collapse; width: 100%; margin-top: 3mm; font-size: 9.5pt; }
caption { text-align: left; color: #57545e; margin-bottom: 1mm; }
section.whole { break-inside: avoid; } ul { margin: 2mm 0 0; padding-left: 5mm; } li { margin: 0.5mm 0; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 3mm 1.2mm 0;
  border-bottom: 0.5pt solid #d9d5ce; font-weight: normal; }
thead th { font-weight: bold; } tr { break-inside: avoid; } img.chart { width: 100%; margin-top: 3mm; }
"""


def make_reports(settings: Settings) -> list[Path]:
    """Make every report of the current release, in every language; those of releases that are gone are removed.

    Returns:
        The files.

    Raises:
        NoReleaseError: there is no release yet.
    """
    from weasyprint import CSS, HTML

    release = open_for(settings.releases, WHOLE)
    if release is None:
        raise NoReleaseError(f"there is no release in {settings.releases} yet: run fordel refresh")
    folder = settings.reports / release.id
    folder.mkdir(parents=True, exist_ok=True)
    status, before = read_status(settings.releases), open_before(settings.releases, release, WHOLE)
    made = []
    for name, compose in REPORTS.items():
        for lang in LANGUAGES:
            page = address.Address(lang, "equality" if name == "equality" else "overview")
            text = compose(view.make(release, status, page, before=before))
            file = folder / f"{name}-{lang}.pdf"
            fresh = file.with_suffix(".making")
            HTML(string=text).write_pdf(fresh, stylesheets=[CSS(string=STYLE)], pdf_variant="pdf/ua-1")
            fresh.replace(file)
            made.append(file)
    kept = set(list_releases(settings.releases))
    for old in settings.reports.iterdir():
        if old.name not in kept:
            shutil.rmtree(old)
    return made
