"""Computing again: only the periods whose inputs have changed."""

from datetime import date
from pathlib import Path

from pipelines.core import build_core
from pipelines.measures.compute import compute
from tests.fixtures.people import load, settings_in
from tests.unit.measures.municipality import NOVEMBER, people
from warehouse.store import Store


def test_only_what_changed_is_computed_again(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    store = Store(settings)
    load(store, people(10))
    assert build_core(store, settings).months == (NOVEMBER,)
    assert compute(store, settings).periods == ("2022", "2022-11")
    assert build_core(store, settings).months == ()
    assert compute(store, settings).cells == 0
    december = date(2022, 12, 1)
    load(store, [{**row, "month": december} for row in people(10)])
    assert build_core(store, settings).months == (december,)
    assert compute(store, settings).periods == ("2022-12",)
