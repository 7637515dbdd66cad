"""Months in a row: a history released month by month, and what an outsider and a colleague make of all releases together.

Belongs here: stepping through the months of a home that has them all, and the colleague, who knows who came, left or changed.
Does not belong here: the outsider's sums (pipelines/disclosure/attack.py), and what the gate decides.

Each night knows the cells up to its month and no later one; the gate, the ledger and the releases are the real ones, in a home of
their own. The colleague shares no code with the gate's comparison of dates (changes.py, timeline.py).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

import polars as pl  # noqa: E402
import polars.selectors as cs  # noqa: E402

from pipelines.disclosure.attack import attack  # noqa: E402
from pipelines.disclosure.attack_words import report  # noqa: E402
from pipelines.disclosure.calendar import dimensions_of  # noqa: E402
from pipelines.disclosure.contributions import BETWEEN, group_of, name_of, told  # noqa: E402
from pipelines.disclosure.material import Material  # noqa: E402
from pipelines.disclosure.primary import RULES  # noqa: E402
from pipelines.disclosure.reading import Reading  # noqa: E402
from pipelines.disclosure.union import FREE, PUBLIC_DIMENSIONS, is_public  # noqa: E402
from pipelines.publication import publish_release  # noqa: E402
from warehouse.key_figures.catalogue import catalogue  # noqa: E402
from warehouse.key_figures.entries import Figure  # noqa: E402
from warehouse.release import SHOWN, Release, open_release  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402
from warehouse.store import Store  # noqa: E402

DIGITS = 6
ALONE = "alone_"
"""Begins the columns of numbers that are told by themselves: sums, else numbers of persons. A median is nobody's sum."""

Shown = dict[str, list[str]]
"""By period the groups of a table that are shown."""


def nights(settings: Settings, months: int) -> Iterator[Release]:
    """A release for each of the last months, oldest first, of a warehouse that knows them all."""
    store = Store(settings)
    with store.write() as con:
        con.execute("CREATE OR REPLACE TABLE figures.every_cell AS FROM figures.cell")
        ends = con.execute(
            "SELECT DISTINCT period_end FROM figures.every_cell WHERE LENGTH(period) = 7 ORDER BY period_end DESC LIMIT ?",
            [months],
        ).fetchall()
        for (end,) in reversed(ends):
            con.execute(
                "CREATE OR REPLACE TABLE figures.cell AS FROM figures.every_cell WHERE period_end <= ?", [end]
            )
            yield open_release(settings.releases, publish_release(store, settings).id)


def learned(store: Store, settings: Settings, *shown: pl.DataFrame) -> Counter[str]:
    """How often a colleague can subtract: numbers of two dates between which too few persons differ, by figure.

    What any of the tables shows (`shown_of`) counts as shown, and so does what the hidden groups of a shown whole come to. Who
    works where is public, and not counted.
    """
    found, counted = catalogue(), Counter[str]()
    with store.read() as con:
        reading = Reading(con, found, settings, "colleague")
        material = reading.material(con.sql("SELECT * FROM figures.cell").pl())
        tables: dict[tuple[str, str], Shown] = {
            (str(name), str(breakdown)): dict(table.group_by("period").agg("group").iter_rows())
            for (name, breakdown), table in pl.concat(shown)
            .unique()
            .partition_by(["figure", "breakdown"], as_dict=True)
            .items()
        }
        for (name, breakdown), table in tables.items():
            figure, by = found.figures[name], dimensions_of(breakdown)
            if figure.protection not in FREE and not is_public(figure, by):
                parents = [found.dimensions[dimension].parent for dimension in by]
                wide = (*(one for one in parents if one is not None and one not in by), *by)
                contributions = _contributions(material, figure, wide, sorted(table))
                counted[name] += _subtracted(contributions, figure, wide, by, table, table)
                kept = [one for one in wide if one in ("sex", figure.across)]
                wholes = {
                    tuple(kept),
                    *(tuple(o for o in wide if o != one) for one in wide if one not in kept),
                }
                for rest in wholes - {by}:
                    above = tables.get((name, ",".join(rest) or "total"), {})
                    counted[name] += _subtracted(contributions, figure, wide, rest, above, table, by)
    return +counted


def shown_of(told: Release | pl.DataFrame) -> pl.DataFrame:
    """Figure, breakdown, group and period of every number that a release, or protected cells, show."""
    cells = told if isinstance(told, pl.DataFrame) else pl.concat(told.by_figure.values())
    cells = cells.filter((pl.col("status") == SHOWN) & pl.col("figure").is_in(list(catalogue().figures)))
    return pl.concat(
        table.select("figure", "breakdown", "period", group_of(dimensions_of(breakdown), column=str))
        for (breakdown,), table in cells.partition_by(["breakdown"], as_dict=True).items()
    )


def _subtracted(
    contributions: Mapping[str, pl.DataFrame],
    figure: Figure,
    wide: Sequence[str],
    by: Sequence[str],
    shown: Shown,
    parts: Shown,
    parts_by: Sequence[str] = (),
) -> int:
    """How often groups by some dimensions can be subtracted; with `parts_by`, what the hidden parts of shown groups come to."""
    smallest, count = RULES[figure.protection].smallest, 0
    for first, second in combinations(contributions, 2):
        then, now = (
            contributions[one].with_columns(part=_cut(wide, parts_by), group=_cut(wide, by))
            for one in (first, second)
        )
        if parts_by:
            # A part is told where it is shown, or where it has nobody.
            untold = [
                set(one["part"]) - set(parts.get(period, ()))
                for one, period in ((then, first), (now, second))
            ]
            then, now = (one.filter(pl.col("part").is_in(list(set.union(*untold)))) for one in (then, now))
        both = (
            _summed(then)
            .join(_summed(now), on=["group", "who"], how="full", coalesce=True, suffix="_now")
            .fill_null(0.0)
        )
        differs = {
            name: pl.col(name) != pl.col(f"{name}_now")
            for name in contributions[first].columns
            if name not in {"group", "who"}
        }
        every = [one for name, one in differs.items() if not name.startswith(ALONE)]
        # What few have added to a number follows however many others have changed in something else.
        alone = [one for name, one in differs.items() if name.startswith(ALONE)]
        counted = both.group_by("group").agg(
            each.sum().alias(str(place)) for place, each in enumerate([pl.any_horizontal(every), *alone])
        )
        told = set(shown.get(first, ())) & set(shown.get(second, ()))
        count += sum(
            group in told and any(0 < persons < smallest for persons in numbers)
            for group, *numbers in counted.iter_rows()
        )
    return count


def _cut(wide: Sequence[str], by: Sequence[str]) -> pl.Expr:
    """A group by many dimensions as it is called by a few of them."""
    codes = pl.col("group").str.split(BETWEEN)
    return (
        pl.concat_str([codes.list.get(wide.index(one)) for one in by], separator=BETWEEN)
        if by
        else pl.lit("")
    )


def _summed(contributions: pl.DataFrame) -> pl.DataFrame:
    return contributions.drop("part").group_by("group", "who").sum().with_columns(cs.float().round(DIGITS))


def _contributions(
    material: Material, figure: Figure, by: Sequence[str], periods: Iterable[str]
) -> dict[str, pl.DataFrame]:
    """What each person adds to each part of a figure's numbers, by period; without those that are another period's months."""
    found = {}
    for period in periods:
        source, own = material.source(figure.id, period), material.told(figure.id, period)
        if source is None or own is None or material.moment(figure.id, period) != period:
            continue
        rolled = material.rolled(source, by).get(period)
        if rolled is None:
            continue
        amounts = {
            part: pl.col(name_of(part)).cast(pl.Float64).fill_nan(None).fill_null(0.0) for part in own.parts
        }
        alone = {f"{ALONE}{place}": amounts[part] for place, part in enumerate(own.sums or own.counts)}
        if figure.value == "share" and len(own.counts) == len(own.parts) > 1:
            alone[f"{ALONE}rest"] = amounts[own.parts[0]] - amounts[own.parts[1]]
        parts = {f"part_{place}": amount for place, amount in enumerate(amounts.values())}
        made = rolled.select("group", "who", **parts, **alone)
        staff = None if own.sums else _staff(material, by, period)
        if staff is not None:
            made = made.with_columns(
                pl.when(pl.col("group").is_in(_public(made, staff, name)))
                .then(0.0)
                .otherwise(pl.col(name))
                .alias(name)
                for name in alone
            )
        found[period] = made
    return found


def _staff(material: Material, by: Sequence[str], period: str) -> pl.DataFrame | None:
    """Who works in each group, and their sex; None where that is not public."""
    source = material.source("employees", period)
    if source is None or not PUBLIC_DIMENSIONS.issuperset(by):
        return None
    rolled = material.rolled(source, (*by, "sex")).get(period)
    if rolled is None:
        return None
    counts = [name_of(part) for part in told(catalogue(), catalogue().figures["employees"]).parts]
    return rolled.filter(pl.any_horizontal(pl.col(counts) != 0)).select(
        _cut((*by, "all of them"), by).alias("group"),
        "who",
        sex=pl.col("group").str.split(BETWEEN).list.last(),
    )


def _public(made: pl.DataFrame, staff: pl.DataFrame, name: str) -> list[str]:
    """The groups in which a number is just how many work there, or how many women or men: that is public."""
    counted = made.filter(pl.col(name) != 0).join(staff, on=["group", "who"], how="left")
    here = counted.group_by("group", "sex").len("here")
    there = staff.group_by("group", "sex").len("there")
    known = (
        here.join(there, on=["group", "sex"], how="left")
        .group_by("group")
        .agg((pl.col("here") == pl.col("there")).fill_null(value=False).all().alias("is_public"))
    )
    return known.filter("is_public")["group"].to_list()


def main() -> int:
    """Release the months, attack them all, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path, help="a home folder whose job has been run; it is left as it is")
    parser.add_argument("--months", type=int, default=12)
    chosen = parser.parse_args()
    stated = read_settings(Path("fordel.yaml")).model_copy(update={"home": chosen.home})
    with tempfile.TemporaryDirectory() as folder:
        settings = stated.model_copy(update={"home": Path(folder), "releases_kept": chosen.months + 1})
        for part in (stated.warehouse.parent, stated.keys):
            shutil.copytree(part, settings.home / part.relative_to(chosen.home))
        releases = []
        begun = time.monotonic()
        for release in nights(settings, chosen.months):
            releases.append(release)
            print(f"{release.manifest['as_of']}  {release.id}  {time.monotonic() - begun:.0f} s", flush=True)
            begun = time.monotonic()
        found = attack(releases)
        print(*report(found, releases, "en"), sep="\n")
        counted = learned(Store(settings), settings, *map(shown_of, releases))
    print(f"A colleague can subtract {sum(counted.values())} times: {dict(counted)}")
    return int(bool(found.breaches or found.given_away or counted))


if __name__ == "__main__":
    sys.exit(main())
