"""Medarbetarengagemang: how many answered, the HME indices over the rounds, and each statement by department.

Belongs here: the employee survey. Does not belong here: what is done about it (plans.py).
"""

from __future__ import annotations

from dash import html

from dashboards.figures import wrapper
from dashboards.pages import blocks, parts, series
from dashboards.reading import is_hidden, is_shown
from dashboards.view import View

INDICES = ("hme_total", "hme_motivation", "hme_leadership", "hme_governance")
ITEMS = tuple(f"hme_item_{number}" for number in range(1, 10))
BANDS = (60.0, 70.0, 80.0, 85.0)


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("engagement.lead"),
        series.over_time(view, "response_rate", "response-rate"),
        series.curves(
            view, INDICES, "indices", words("engagement.indices.name"), words("engagement.indices.chart")
        ),
        _statements(view),
        blocks.tiles(view, ("inclusion", "accessibility_gap"), "inclusion", words("engagement.inclusion")),
    )


def _statements(view: View) -> html.Section:
    """Department × statement, printed values; the whole municipality first."""
    words, by = view.words, "department"
    here = [figure for figure in ITEMS if view.reader.offers(figure, [by])]
    if not here:
        return wrapper.missing(
            view, "statements", words("engagement.statements.name"), [view.reason(ITEMS[0])]
        )
    cells = {(figure, cell[by]): cell for figure in here for cell in view.reader.rows(figure, [by])}
    codes = sorted({code for _, code in cells}, key=lambda code: view.label(by, code))
    first = [view.reader.cell(figure) for figure in here]
    entry = view.release.figures[here[0]]

    def shade(cell: dict | None) -> wrapper.Shade:
        if cell is None or not is_shown(cell):
            return wrapper.Shade(view.numbers.cell(entry, cell))
        return wrapper.Shade(
            view.numbers.plain(cell["value"], int(entry["decimals"])),
            1 + sum(cell["value"] > step for step in BANDS),
        )

    rows = [(words("common.choose.whole"), [shade(cell) for cell in first])]
    rows += [(view.label(by, code), [shade(cells.get((figure, code))) for figure in here]) for code in codes]
    shown = {
        figure: cell["value"]
        for figure, cell in zip(here, first, strict=True)
        if cell is not None and is_shown(cell)
    }
    heading, sentences = words("engagement.statements.name"), [words("engagement.statements.how")]
    if shown:
        top, bottom = max(shown, key=shown.__getitem__), min(shown, key=shown.__getitem__)
        heading = words("engagement.statements.heading", top=view.name(top))
        decimals = int(entry["decimals"])
        sentences.insert(
            0,
            words(
                "engagement.statements.range",
                top=view.name(top),
                high=view.numbers.plain(shown[top], decimals),
                bottom=view.name(bottom),
                low=view.numbers.plain(shown[bottom], decimals),
            ),
        )
    hidden = len({code for (_, code), cell in cells.items() if is_hidden(cell)})
    if hidden:
        sentences.append(words.count("common.hidden", hidden, n=view.numbers.plain(hidden)))
    name = words("engagement.statements.chart")
    block = wrapper.Block("statements", heading, sentences, name, here[:1], [by])
    columns = [words("common.dimensions.department.one"), *[view.name(figure) for figure in here]]
    return wrapper.heat(view, block, columns, rows)
