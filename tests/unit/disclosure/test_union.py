"""The union: cells and persons become lines, masks and secrets, by hand-made examples."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pytest

from pipelines.disclosure.changes import UNCHANGED
from pipelines.disclosure.contributions import BETWEEN, name_of, told
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.material import Material
from pipelines.disclosure.primary import RULES, Rule
from pipelines.disclosure.tables import Mask, Need
from pipelines.disclosure.union import Key, Union, draw, is_modelled, is_public
from tests.fixtures.contributed import SOURCE, cells, group, material
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
FIGURES = ("employees", "full_time_share", "full_time_equivalents", "age_distribution", "pay_gap_mean")
# Unit U1: eight, of whom six work full time; unit V1: two, of whom one does.
PEOPLE = [
    *group("abcdef", "U1"),
    *group("gh", "U1", fte_agreed=50.0, sex="M"),
    *group("i", "V1", birth_month=None),
    *group("j", "V1", fte_agreed=40.0),
]
TOTAL, UNITS = {"": (10, 7)}, {"U1": (8, 6), "V1": (2, 1)}


@pytest.fixture(scope="module")
def town() -> Material:
    return material(PEOPLE, FIGURES)


def drawn(
    town: Material,
    *tables: pl.DataFrame,
    unsafe: Mapping[Key, Sequence[str]] | None = None,
    favoured: frozenset[tuple[str, str, str]] = frozenset(),
) -> Union:
    return draw(town, pl.concat(tables), FOUND, unsafe or {}, favoured)


def key(figure: str, breakdown: str, code: str = "") -> Key:
    """The mask of a figure's group; the codes stand in the catalogue's order of dimensions, without sex."""
    names = [name for name in FOUND.dimensions if name != "sex"]
    own = dict(zip(breakdown.split(","), code.split(","), strict=False)) if code else {}
    return Key(figure, "2026-10", breakdown, BETWEEN.join(own.get(name, "") for name in names))


def masks(union: Union) -> dict[tuple[str, str, str], Mask]:
    """Masks by figure, breakdown and the group's codes."""
    return {
        (own.figure, own.breakdown, own.group.replace(BETWEEN, "")): mask
        for own, mask in zip(union.keys, union.population.masks, strict=True)
    }


def persons(union: Union, lines: Sequence[int]) -> list[float]:
    return sorted(union.population.values[list(lines)].tolist())


def test_the_size_of_a_group_is_no_secret_from_five_on(
    town: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ten are asked for, six of eight and the two that are left are too few; that they are eight is told."""
    monkeypatch.setitem(RULES, "workforce", Rule(10))
    union = drawn(town, cells("full_time_share", "unit", UNITS))
    found = masks(union)["full_time_share", "unit", "U1"]
    assert persons(union, [line for line, _ in found.secrets]) == [2, 6]
    assert {need for _, need in found.secrets} == {Need(width=9)}


def test_a_share_tells_its_numerator_and_denominator_and_hides_few_of_either(town: Material) -> None:
    union = drawn(town, cells("full_time_share", "total", TOTAL), cells("full_time_share", "unit", UNITS))
    found = masks(union)
    assert union.not_understood == set()
    whole, large, small = (
        found["full_time_share", breakdown, code]
        for breakdown, code in (("total", ""), ("unit", "U1"), ("unit", "V1"))
    )
    assert persons(union, whole.lines) == [7, 10]
    assert persons(union, large.lines) == [6, 8]
    # Seven of ten and three of ten: the three are too few. Two of eight, too.
    assert [persons(union, [line for line, _ in mask.secrets]) for mask in (whole, large)] == [[3], [2]]
    # Of two, one works full time and one does not: all three numbers are secret, four persons wide.
    assert persons(union, [line for line, _ in small.secrets]) == [1, 1, 2]
    assert {need for _, need in small.secrets} == {Need(width=4)}
    # That somebody is there is known of the group, not of those who work full time in it.
    assert [persons(union, mask.at_least_one) for mask in (whole, large, small)] == [[10], [8], [2]]
    assert all(mask.is_withheld for mask in (whole, large, small))
    assert union.persons.tolist() == [10, 8, 2]


def test_two_figures_that_tell_the_same_number_share_its_line(town: Material) -> None:
    union = drawn(
        town, cells("employees", "total", {"": (10, 10)}), cells("full_time_share", "total", {"": (10, 7)})
    )
    found = masks(union)
    employees, share = found["employees", "total", ""], found["full_time_share", "total", ""]
    assert set(employees.lines) < set(share.lines)
    assert not employees.is_withheld
    assert employees.secrets == ()


def test_of_a_sum_a_tenth_must_stay_uncertain(town: Material) -> None:
    table = cells("full_time_equivalents", "unit", {"U1": (8, 7.0), "V1": (2, 1.4)})
    union = drawn(town, table)
    small, large = (masks(union)["full_time_equivalents", "unit", code] for code in ("V1", "U1"))
    # Two persons: that they are two, and the 140 percent that they work.
    assert sorted(need.width for _, need in small.secrets) == [0.0, 4.0]
    ((line, need),) = [one for one in small.secrets if not one[1].width]
    assert union.population.values[line] == 140.0
    assert (need.below, need.above) == (14.0, 14.0)
    assert persons(union, large.lines) == [8, 700]
    assert large.secrets == ()
    # Extents are no persons.
    is_person = union.population.is_count
    assert union.population.content[is_person].sum() == 10
    assert union.population.content[~is_person].sum() == 840


def test_a_sum_of_nothing_but_ones_must_stay_uncertain_like_a_number_of_persons(town: Material) -> None:
    """A tenth of two persons whose plan has a goal would be a fifth of a person."""
    stated = FOUND.figures["full_time_equivalents"].model_copy(
        update={"numerator": "sum(1.0 * cast(is_full_time as int))"}
    )
    found = FOUND.model_copy(update={"figures": {**FOUND.figures, "full_time_equivalents": stated}})
    own = material(PEOPLE, ["full_time_equivalents"], found)
    table = cells("full_time_equivalents", "unit", {"V1": (1, 1.0)}, found)
    (mask,) = draw(own, table, found, {}, frozenset()).population.masks
    assert {(need.width, need.below) for _, need in mask.secrets} == {(4, 0.0)}


def test_rows_of_which_a_person_may_have_several_are_told_as_sums_not_as_persons() -> None:
    found = catalogue()
    needs = told(found, found.figures["development_need"])
    assert (needs.counts, len(needs.sums)) == ((), 1)
    share = told(found, found.figures["full_time_share"])
    assert (len(share.counts), share.sums) == (2, ())


def test_how_many_are_in_a_group_is_secret_below_five_even_where_pay_needs_ten() -> None:
    town = material([*group("abcdefg", "U1"), *group("hijklmn", "U1", sex="M")], ["pay_gap_mean"])
    table = cells("pay_gap_mean", "total", {"": (14, 7)})
    union = drawn(town, table)
    (mask,) = union.population.masks
    needs = dict(mask.secrets)
    # Seven women and seven men are no secret; the sums of their pay are, for fewer than ten of either sex.
    assert all(need.width == 0 for need in needs.values())
    pay = 30_100.0 * 7
    assert sorted(union.population.values[list(needs)].tolist()) == [pay, pay]
    assert {round(need.below) for need in needs.values()} == {round(pay / 10)}
    assert persons(union, mask.lines) == [7, 7, 14, pay, pay]


def test_ten_of_either_sex_are_enough_for_sums_of_pay() -> None:
    town = material([*group("abcdefghij", "U1"), *group("klmnopqrst", "U1", sex="M")], ["pay_gap_mean"])
    (mask,) = draw(
        town, cells("pay_gap_mean", "total", {"": (20, 10)}), FOUND, {}, frozenset()
    ).population.masks
    assert mask.secrets == ()


def test_a_median_tells_no_number_of_persons_so_seven_women_are_no_secret() -> None:
    town = material([*group("abcdefg", "U1"), *group("hijk", "U1", sex="M")], ["pay_ratio_median"])
    (mask,) = draw(
        town, cells("pay_ratio_median", "total", {"": (11, 7)}), FOUND, {}, frozenset()
    ).population.masks
    # Eleven with pay and seven women are told as who works where is; that there are four men is as secret as it is there.
    assert [need for _, need in mask.secrets] == [Need(width=4)]
    assert mask.is_withheld


def test_a_number_of_persons_that_is_not_the_cells_is_not_understood(town: Material) -> None:
    union = drawn(
        town, cells("full_time_share", "unit", {"U1": (9, 6)}), cells("employees", "unit", {"U1": (8, 8)})
    )
    assert union.not_understood == {"full_time_share"}
    found = masks(union)
    wrong, right = found["full_time_share", "unit", "U1"], found["employees", "unit", "U1"]
    assert (wrong.is_withheld, wrong.lines, wrong.secrets) == (True, (), ())
    assert not right.is_withheld


def test_what_nothing_is_known_of_is_told_for_the_whole_municipality_only(town: Material) -> None:
    union = drawn(
        town,
        cells("response_rate", "total", {"": (100, 80)}),
        cells("response_rate", "department", {"U": (60, 50)}),
    )
    found = masks(union)
    assert not found["response_rate", "total", ""].is_withheld
    assert found["response_rate", "department", "U"].is_withheld
    assert union.not_understood == {"response_rate"}
    # A class that hides nothing by itself has no lines, and is shown.
    office = drawn(town, cells("organisation_plan_progress", "plan_kind", {"x": (3, 1)}))
    assert [mask.is_withheld for mask in office.population.masks] == [False]
    assert office.not_understood == set()


def test_parts_of_a_whole_are_tested_with_the_rest_of_it(town: Material) -> None:
    table = cells("age_distribution", "age_group", {"35-54": (9, 9)})
    # One has no known age, so the part is nine of ten: the rest is one person.
    union = drawn(town, table.with_columns(n=pl.lit(10)))
    (mask,) = union.population.masks
    assert persons(union, mask.lines) == [9, 10]
    assert persons(union, mask.at_least_one) == [10]
    assert persons(union, [line for line, _ in mask.secrets]) == [1]


def test_a_change_of_few_is_secret_unless_it_is_public_who_works_there(town: Material) -> None:
    share, column = FOUND.figures["full_time_share"], "t_full_time_share_0"
    tables = [cells("full_time_share", "unit", {"U1": (8, 6)})]
    own = key("full_time_share", "unit", "U1")
    alone = drawn(town, *tables, unsafe={own: [column]})
    (mask,) = alone.population.masks
    assert persons(alone, [line for line, _ in mask.secrets]) == [2, 8]
    # Beside it the number of employees of the unit is told: the eight are no secret any more.
    beside = drawn(town, *tables, cells("employees", "unit", {"U1": (8, 8)}), unsafe={own: [column]})
    mask = masks(beside)["full_time_share", "unit", "U1"]
    assert persons(beside, [line for line, _ in mask.secrets]) == [2]
    (mask,) = drawn(town, *tables, unsafe={own: [UNCHANGED]}).population.masks
    assert mask.is_withheld
    # By age it is not public.
    hidden = drawn(
        town,
        *tables,
        cells("employees", "unit", {"U1": (8, 8)}).with_columns(_hide=pl.lit(value=True)),
        unsafe={own: [column]},
    )
    mask = masks(hidden)["full_time_share", "unit", "U1"]
    assert persons(hidden, [line for line, _ in mask.secrets]) == [2, 8]
    assert share.protection == "workforce"


def test_what_changed_of_either_sex_is_secret(town: Material) -> None:
    table = cells("full_time_equivalents", "sex", {"K": (8, 6.0), "M": (2, 1.0)})
    union = drawn(town, table, unsafe={key("full_time_equivalents", "sex"): ["t_full_time_equivalents_0"]})
    (mask,) = union.population.masks
    # Eight women and two men, whose hundred percent is a sum of few as well.
    assert persons(union, [line for line, _ in mask.secrets]) == [2, 8, 100]


def test_a_changed_sum_must_stay_uncertain_by_a_tenth(town: Material) -> None:
    column = name_of(told(FOUND, FOUND.figures["full_time_equivalents"]).parts[0])
    table = cells("full_time_equivalents", "unit", {"U1": (8, 7.0)})
    union = drawn(town, table, unsafe={key("full_time_equivalents", "unit", "U1"): [column]})
    ((line, need),) = union.population.masks[0].secrets
    assert union.population.values[line] == 700.0
    assert (need.width, need.below, need.above) == (0.0, 70.0, 70.0)


def test_where_only_public_numbers_have_changed_the_group_is_told_and_where_another_has_it_is_not() -> None:
    people = [*group("abcdefgh", "U1"), *group("ijklmn", "U1", fte_agreed=50.0)]
    tables = [cells("full_time_share", "total", {"": (14, 8)}), cells("employees", "total", {"": (14, 14)})]
    own = key("full_time_share", "total")

    def changed(*columns: str) -> tuple[Mask, list[float]]:
        union = drawn(material(people, FIGURES), *tables, unsafe={own: columns})
        mask = masks(union)["full_time_share", "total", ""]
        return mask, persons(union, [line for line, _ in mask.secrets])

    everybody, full, part = (f"t_full_time_share_{place}" for place in range(3))
    counted, _ = (name_of(one) for one in told(FOUND, FOUND.figures["full_time_share"]).parts)
    mask, secrets = changed(everybody)
    assert (mask.may_be_shown, secrets) == (True, [])
    assert changed(everybody, full)[1] == [8]
    assert changed(everybody, part)[1] == [6]
    # A count of persons is told as itself, whatever the test beside it is called.
    assert changed(counted)[1] == [8]
    # A column that is nobody's has no line: the group is hidden for it all the same.
    assert changed("t_another_0")[0].is_withheld
    # What was hidden at another date and has not changed since stays hidden, also where only public numbers have at this one.
    kept, lines = changed(everybody, UNCHANGED)
    assert (kept.is_withheld, lines) == (True, [6, 8])


def test_what_was_hidden_and_has_not_changed_must_stay_as_uncertain_as_a_few(town: Material) -> None:
    """Known now, it would be known then, and so would what it was hidden beside."""
    shares, hours = (
        cells("full_time_share", "unit", {"U1": (8, 6)}),
        cells("full_time_equivalents", "unit", {"U1": (8, 7.0)}),
    )
    own = [key(name, "unit", "U1") for name in ("full_time_share", "full_time_equivalents")]
    union = drawn(town, shares, hours, unsafe=dict.fromkeys(own, (UNCHANGED,)))
    of_share, of_hours = union.population.masks
    assert of_share.is_withheld
    assert of_hours.is_withheld
    # Eight, of whom six work full time and two, who are few by themselves, do not.
    assert {union.population.values[line]: need for line, need in of_share.secrets} == {
        8: Need(width=4),
        6: Need(width=4),
        2: Need(width=4),
    }
    # A tenth of what four of the eight come to: 700 percent of full time in all.
    assert {union.population.values[line]: need for line, need in of_hours.secrets} == {
        8: Need(width=4),
        700: Need(below=35.0, above=35.0),
    }
    # Of no more than four it is a tenth of all of it.
    few = key("full_time_equivalents", "unit", "V1")
    (of_few,) = drawn(
        town, cells("full_time_equivalents", "unit", {"V1": (2, 1.4)}), unsafe={few: (UNCHANGED,)}
    ).population.masks
    assert Need(below=14.0, above=14.0) in dict(of_few.secrets).values()
    # Who works where is told all the same.
    beside = drawn(town, shares, cells("employees", "unit", {"U1": (8, 8)}), unsafe={own[0]: (UNCHANGED,)})
    secrets = masks(beside)["full_time_share", "unit", "U1"].secrets
    assert persons(beside, [line for line, _ in secrets]) == [2, 6]


def test_of_a_distribution_the_part_that_was_hidden_is_kept_and_the_whole_is_told(town: Material) -> None:
    table = cells("age_distribution", "age_group", {"35-54": (10, 9)})
    own = key("age_distribution", "age_group", "35-54")
    (mask,) = drawn(town, table, unsafe={own: (UNCHANGED,)}).population.masks
    union = drawn(town, table, unsafe={own: (UNCHANGED,)})
    assert persons(union, [line for line, _ in mask.secrets]) == [1, 9]


def test_what_hidden_groups_come_to_is_a_line_of_its_own(town: Material) -> None:
    tables = [
        cells("full_time_share", "unit", UNITS),
        cells("employees", "unit", {"U1": (8, 8), "V1": (2, 2)}),
    ]
    union = drawn(town, *tables)
    lines = union.population.lines.shape[0]
    both = ("full_time_share", "2026-10", "unit", ("U1", "V1"))
    everybody, full = "t_full_time_share_0", "t_full_time_share_1"
    several = HiddenSum(*both, (everybody, full))
    kept = union.keeping([several])
    # Who works where is no secret, of several groups as little as of one: seven who work full time are.
    ((line, need),) = kept.population.untold
    assert kept.untold == (several,)
    assert (line, kept.population.values[line], need) == (lines, 7.0, Need(width=4))
    assert kept.population.needs()[line] == need
    assert kept.population.lines.shape == (lines + 1, union.population.lines.shape[1])
    assert kept.population.values[:lines].tolist() == union.population.values.tolist()
    # A group that nobody is in, or a column that it does not have, adds nothing.
    assert union.keeping([HiddenSum(*both[:3], ("U1", "Z9"), ("t_another_0",))]).population.untold == ()
    again = kept.keeping([HiddenSum(*both[:3], ("U1",), (full,))])
    assert [(line, again.population.values[line]) for line, _ in again.population.untold] == [
        (lines, 7.0),
        (lines + 1, 6.0),
    ]
    assert [one.groups for one in again.untold] == [("U1", "V1"), ("U1",)]
    # Without the table of employees it is not told who works where.
    alone = drawn(town, tables[0]).keeping([several])
    assert sorted(alone.population.values[line] for line, _ in alone.population.untold) == [7.0, 10.0]


def test_of_what_hidden_sums_come_to_a_tenth_must_stay_uncertain(town: Material) -> None:
    column = name_of(told(FOUND, FOUND.figures["full_time_equivalents"]).parts[0])
    table = cells("full_time_equivalents", "unit", {"U1": (8, 7.0), "V1": (2, 1.4)})
    union = drawn(town, table)
    kept = union.keeping([HiddenSum("full_time_equivalents", "2026-10", "unit", ("U1", "V1"), (column,))])
    ((line, need),) = kept.population.untold
    assert kept.population.values[line] == 840.0
    assert (need.width, need.below, need.above) == (0.0, 84.0, 84.0)


def test_what_a_sum_leaves_of_another_is_secret_where_few_have_it() -> None:
    share = FOUND.figures["full_time_equivalents"].model_copy(
        update={
            "id": "full_time_work",
            "value": "share",
            "numerator": "sum(fte_agreed) filter (where is_full_time)",
            "denominator": "sum(fte_agreed)",
        }
    )
    found = FOUND.model_copy(update={"figures": {**FOUND.figures, share.id: share}})
    town = material(PEOPLE, [share.id], found)
    table = cells(share.id, "unit", {"U1": (8, 6)}, found)
    (mask,) = draw(town, table, found, {}, frozenset()).population.masks
    union = draw(town, table, found, {}, frozenset())
    # Six of the eight work full time; the other two work 50 each, which must stay uncertain by ten.
    ((line, need),) = mask.secrets
    assert union.population.values[line] == 100.0
    assert (need.width, need.below, need.above) == (0.0, 10.0, 10.0)
    assert persons(union, mask.lines) == [8, 600, 700]
    # In V1 one of two works full time: their number, both sums, and the 40 that they leave, of one person.
    (few,) = draw(
        town, cells(share.id, "unit", {"V1": (2, 1)}, found), found, {}, frozenset()
    ).population.masks
    assert sorted(need.above for _, need in few.secrets) == [0.0, 4.0, 10.0, 14.0]
    # A sum that nobody adds to has no line, so no change of it is a secret.
    nobody = material(list(group("abcdef", "U1", fte_agreed=50.0)), [share.id], found)
    own = key(share.id, "unit", "U1")
    columns = [name_of(part) for part in told(found, share).parts]
    (alone,) = draw(
        nobody, cells(share.id, "unit", {"U1": (6, 0)}, found), found, {own: columns}, frozenset()
    ).population.masks
    assert len(alone.secrets) == 1


def test_a_cell_without_a_value_tells_nothing_but_that_it_is_there(town: Material) -> None:
    table = cells("employees", "unit", {"U1": (8, 8)}).with_columns(value=pl.lit(None, pl.Float64))
    (mask,) = drawn(town, table).population.masks
    assert mask.lines == ()
    assert len(mask.at_least_one) == 1


def test_totals_come_first_then_who_works_where_then_what_was_shown(town: Material) -> None:
    share = {code: (n, n) for code, n in (("U1", 8), ("V1", 2))}
    tables = [
        cells("full_time_share", "unit", UNITS),
        cells("employees", "unit", share),
        cells("full_time_share", "total", TOTAL),
        cells("employees", "total", {"": (10, 10)}),
        cells("employees", "department,unit", {"U,U1": (8, 8)}),
        cells("employees", "unit,sex", {"U1,K": (6, 6), "U1,M": (2, 2)}),
        cells("full_time_equivalents", "unit", {"U1": (8, 7.0)}),
    ]
    shown = key("full_time_equivalents", "unit", "U1")
    favoured = frozenset({(shown.figure, shown.breakdown, shown.group)})
    union = drawn(town, *tables, favoured=favoured)
    order = sorted(zip(union.population.masks, union.keys, strict=True), key=lambda one: one[0].rank)
    said = [(own.figure, own.breakdown, own.group.replace(BETWEEN, "")) for _, own in order]
    assert said == [
        ("employees", "total", ""),
        ("full_time_share", "total", ""),
        ("employees", "unit", "U1"),
        ("employees", "unit", "V1"),
        ("employees", "unit,sex", "U1"),
        ("employees", "department,unit", "UU1"),
        ("full_time_equivalents", "unit", "U1"),
        ("full_time_share", "unit", "U1"),
        ("full_time_share", "unit", "V1"),
    ]
    prices = {
        (own.figure, own.breakdown): mask.price
        for mask, own in zip(union.population.masks, union.keys, strict=True)
    }
    assert prices == {
        # A total is worth 200, one dimension 3, two 1; who works where five times as much, what was shown twice.
        ("employees", "total"): 1000.0,
        ("full_time_share", "total"): 200.0,
        ("employees", "unit"): 15.0,
        ("employees", "unit,sex"): 30.0,
        ("employees", "department,unit"): 5.0,
        ("full_time_equivalents", "unit"): 6.0,
        ("full_time_share", "unit"): 3.0,
    }


def test_of_tables_that_are_worth_as_much_the_catalogues_first_figure_comes_first(town: Material) -> None:
    """Whichever has more persons, and whichever is listed first."""
    names = ["full_time_share", "full_time_equivalents"]
    groups: dict[str, dict[str, tuple[int, float]]] = {
        "full_time_share": {"V1": (2, 1)},
        "full_time_equivalents": {"U1": (8, 7.0)},
    }
    for listed in (names, names[::-1]):
        union = drawn(town, *(cells(name, "unit", groups[name]) for name in listed))
        ranked = sorted(zip(union.population.masks, union.keys, strict=True), key=lambda one: one[0].rank)
        assert [own.figure for _, own in ranked] == sorted(names, key=list(FOUND.figures).index)
    # Within a figure the larger group comes first.
    union = drawn(town, cells("full_time_share", "unit", {"V1": (2, 1), "U1": (8, 6)}))
    assert [mask.rank[-1] for mask in union.population.masks] == [-2, -8]


def test_both_sexes_of_a_group_have_one_mask(town: Material) -> None:
    union = drawn(town, cells("employees", "sex", {"K": (8, 8), "M": (2, 2)}))
    (mask,) = union.population.masks
    assert persons(union, mask.lines) == [2, 8]
    assert persons(union, [line for line, _ in mask.secrets]) == [2]
    # Of sex alone the worth is that of no dimension.
    assert mask.price == 2 * 20 * 5


@pytest.mark.parametrize(
    ("figure", "by", "expected"),
    [
        ("employees", ("department", "unit", "sex"), True),
        ("employees", ("occupation_group",), True),
        ("employees", ("age_group",), False),
        ("full_time_share", ("department",), False),
    ],
)
def test_what_is_public(figure: str, by: tuple[str, ...], expected: bool) -> None:
    assert is_public(FOUND.figures[figure], by) == expected


@pytest.mark.parametrize(
    ("figure", "expected"),
    [("employees", True), ("organisation_plan_progress", False), ("segregation_index", False)],
)
def test_a_figure_made_by_a_method_or_of_a_free_class_has_no_lines(
    town: Material, figure: str, expected: bool
) -> None:
    assert is_modelled(FOUND.figures[figure], town.sources[SOURCE]) == expected


def test_departments_are_told_apart_in_the_population(town: Material) -> None:
    union = drawn(
        town,
        cells("employees", "unit", {"U1": (8, 8), "V1": (2, 2)}),
        cells("full_time_equivalents", "unit", {"U1": (8, 7.0)}),
    )
    population = union.population
    assert len(population.near) == population.lines.shape[1]
    by_line = {
        frozenset(population.near[population.lines[line].indices].tolist())
        for line in range(population.lines.shape[0])
    }
    assert by_line <= {frozenset({0}), frozenset({1})}
    assert np.unique(population.near).tolist() == [0, 1]
