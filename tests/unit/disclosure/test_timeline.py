"""The timeline and its reading: what was published before, and which new numbers would tell of a few by the difference."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.changes import UNCHANGED
from pipelines.disclosure.contributions import BETWEEN, name_of, told
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.ledger import DECIDED_SCHEMA, Entry, Ledger
from pipelines.disclosure.reading import Reading
from pipelines.disclosure.timeline import Timeline, is_compared
from pipelines.disclosure.union import Key
from tests.fixtures.contributed import cells, group, warehouse
from tests.fixtures.people import settings_in
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue

FOUND = catalogue()
AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (8, 9, 10))
ENDS = {AUGUST: date(2026, 8, 31), SEPTEMBER: date(2026, 9, 30), OCTOBER: date(2026, 10, 31)}
SHARE = told(FOUND, FOUND.figures["full_time_share"])
FULL, ALL = (name_of(part) for part in SHARE.parts)
# The made-up persons have what these figures ask for.
LIMITED = FOUND.model_copy(
    update={"figures": {name: FOUND.figures[name] for name in ("employees", "full_time_share")}}
)
EIGHT = list(group("abcdefgh", "U1"))


def reading(
    folder: Path, months: Mapping[date, Sequence[Mapping[str, Any]]], found: Catalogue = LIMITED
) -> Reading:
    con = warehouse(months)
    con.execute("CREATE SCHEMA raw; CREATE SCHEMA absence")
    con.execute(
        "CREATE TABLE raw.hr_employment AS SELECT DISTINCT month, 'd' AS delivery_id FROM core.person_month"
    )
    con.execute("CREATE TABLE absence.hr_absence AS SELECT * FROM raw.hr_employment LIMIT 0")
    return Reading(con, found, settings_in(folder), "salt")


def of_month(month: date, *tables: pl.DataFrame) -> pl.DataFrame:
    """Cells of another month than October."""
    return pl.concat(tables).with_columns(period=pl.lit(f"{month:%Y-%m}"), period_end=pl.lit(ENDS[month]))


def entered(
    ledger: Ledger, own: Reading, month: date, here: pl.DataFrame, status: Mapping[str, tuple[bool, bool]]
) -> Entry:
    """A month's entry in the ledger; `status` says of a breakdown whether its groups were shown and are known."""
    material = own.material(here)
    decided = [
        (figure, period, breakdown, siblings, *status[breakdown], "")
        for figure, period, breakdown, siblings in here.select("figure", "period", "breakdown", "_siblings")
        .unique(maintain_order=True)
        .iter_rows()
    ]
    pieces = {name: frame.with_columns(who="token").drop("token") for name, frame in material.pieces.items()}
    frame = pl.DataFrame(decided, schema=DECIDED_SCHEMA, orient="row")
    return ledger.add(ENDS[month], f"f{len(ledger.entries())}", frame, {}, pieces)


def forget_column(entry: Entry, column: str) -> None:
    """As if the ledger had been written before there was such a column."""
    for file in entry.folder.glob("pieces-*.parquet"):
        pl.read_parquet(file).drop(column).write_parquet(file)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger")
    made.begin(ENDS[AUGUST])
    return made


KNOWN, UNKNOWN = (
    {"total": (True, True), "unit": (True, True)},
    {"total": (False, False), "unit": (True, True)},
)


def tables(n: int) -> tuple[pl.DataFrame, ...]:
    return (
        cells("full_time_share", "total", {"": (n, 8)}),
        cells("employees", "total", {"": (n, n)}),
        cells("full_time_share", "unit", {"U1": (n, 8)}),
    )


def test_one_who_came_makes_the_new_numbers_unsafe_where_the_old_are_known(
    tmp_path: Path, ledger: Ledger
) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*EIGHT, *group("i", "U1", fte_agreed=50.0)]})
    assert own.months == [SEPTEMBER, OCTOBER]
    before = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    here = of_month(OCTOBER, *tables(9))
    timeline = Timeline(FOUND, own, [before])
    found = timeline.unsafe(own.material(here), here)
    changed = sorted([ALL, SHARE.test(0), SHARE.test(2)])
    places = [name for name in FOUND.dimensions if name != "sex"]
    unit = BETWEEN.join("U1" if name == "unit" else "" for name in places)
    # Who works where is public: employees are not compared.
    assert found == {
        Key("full_time_share", "2026-10", "total", BETWEEN.join("" for _ in places)): changed,
        Key("full_time_share", "2026-10", "unit", unit): changed,
    }
    # What an outsider cannot know of September cannot be subtracted.
    doubtful = Timeline(FOUND, own, [])
    doubtful.add(entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), UNKNOWN))
    assert {key.breakdown for key in doubtful.unsafe(own.material(here), here)} == {"unit"}
    # A group that was not there before is known: it was not there.
    fresh = of_month(
        SEPTEMBER,
        cells("full_time_share", "total", {"": (8, 8)}),
        cells("full_time_share", "unit", {"U9": (8, 8)}),
    )
    other = Timeline(FOUND, own, [entered(ledger, own, SEPTEMBER, fresh, KNOWN)])
    assert {key.breakdown for key in other.unsafe(own.material(here), here)} == {"total", "unit"}
    # A table that was never published before has nothing to be subtracted from.
    alone = of_month(SEPTEMBER, cells("full_time_share", "total", {"": (8, 8)}))
    lonely = Timeline(FOUND, own, [entered(ledger, own, SEPTEMBER, alone, KNOWN)])
    assert {key.breakdown for key in lonely.unsafe(own.material(here), here)} == {"total"}
    assert Timeline(FOUND, own, []).unsafe(own.material(here), here) == {}


def test_five_who_came_are_enough(tmp_path: Path, ledger: Ledger) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*EIGHT, *group("ijklm", "U1", fte_agreed=50.0)]})
    before = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    here = of_month(OCTOBER, *tables(13))
    assert Timeline(FOUND, own, [before]).unsafe(own.material(here), here) == {}


def test_every_earlier_date_counts_and_the_columns_of_all_are_told(tmp_path: Path, ledger: Ledger) -> None:
    # Since August one came; since September one began to work part time: both ways are hidden.
    august = list(group("abcdefg", "U1"))
    october = [*august, *group("h", "U1", fte_agreed=50.0)]
    own = reading(tmp_path, {AUGUST: august, SEPTEMBER: EIGHT, OCTOBER: october})
    entries = [
        entered(ledger, own, month, of_month(month, cells("full_time_share", "total", {"": (n, n)})), KNOWN)
        for month, n in ((AUGUST, 7), (SEPTEMBER, 8))
    ]
    here = of_month(OCTOBER, cells("full_time_share", "total", {"": (8, 7)}))
    ((_, found),) = Timeline(FOUND, own, entries).unsafe(own.material(here), here).items()
    assert found == sorted([ALL, FULL, SHARE.test(0), SHARE.test(1), SHARE.test(2)])
    ((_, since_august),) = Timeline(FOUND, own, entries[:1]).unsafe(own.material(here), here).items()
    assert since_august == sorted([ALL, SHARE.test(0), SHARE.test(2)])


def test_a_figure_without_persons_in_the_month_is_not_compared(tmp_path: Path, ledger: Ledger) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: EIGHT})
    before = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    here = of_month(OCTOBER, *tables(8))
    material = own.material(here)
    own.con.execute("DELETE FROM core.person_month WHERE month = '2026-10-01'")
    emptied = own.material(here)
    assert emptied.pieces["person_month:month"].is_empty()
    timeline = Timeline(FOUND, own, [before])
    assert timeline.unsafe(material, here) == timeline.unsafe(emptied, here) == {}


def test_a_month_that_nobody_is_in_leaves_the_others_compared(tmp_path: Path, ledger: Ledger) -> None:
    joined = [*EIGHT, *group("i", "U1")]
    own = reading(tmp_path, {AUGUST: EIGHT, SEPTEMBER: EIGHT, OCTOBER: joined})
    entry = entered(ledger, own, AUGUST, of_month(AUGUST, *tables(8)), KNOWN)
    here = pl.concat([of_month(SEPTEMBER, *tables(8)), of_month(OCTOBER, *tables(9))])
    own.con.execute("DELETE FROM core.person_month WHERE month = '2026-09-01'")
    timeline, material = Timeline(FOUND, own, [entry]), own.material(here)
    found = timeline.unsafe(material, here)
    assert {(key.moment, key.breakdown) for key in found} == {("2026-10", "total"), ("2026-10", "unit")}
    assert {one.moment for one in timeline.unsafe_sums(material, here, set())} == {"2026-10"}


def test_a_figure_that_was_defined_in_another_way_before_is_not_compared(
    tmp_path: Path, ledger: Ledger
) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*EIGHT, *group("i", "U1")]})
    entry = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    forget_column(entry, FULL)
    here = of_month(OCTOBER, *tables(9), cells("employees", "age_group", {"35-54": (9, 9)}))
    assert Timeline(FOUND, own, [entry]).unsafe(own.material(here), here) == {}
    # A figure that needs no more than what was kept still is.
    before = of_month(SEPTEMBER, cells("employees", "age_group", {"35-54": (8, 8)}))
    by_age = entered(ledger, own, SEPTEMBER, before, {"age_group": (True, True)})
    forget_column(by_age, FULL)
    found = Timeline(FOUND, own, [by_age]).unsafe(own.material(here), here)
    assert [(key.figure, key.breakdown) for key in found] == [("employees", "age_group")]


def test_what_hidden_groups_come_to_is_compared_as_well(tmp_path: Path, ledger: Ledger) -> None:
    """Two small units at both dates, one of which someone joins; the third is large and shown, and so is the whole."""
    people = [*group("abcd", "U1"), *group("efgh", "U2"), *group("ijklmnopq", "U3")]
    own = reading(tmp_path, {SEPTEMBER: people, OCTOBER: [*people, *group("x", "U2", fte_agreed=50.0)]})

    def listed(last: int, *others: pl.DataFrame) -> pl.DataFrame:
        units = {"U1": (4, 4), "U2": (last, 4), "U3": (9, 9)}
        whole = cells("full_time_share", "total", {"": (last + 13, 17)})
        return pl.concat([cells("full_time_share", "unit", units), whole, *others])

    def key(breakdown: str, unit: str) -> Key:
        codes = BETWEEN.join(unit if name == "unit" else "" for name in FOUND.dimensions if name != "sex")
        return Key("full_time_share", "2026-10", breakdown, codes)

    here = listed(5)
    hidden = own.material(here)
    unit_of = {code: key("unit", code) for code in ("U1", "U2", "U3")}
    before = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, listed(4)), KNOWN)
    timeline = Timeline(FOUND, own, [before])
    changed = tuple(sorted([ALL, SHARE.test(0), SHARE.test(2)]))
    both = HiddenSum("full_time_share", "2026-10", "unit", ("U1", "U2"), changed)
    total = key("total", "")
    assert timeline.unsafe_sums(hidden, here, {unit_of["U3"], total}) == {both}
    # Whether the new whole is shown makes no difference: the sum is secret either way.
    assert timeline.unsafe_sums(hidden, here, {unit_of["U3"]}) == {both}
    # Nothing is hidden, at either date: the groups are compared by themselves.
    assert timeline.unsafe_sums(hidden, here, {*unit_of.values(), total}) == frozenset()
    # Hidden then and shown now: their sum is known at both.
    hid = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, listed(4)), {**KNOWN, "unit": (False, False)})
    every = HiddenSum("full_time_share", "2026-10", "unit", ("U1", "U2", "U3"), changed)
    assert Timeline(FOUND, own, [hid]).unsafe_sums(hidden, here, {*unit_of.values(), total}) == {every}
    # A whole that was not known leaves nothing to be subtracted from.
    vague = {"total": (False, False), "unit": (True, True)}
    doubtful = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, listed(4)), vague)
    assert Timeline(FOUND, own, [doubtful]).unsafe_sums(hidden, here, {unit_of["U3"]}) == frozenset()
    # A unit that was not listed then, though it had somebody, is in what the hidden ones came to; one that had nobody is not.
    unlisted = of_month(SEPTEMBER, listed(4)).filter(~(pl.col("unit") == "U1").fill_null(value=False))
    partly = entered(ledger, own, SEPTEMBER, unlisted, KNOWN)
    assert Timeline(FOUND, own, [partly]).unsafe_sums(hidden, here, {unit_of["U1"], unit_of["U3"]}) == {both}


def test_the_hidden_units_of_a_department_are_compared_where_the_department_was_known(
    tmp_path: Path, ledger: Ledger
) -> None:
    people = [*group("abcd", "U1"), *group("efgh", "U2"), *group("ijklmnopq", "V1")]
    own = reading(tmp_path, {SEPTEMBER: people, OCTOBER: [*people, *group("x", "U2", fte_agreed=50.0)]})

    def listed(last: int) -> pl.DataFrame:
        units = {"U1": (4, 4), "U2": (last, 4), "V1": (9, 9)}
        departments = {"U": (last + 4, 8), "V": (9, 9)}
        return pl.concat(
            [cells("full_time_share", "unit", units), cells("full_time_share", "department", departments)]
        )

    here = listed(5)
    for known, expected in ((True, {("U1", "U2")}), (False, set())):
        status = {"unit": (False, False), "department": (known, known)}
        entry = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, listed(4)), status)
        found = Timeline(FOUND, own, [entry]).unsafe_sums(own.material(here), here, set())
        assert {one.groups for one in found if one.breakdown == "unit"} == expected


def test_a_group_that_is_new_and_shown_is_no_part_of_what_hidden_ones_came_to(
    tmp_path: Path, ledger: Ledger
) -> None:
    people = [*group("abcd", "U1"), *group("efgh", "U2")]
    more = [*people, *group("x", "U2"), *group("ijklmnopq", "U3")]
    own = reading(tmp_path, {SEPTEMBER: people, OCTOBER: more})

    def listed(units: Mapping[str, tuple[int, int]], n: int) -> pl.DataFrame:
        return pl.concat(
            [
                cells("full_time_share", "unit", units),
                cells("full_time_share", "total", {"": (n, n)}),
            ]
        )

    before = of_month(SEPTEMBER, listed({"U1": (4, 4), "U2": (4, 4)}, 8))
    entry = entered(ledger, own, SEPTEMBER, before, {"unit": (False, False), "total": (True, True)})
    here = listed({"U1": (4, 4), "U2": (5, 5), "U3": (9, 9)}, 18)
    codes = BETWEEN.join("U3" if name == "unit" else "" for name in FOUND.dimensions if name != "sex")
    shown = {Key("full_time_share", "2026-10", "unit", codes)}
    found = Timeline(FOUND, own, [entry]).unsafe_sums(own.material(here), here, shown)
    assert {one.groups for one in found} == {("U1", "U2")}


def test_what_was_hidden_stays_hidden_while_nobody_changes_also_when_its_own_date_is_decided_again(
    tmp_path: Path, ledger: Ledger
) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: EIGHT})
    here = of_month(OCTOBER, *tables(8))
    hidden = {"total": (True, True), "unit": (False, True)}
    for month in (SEPTEMBER, OCTOBER):
        entry = entered(ledger, own, month, of_month(month, *tables(8)), hidden)
        found = Timeline(FOUND, own, [entry]).unsafe(own.material(here), here)
        assert {(key.figure, key.breakdown): why for key, why in found.items()} == {
            ("full_time_share", "unit"): [UNCHANGED]
        }


def test_a_month_and_a_year_of_the_same_subject_are_compared_and_another_subject_is_not(
    tmp_path: Path, ledger: Ledger
) -> None:
    """A sum over twelve months less that of another tells of two months."""
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*EIGHT, *group("i", "U1")]})
    entry = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    here = of_month(OCTOBER, *tables(9))
    (file,) = entry.folder.glob("pieces-*.parquet")
    # Of the year less is kept; it is called like its last month, and does not stand in for it.
    pl.read_parquet(file).drop(FULL).write_parquet(file.with_name("pieces-person_month+rolling.parquet"))
    assert len(Timeline(FOUND, own, [entry]).unsafe(own.material(here), here)) == 2
    for name, breakdowns in (("person_month+rolling", {"total", "unit"}), ("person_plan_month+month", set())):
        file = file.rename(file.with_name(f"pieces-{name}.parquet"))
        found = Timeline(FOUND, own, [entry]).unsafe(own.material(here), here)
        assert {key.breakdown for key in found} == breakdowns


def test_a_dimension_that_the_source_has_gained_leaves_the_others_compared(
    tmp_path: Path, ledger: Ledger
) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*EIGHT, *group("i", "U1")]})
    entry = entered(ledger, own, SEPTEMBER, of_month(SEPTEMBER, *tables(8)), KNOWN)
    forget_column(entry, "d_age_group")
    here = of_month(OCTOBER, *tables(9))
    found = Timeline(FOUND, own, [entry]).unsafe(own.material(here), here)
    assert {key.breakdown for key in found} == {"total", "unit"}


def test_what_the_last_date_before_showed_is_kept_if_possible(tmp_path: Path, ledger: Ledger) -> None:
    own = reading(tmp_path, {AUGUST: EIGHT, SEPTEMBER: EIGHT, OCTOBER: EIGHT})
    hidden = {"total": (True, True), "unit": (False, True)}
    august = entered(ledger, own, AUGUST, of_month(AUGUST, *tables(8)), KNOWN)
    totals = of_month(SEPTEMBER, *tables(8)[:2])
    september = entered(ledger, own, SEPTEMBER, totals, {"total": (False, True)})
    october = entered(ledger, own, OCTOBER, of_month(OCTOBER, *tables(8)), hidden)
    # Whatever order they are entered in: of the units August is the last before October, of the totals September.
    timeline = Timeline(FOUND, own, [october, september, august])
    favoured = {(figure, breakdown) for figure, breakdown, _ in timeline.favoured(ENDS[OCTOBER])}
    assert favoured == {("full_time_share", "unit")}
    assert {group for *_, group in timeline.favoured(ENDS[OCTOBER])} == set(
        tables(8)[2]["_siblings"].to_list()
    )
    shown = {(figure, breakdown) for figure, breakdown, _ in timeline.favoured(ENDS[SEPTEMBER])}
    assert shown == {("full_time_share", "total"), ("employees", "total"), ("full_time_share", "unit")}
    assert timeline.favoured(ENDS[AUGUST]) == frozenset()


def test_a_person_has_the_same_number_in_every_reading(tmp_path: Path) -> None:
    own = reading(tmp_path, {SEPTEMBER: EIGHT, OCTOBER: [*group("z", "U1"), *EIGHT]})
    first = own.material(of_month(SEPTEMBER, *tables(8)))
    second = own.material(of_month(OCTOBER, *tables(9)))
    assert (first.people, second.people) == (8, 9)
    numbers = [
        dict(material.pieces["person_month:month"].select("token", "who").iter_rows())
        for material in (first, second)
    ]
    assert numbers[0].items() <= numbers[1].items()
    assert sorted(numbers[1].values()) == list(range(9))
    # Only what is asked for is read.
    assert set(second.pieces["person_month:month"]["period"]) == {"2026-10"}
    assert second.moments["full_time_share", "2026-10"] == ("person_month:month", "2026-10")
    assert ("full_time_share", "2026-09") not in second.moments


def test_figures_that_counts_or_methods_make_have_no_source(tmp_path: Path) -> None:
    own = reading(tmp_path, {OCTOBER: EIGHT}, FOUND)
    source, kind = own.sources["person_month:month"]
    assert kind == "month"
    assert source.dimensions[:2] == ("department", "unit")
    assert "pay_quartile" not in source.dimensions
    assert all(one.figure.method is None and one.mark == "" for one in source.plain)
    assert {one.mark for one in source.known} == {"_known"}
    assert len(source.known) == len(source.plain)
    assert all(FOUND.subjects[name.split(":")[0]].row != "count" for name in own.sources)
    # Where sex is not known of the subject at all, nobody was left out for it.
    without, _ = next(one for name, one in own.sources.items() if name.startswith("leader_plan_month"))
    assert without.known == ()


@pytest.mark.parametrize(
    ("figure", "by", "expected"),
    [
        ("full_time_share", (), True),
        ("employees", ("department", "sex"), False),
        ("employees", ("age_group",), True),
        ("organisation_plan_progress", (), False),
    ],
)
def test_what_is_compared(figure: str, by: tuple[str, ...], expected: bool) -> None:
    assert is_compared(FOUND.figures[figure], by) == expected
