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
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

import polars as pl  # noqa: E402

from pipelines.disclosure.attack import attack  # noqa: E402
from pipelines.disclosure.attack_words import report  # noqa: E402
from pipelines.disclosure.calendar import dimensions_of  # noqa: E402
from pipelines.disclosure.contributions import group_of, name_of  # noqa: E402
from pipelines.disclosure.material import Material  # noqa: E402
from pipelines.disclosure.primary import RULES  # noqa: E402
from pipelines.disclosure.reading import Reading  # noqa: E402
from pipelines.disclosure.union import FREE, is_public  # noqa: E402
from pipelines.publication import publish_release  # noqa: E402
from warehouse.key_figures.catalogue import catalogue  # noqa: E402
from warehouse.key_figures.entries import Figure  # noqa: E402
from warehouse.release import SHOWN, Release, open_release  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402
from warehouse.store import Store  # noqa: E402

DIGITS = 6
SUM = "+"
"""Marks the columns of parts that are sums of something else than persons."""


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
    """How often a colleague can subtract: shown numbers of two dates between which too few persons differ, by figure.

    What any of the tables shows (`shown_of`) counts as shown. Who works where is public, and not counted.
    """
    found, counted = catalogue(), Counter[str]()
    with store.read() as con:
        reading = Reading(con, found, settings, "colleague")
        material = reading.material(con.sql("SELECT * FROM figures.cell").pl())
        tables = pl.concat(shown).unique().partition_by(["figure", "breakdown"], as_dict=True)
        for (name, breakdown), table in tables.items():
            figure, by = found.figures[name], dimensions_of(breakdown)
            if figure.protection not in FREE and not is_public(figure, by):
                counted[name] += _subtracted(material, figure, by, table)
    return +counted


def shown_of(told: Release | pl.DataFrame) -> pl.DataFrame:
    """Figure, breakdown, group and period of every number that a release, or protected cells, show."""
    cells = told if isinstance(told, pl.DataFrame) else pl.concat(told.by_figure.values())
    cells = cells.filter((pl.col("status") == SHOWN) & pl.col("figure").is_in(list(catalogue().figures)))
    return pl.concat(
        table.select("figure", "breakdown", "period", group_of(dimensions_of(breakdown), column=str))
        for (breakdown,), table in cells.partition_by(["breakdown"], as_dict=True).items()
    )


def _subtracted(material: Material, figure: Figure, by: Sequence[str], shown: pl.DataFrame) -> int:
    contributions = {
        str(period): made
        for period in shown["period"].unique().sort()
        if (made := _contributed(material, figure, by, str(period))) is not None
    }
    groups = {
        period: set(shown.filter(pl.col("period") == period)["group"].to_list()) for period in contributions
    }
    smallest, found = RULES[figure.protection].smallest, 0
    for first, second in combinations(contributions, 2):
        then, now = contributions[first], contributions[second]
        both = then.join(now, on=["group", "who"], how="full", coalesce=True, suffix="_now").fill_null(0.0)
        parts = [name for name in then.columns if name.startswith("part")]
        differs = [pl.col(name) != pl.col(f"{name}_now") for name in parts]
        # What few have added to a sum follows however many others have changed in something else.
        alone = [one for name, one in zip(parts, differs, strict=True) if name.endswith(SUM)]
        counted = both.group_by("group").agg(
            each.sum().alias(str(place)) for place, each in enumerate([pl.any_horizontal(differs), *alone])
        )
        found += sum(
            any(0 < persons < smallest for persons in numbers)
            and group in groups[first]
            and group in groups[second]
            for group, *numbers in counted.iter_rows()
        )
    return found


def _contributed(material: Material, figure: Figure, by: Sequence[str], period: str) -> pl.DataFrame | None:
    """What each person adds to each part of a figure's numbers; None where nobody knows, or the months are another period's."""
    source, told = material.source(figure.id, period), material.told(figure.id, period)
    if source is None or told is None or material.moment(figure.id, period) != period:
        return None
    rolled = material.rolled(source, by).get(period)
    if rolled is None:
        return None
    parts = [
        pl.col(name_of(part))
        .cast(pl.Float64)
        .fill_nan(None)
        .fill_null(0.0)
        .round(DIGITS)
        .alias(f"part{place}{SUM if part in told.sums else ''}")
        for place, part in enumerate(told.parts)
    ]
    made = rolled.select("group", "who", *parts)
    return made.filter(pl.any_horizontal(pl.exclude("group", "who") != 0))


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
