"""The back door: the commands of whoever keeps an installation running.

Belongs here: reading the call, printing, exit codes; like the front door (fordel.py), of which these commands are a
part, it imports everything heavy inside the command that needs it.
Does not belong here: the work itself (pipelines/nights, warehouse), and what people ask of figures (fordel.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from warehouse.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from pipelines.nights.watching import Finding

FAILED, WRONG = 1, 2
# As Nagios and its kin read an exit code.
OK, WARNING, CRITICAL, UNKNOWN = range(4)
PERSON = "FORDEL_PERSON"
# What `prepare` makes in the home folder.
ROOMS = ("raw", "keys", "warehouse", "ledger", "edits", "releases", "reports", "access", "alerts", "logs")

Result = TypeVar("Result")

releases_app = typer.Typer(help="List the releases that are kept; compare, verify, roll back, prune them.")


def add_to(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.add_typer(releases_app, name="releases")
    for name, command in (
        ("prepare", prepare),
        ("check", check),
        ("rebuild", rebuild),
        ("forget", forget),
        ("rekey", rekey),
        ("metrics", metrics),
    ):
        app.command(name)(command)


@releases_app.callback(invoke_without_command=True)
def releases(context: typer.Context) -> None:
    """List the releases that are kept, the newest last; * marks the one people see."""
    if context.invoked_subcommand is not None:
        return
    from warehouse.manifest import ReleaseDamagedError, current_id, read_manifest, withdrawn
    from warehouse.release import list_releases

    folder = _settings().releases
    current = current_id(folder)
    if current is None:
        print("No release yet: run fordel refresh")
    taken_back = {line["release"] for line in withdrawn(folder).values()}
    for release_id in list_releases(folder):
        mark = "*" if release_id == current else " "
        try:
            manifest = read_manifest(folder / release_id)
        except ReleaseDamagedError:
            print(f"{mark} {release_id}  DAMAGED")
            continue
        said = "  withdrawn" if release_id in taken_back else ""
        print(f"{mark} {release_id}  made {manifest['created_at']}  data as of {manifest['as_of']}{said}")


@releases_app.command("compare")
def compare_releases(
    earlier: Annotated[str, typer.Argument(help="Id of the earlier release.")],
    later: Annotated[str | None, typer.Argument(help="Id of the later one; default what people see.")] = None,
) -> None:
    """Tell what changed from one release to another, by figure; only what both show."""
    from warehouse.comparison import compare
    from warehouse.manifest import current_id
    from warehouse.release import open_release

    folder = _settings().releases
    changes = attempt(
        lambda: compare(
            open_release(folder, earlier), open_release(folder, later or current_id(folder) or "")
        )
    )
    if not changes:
        print("Nothing changed.")
    for change in changes:
        first, last = change.periods[0], change.periods[-1]
        print(
            f"{change.figure:<32} {change.changed} changed, {change.added} added, {change.removed} gone"
            f"  ({first if first == last else f'{first} to {last}'})"
        )


@releases_app.command("rollback")
def rollback_release(release_id: Annotated[str, typer.Argument(help="Id of the release to show.")]) -> None:
    """Show an earlier release; the later ones are withdrawn until their figures change or `lift` is called."""
    from warehouse.rollback import roll_back

    settings = _settings()
    later = attempt(lambda: _alone(settings, lambda: roll_back(settings.releases, release_id)))
    print(f"People see {release_id} now. Withdrawn: {', '.join(later) or 'none'}.")
    if later:
        print("The same figures are not published again; `fordel releases lift` allows it.")


@releases_app.command("lift")
def lift_withdrawal() -> None:
    """Let what was rolled back be published again by the next run."""
    from warehouse.rollback import lift

    settings = _settings()
    lifted = _alone(settings, lambda: lift(settings.releases))
    print(f"No longer withdrawn: {', '.join(lifted) or 'nothing was'}.")


@releases_app.command("verify")
def verify_releases() -> None:
    """Tell whether every release is still what it was when it was made; exit code 1 when one is not."""
    from warehouse.comparison import damaged_files
    from warehouse.release import list_releases

    folder = _settings().releases
    damaged = {each: damaged_files(folder / each) for each in list_releases(folder)}
    for release_id, files in damaged.items():
        print(f"{'DAMAGED' if files else 'whole  '} {release_id}  {', '.join(files)}".rstrip())
    raise typer.Exit(FAILED if any(damaged.values()) else 0)


@releases_app.command("prune")
def prune_releases(
    keep: Annotated[int | None, typer.Option(min=1, help="How many stay; default the settings'.")] = None,
) -> None:
    """Remove the oldest releases; what people see always stays."""
    from warehouse.release import prune

    settings = _settings()
    gone = _alone(settings, lambda: prune(settings.releases, keep or settings.releases_kept))
    print(f"Removed: {', '.join(gone) or 'none'}.")


def check(
    nagios: Annotated[
        bool, typer.Option(help="Exit codes as Nagios reads them: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
    ] = False,
    alert: Annotated[
        bool, typer.Option(help="Tell what is wrong to those whom the settings name, as the night does.")
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of what is found: sv or en.")] = "en",
) -> None:
    """Tell in one line whether people see fresh figures and the nights go well; exit code 1 when not, 3 when it cannot tell."""
    from pipelines.nights.watching import look

    try:
        settings = read_settings()
        found = look(settings)
        unreached = _tell(settings, found) if alert else []
    except SettingsError as error:
        if nagios:
            print(f"UNKNOWN - {error}")
            raise typer.Exit(UNKNOWN) from error
        refuse(str(error))
    except Exception as error:
        print(f"UNKNOWN - the check itself failed: {type(error).__name__}")
        raise typer.Exit(UNKNOWN) from error
    grave = any(finding.level == "critical" for finding in found)
    words = "; ".join(finding.sv if lang == "sv" else finding.en for finding in found)
    if unreached:
        words = "; ".join(filter(None, [words, f"alerts did not get through: {', '.join(unreached)}"]))
    if nagios:
        level = CRITICAL if grave or unreached else WARNING if found else OK
        print(f"FORDEL {('OK', 'WARNING', 'CRITICAL')[level]} - {words or _line(settings)}")
        raise typer.Exit(level)
    print(
        f"{'NOT WELL' if grave else 'LOOK' if found else 'OK'}: {words + ' – ' if words else ''}{_line(settings)}"
    )
    raise typer.Exit(FAILED if grave or unreached else 0)


def rebuild() -> None:
    """Set the warehouse file aside and build it again from the raw deliveries; what people see is not touched."""
    from pipelines.nights.rebuilding import rebuild as build_again
    from warehouse.store import Store

    settings = _settings()
    done = attempt(lambda: build_again(settings, Store(settings), "asked for on the command line"))
    print(f"Built again from {done.deliveries} deliveries in {done.seconds:.1f} s.")
    if done.aside:
        print(f"The old file is in {done.aside}; it goes after {settings.keep_for.set_aside_days} days.")


def prepare() -> None:
    """Make the home folder ready for services: its rooms, Dagster's configuration; runs that a crash left are ended."""
    from assets.instance import open_instance

    settings = _settings()
    # Born private and the service's own, also where a container mounts something over them. What exists is left as it is.
    for room in (settings.home, *(settings.home / name for name in ROOMS)):
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
    attempt(lambda: open_instance(settings).dispose())
    print(f"{settings.home} is ready.")


def forget(
    lift: Annotated[
        bool, typer.Option("--lift", help="Let a forgotten person be taken in again, as when employed anew.")
    ] = False,
) -> None:
    """Forget a person: raw deliveries, quarantine, warehouse, ledger. The number is asked for, never a parameter."""
    from pipelines.nights.forgetting import forget as forget_person
    from pipelines.nights.forgetting import lift as lift_mark
    from warehouse.store import Store

    settings = _settings()
    number = _number()
    if lift:
        attempt(lambda: lift_mark(settings, Store(settings), number))
        print("The mark is taken away: deliveries from now on may bring the person in again.")
        return
    done = attempt(lambda: forget_person(settings, Store(settings), number))
    rows = (
        ", ".join(f"{count} of {contract}" for contract, count in sorted(done.rows.items())) or "no rows left"
    )
    print(
        f"Forgotten: {rows} in {done.deliveries} deliveries, {done.ledger} files of the ledger ({done.seconds:.0f} s)."
    )
    for export in done.exports:
        print(
            f"  ! still in the employer's own export; read anew, it is taken in without the person: {export}"
        )
    for trace in done.traces:
        print(f"  ! a trace is left: {trace.place}")
    print("No trace is left in the home folder." if not done.traces else "Not everything is gone.")
    print(
        "Put a copy of keys/forgotten.key and keys/forgotten.marks in the safe now: a backup made before today holds the"
    )
    print("person, and with the marks a restore leaves them out (docs/data_protection.md).")
    raise typer.Exit(FAILED if done.traces else 0)


def rekey() -> None:
    """Change the pseudonym key: every pseudonym goes through a new one as well; months stay linked."""
    from pipelines.nights.rekeying import rekey as change_key
    from warehouse.store import Store

    settings = _settings()
    done = attempt(lambda: change_key(settings, Store(settings)))
    print(f"{done.deliveries} deliveries went through key number {done.keys} ({done.seconds:.0f} s).")
    print("Put a copy of the key file in the safe now: all of its keys are needed.")


def metrics() -> None:
    """Print how the installation is, as numbers in Prometheus' text format."""
    from pipelines.nights.gauges import text

    print(text(_settings()), end="")


def refuse(message: str) -> Any:
    """Say what is wrong with the call or the settings, and end with 2."""
    print(f"fordel: {message}", file=sys.stderr)
    raise typer.Exit(WRONG)


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        return refuse(str(error))


def attempt(work: Callable[[], Result]) -> Result:
    """Do the work; what it refuses is told in one line: 2 where the call is wrong, 1 where the machine is."""
    from pipelines.intake.identities import KeyMissingError
    from pipelines.intake.raw_store import RawStoreError
    from pipelines.nights.forgetting import NobodyError
    from pipelines.nights.rewriting import CannotExchangeError
    from warehouse.manifest import ReleaseDamagedError
    from warehouse.opening import DamagedError, EncryptionUnavailableError
    from warehouse.private import UnsafeModeError
    from warehouse.release import NoReleaseError
    from warehouse.store import StoreBusyError

    try:
        return work()
    except (
        NoReleaseError,
        NobodyError,
        KeyMissingError,
        EncryptionUnavailableError,
        UnsafeModeError,
        SettingsError,
    ) as error:
        return refuse(str(error))
    except (StoreBusyError, DamagedError, ReleaseDamagedError, RawStoreError, CannotExchangeError) as error:
        print(f"fordel: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from error


def _alone(settings: Settings, work: Callable[[], Result]) -> Result:
    """Do the work while no night runs: it publishes and points as well."""
    from warehouse.store import Store

    def held() -> Result:
        with Store(settings).alone():
            return work()

    return attempt(held)


def _tell(settings: Settings, found: list[Finding]) -> list[str]:
    from pipelines.alerts.tell import tell
    from warehouse.store import Store, StoreBusyError

    try:
        # Not while a night runs: it tells at its end, of the same things under the same keys.
        with Store(settings, wait_seconds=1).alone():
            return tell(settings, [finding.problem() for finding in found])[1]
    except StoreBusyError:
        return []
    except OSError:
        # The disk takes no writes, not even a lock; no night runs on it either.
        return tell(settings, [finding.problem() for finding in found])[1]


def _line(settings: Settings) -> str:
    from warehouse.manifest import ReleaseDamagedError, current_id, read_manifest
    from warehouse.release import read_status

    shown = current_id(settings.releases)
    if shown is None:
        return f"no release in {settings.releases}"
    try:
        as_of = read_manifest(settings.releases / shown)["as_of"]
    except ReleaseDamagedError:
        as_of = "nobody can tell"
    run = read_status(settings.releases).get("run", {})
    return f"release {shown}, data as of {as_of}, last run {run.get('ended_at', 'never')}"


def _number() -> str:
    """The person's number from FORDEL_PERSON, a pipe, or typed unseen; anybody can read the parameters of a process."""
    if os.environ.get(PERSON):
        return os.environ[PERSON]
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip() or refuse(f"no number: type it, pipe it, or put it in {PERSON}")
    import getpass

    return getpass.getpass("Personnummer or employee number (not shown): ").strip() or refuse("no number")
