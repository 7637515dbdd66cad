"""The front door: the command line.

Belongs here: reading the call, printing, exit codes. Everything heavy is imported inside the command that needs it: `fordel show`
must answer in half a second.
Does not belong here: the work itself.

Exit codes: 0 done, or nothing to do; 1 something failed and the last good release still stands; 2 the call or the settings
are wrong.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from operating import add_to, attempt
from warehouse.clock import today
from warehouse.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from warehouse.release import Release

FAILED, WRONG = 1, 2
ROOT = Path(__file__).parent

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


class Format(StrEnum):
    """How `show` prints."""

    table = "table"
    csv = "csv"
    json = "json"


@app.callback()
def choose_settings(
    settings: Annotated[
        Path | None, typer.Option(help="The settings file; default FORDEL_SETTINGS, then fordel.yaml.")
    ] = None,
) -> None:
    """Key figures for a municipality, from deliveries to dashboards."""
    if settings is not None:
        os.environ["FORDEL_SETTINGS"] = str(settings.resolve())


@app.command()
def refresh(
    month: Annotated[
        str | None, typer.Option(help="Only deliveries that touch this month, e.g. 2026-09.")
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First month of a range.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month of a range.")] = None,
) -> None:
    """Take in what is new and publish a release."""
    if month and (from_ or to):
        _refuse("--month and --from/--to exclude each other")
    settings = _settings()
    months = None
    if month or from_ or to:
        first = _month(month or from_ or to or "")
        last = _month(month or to or f"{today():%Y-%m}")
        if first > last:
            _refuse(f"--from {first:%Y-%m} is after --to {last:%Y-%m}")
        if last > today():
            _refuse(f"{last:%Y-%m} has not begun")
        months = (first, last)
    from assets.ahead import begin

    begin(settings)
    _demand_mappings(settings)
    from assets.terminal import refresh_in_terminal

    is_well = attempt(lambda: refresh_in_terminal(settings, functools.partial(print, flush=True), months))
    # Taking the interpreter apart takes half a second and does nothing; what must be closed is closed by the exit handlers.
    atexit._run_exitfuncs()
    os._exit(0 if is_well else FAILED)


@app.command()
def show(
    figure: Annotated[str, typer.Argument(help="Id of a key figure, e.g. women_share.")],
    period: Annotated[str | None, typer.Option(help="2022-11 or 2016; default the latest.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Breakdown: dimensions with commas, e.g. department,sex.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
    lang: Annotated[str, typer.Option(help="Language of names in the table: sv or en.")] = "sv",
) -> None:
    """Print what the current release says of a key figure."""
    from warehouse.questions import UnknownError, ask

    release = _release(_settings())
    try:
        cells = ask(release, figure, period, [name.strip() for name in by.split(",")] if by else [])
    except UnknownError as error:
        _refuse(str(error))
    from dashboards import console

    match format:
        case Format.json:
            console.print_json(cells)
        case Format.csv:
            console.print_csv(release, cells)
        case Format.table:
            console.print_table(release, figure, cells, "en" if lang == "en" else "sv")


@app.command()
def explain(figure: Annotated[str, typer.Argument(help="Id of a key figure.")]) -> None:
    """Tell what a key figure is: question, definition, the SQL it becomes, lineage, latest values."""
    from pipelines.measures.explain import explain as explained
    from warehouse.key_figures.catalogue import catalogue

    release = _release(_settings())
    if figure not in catalogue().figures:
        _refuse(f"there is no figure '{figure}'; there are: {', '.join(sorted(catalogue().figures))}")
    print(explained(figure, release).text())
    missing = release.figures.get(figure, {}).get("missing")
    if missing:
        print(missing["sv"], missing["en"], sep="\n")


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Port of the dashboards; default the settings'.")] = None,
    dagster_port: Annotated[
        int | None, typer.Option(help="Port of Dagster's pages; default the settings'.")
    ] = None,
) -> None:
    """Refresh, then serve the dashboards, without sign-in and on this computer only, and Dagster until Ctrl-C."""
    settings = _settings()
    _let_in(settings, is_public=True)
    _demand_ports(settings, port, dagster_port, with_dagster=True)
    # In a process of its own: what the run needed in memory is given back before the servers start.
    from assets.processes import run
    from assets.serving import environment

    code = run([sys.executable, "-m", "fordel", "refresh"], environment(settings))
    if code and not (settings.releases / "current").exists():
        raise typer.Exit(code)
    _serve(settings, port, dagster_port, with_dagster=True)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port of the dashboards; default the settings'.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Without sign-in, on this computer only.")] = False,
) -> None:
    """Serve the dashboards until Ctrl-C, to those who sign in."""
    settings = _settings()
    _let_in(settings, is_public=public)
    _demand_ports(settings, port, None, with_dagster=False)
    _serve(settings, port, None, with_dagster=False)


@app.command()
def attack(
    releases: Annotated[
        list[str] | None, typer.Argument(help="Ids of releases, oldest first; default the current one.")
    ] = None,
    figure: Annotated[list[str] | None, typer.Option(help="Only these figures; may be given again.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the report: sv or en.")] = "sv",
) -> None:
    """Play the outsider: what can be worked out from what releases publish; exit code 1 where that is of few persons."""
    from pipelines.disclosure.attack import attack as attacked
    from pipelines.disclosure.attack_words import report as told
    from warehouse.release import NoReleaseError, open_release
    from warehouse.texts import LANGUAGES

    settings = _settings()
    try:
        opened = [open_release(settings.releases, name) for name in releases or []] or [_release(settings)]
    except NoReleaseError as error:
        _refuse(str(error))
    found = attacked(opened, figure or None)
    print(*told(found, opened, lang if lang in LANGUAGES else "sv"), sep="\n")
    raise typer.Exit(FAILED if found.breaches else 0)


@app.command()
def report() -> None:
    """Make the PDF reports of the current release."""
    from dashboards.reports.making import make_reports

    settings = _settings()
    _release(settings)
    for file in attempt(lambda: make_reports(settings)):
        print(file)


@app.command()
def sources(
    is_tried: Annotated[bool, typer.Option("--try", help="Try every connection and folder.")] = False,
    lang: Annotated[str, typer.Option(help="Language: sv or en.")] = "sv",
) -> None:
    """List every source: last delivery, rows, quarantine, when the next is expected."""
    from pipelines.intake.told import sources as told
    from warehouse.store import Store

    settings = _settings()
    lines, is_well = attempt(
        lambda: told(settings, Store(settings), is_tried, "en" if lang == "en" else "sv")
    )
    print(*lines, sep="\n")
    raise typer.Exit(0 if is_well else FAILED)


@app.command(name="map")
def map_file(
    file: Annotated[
        Path, typer.Argument(help="An export, or a filled-in template.", exists=True, dir_okay=False)
    ],
    contract: Annotated[str | None, typer.Option(help="Default: the contract it looks most like.")] = None,
    lang: Annotated[str, typer.Option(help="Language: sv or en.")] = "sv",
) -> None:
    """Propose a mapping for an unknown export, and show ten mapped rows without identities."""
    from pipelines.intake.reasons import RefusalError
    from pipelines.intake.told import mapping
    from warehouse.contracts import CONTRACTS

    if contract is not None and contract not in CONTRACTS:
        _refuse(f"there is no contract '{contract}'; there are: {', '.join(sorted(CONTRACTS))}")
    try:
        lines, is_well = mapping(file, contract, "en" if lang == "en" else "sv")
    except RefusalError as refusal:
        _refuse(refusal.reason.en if lang == "en" else refusal.reason.sv)
    print(*lines, sep="\n")
    raise typer.Exit(0 if is_well else FAILED)


@app.command()
def backtest() -> None:
    """Build the example municipality up to December 2022 and compare November 2022 with the published figures."""
    from pipelines.example.backtest import main as run_backtest

    raise typer.Exit(run_backtest())


add_to(app)


def main() -> None:
    """Entry point of `fordel`."""
    app()


def _serve(settings: Settings, port: int | None, dagster_port: int | None, with_dagster: bool) -> NoReturn:
    from assets.processes import ChildEndedError
    from assets.serving import serve as stay

    try:
        attempt(lambda: stay(settings, ROOT, port, dagster_port, with_dagster))
    except ChildEndedError as error:
        print(f"fordel: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from error
    raise typer.Exit(0)


def _demand_ports(settings: Settings, port: int | None, dagster_port: int | None, with_dagster: bool) -> None:
    from assets.processes import PortTakenError
    from assets.serving import demand_ports

    try:
        demand_ports(settings, port, dagster_port, with_dagster)
    except PortTakenError as error:
        _refuse(str(error))


def _let_in(settings: Settings, *, is_public: bool) -> None:
    """See that somebody can be let in, and that nobody is let in by accident."""
    from dashboards.access.safety import PUBLIC, demand_a_door, demand_safe

    try:
        demand_safe(settings, is_public=is_public)
        demand_a_door(settings, is_public=is_public)
    except SettingsError as error:
        _refuse(str(error))
    os.environ[PUBLIC] = "1" if is_public else "0"


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        _refuse(str(error))


def _demand_mappings(settings: Settings) -> None:
    """Refuse a mapping that cannot be used before anything is run: it is the settings that are wrong, not a delivery."""
    from pipelines.intake.mapping import read_mapping

    try:
        for name, source in settings.sources.items():
            read_mapping(name, source)
    except SettingsError as error:
        _refuse(str(error))


def _release(settings: Settings) -> Release:
    from warehouse.manifest import ReleaseDamagedError
    from warehouse.release import open_current

    try:
        release = open_current(settings.releases)
    except ReleaseDamagedError as error:
        _fail(str(error))
    if release is None:
        _fail(f"there is no release in {settings.releases} yet: run fordel refresh")
    return release


def _fail(message: str) -> NoReturn:
    print(f"fordel: {message}", file=sys.stderr)
    raise typer.Exit(FAILED)


def _refuse(message: str) -> NoReturn:
    print(f"fordel: {message}", file=sys.stderr)
    raise typer.Exit(WRONG)


def _month(text: str) -> date:
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    if not found or not 1 <= int(found[2]) <= 12:
        _refuse(f"'{text}' is not a month; write it as 2026-09")
    return date(int(found[1]), int(found[2]), 1)


if __name__ == "__main__":
    main()
