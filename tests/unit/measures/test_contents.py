"""What the core tables hold as seen from a day: what comes later does not change it, what is seen from it does."""

from datetime import date
from pathlib import Path

from pipelines.core import build_core, contents
from tests.fixtures.people import load, settings_in
from warehouse.store import Store

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
ENDS = [date(2026, 8, 31), date(2026, 9, 30)]


def test_a_day_sees_no_further_than_itself(tmp_path: Path):
    settings = settings_in(tmp_path)
    store = Store(settings)

    def seen() -> tuple[dict[date, str], date]:
        build_core(store, settings)
        with store.read() as con:
            (end,) = con.execute(
                "SELECT MAX(spell_end) FROM absence.time_month WHERE month = ?", [AUGUST]
            ).fetchone() or (None,)
            return contents(con, ENDS), end

    spell = {"person": "a", "spell_start": date(2026, 8, 10)}
    load(
        store,
        [{"month": AUGUST, "person": "a"}],
        [{**spell, "month": AUGUST, "spell_end": date(2026, 8, 31)}],
    )
    first, end = seen()
    assert end == date(2026, 8, 31)

    # The same spell goes on: the table tells August's row of September, but nobody in August could have seen it.
    load(
        store,
        [{"month": SEPTEMBER, "person": "a"}],
        [{**spell, "month": SEPTEMBER, "spell_end": date(2026, 9, 12)}],
    )
    second, end = seen()
    assert end == date(2026, 9, 12)
    assert second[ENDS[0]] == first[ENDS[0]]
    assert second[ENDS[1]] != first[ENDS[1]]
