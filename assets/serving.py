"""Serving: the dashboards, and Dagster beside them, until told to end.

Belongs here: which programs are started, and with what.
Does not belong here: starting and ending them (processes.py), what they serve.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assets.processes import Program, Together, demand_free
from warehouse.settings import Settings

LOOPBACK = "127.0.0.1"


def serve(
    settings: Settings, root: Path, port: int | None, dagster_port: int | None, with_dagster: bool
) -> None:
    """Start the servers, tell where they are, and stay until told to end.

    Args:
        settings: the installation.
        root: the folder with `workspace.yaml`.
        port: of the dashboards; default the settings'.
        dagster_port: of Dagster's pages; default the settings'.
        with_dagster: whether Dagster's pages and daemon are started too.

    Raises:
        ChildEndedError: a server ended by itself, or never answered.
    """
    programs = [_dashboards(settings, port)]
    if with_dagster:
        programs += _dagster(settings, root, dagster_port)
    with Together(environment(settings), root) as together:
        for program in programs:
            together.start(program)
        if together.wait_until_answering():
            for program in programs:
                if program.address:
                    print(f"{program.name:<16} {program.address.replace(LOOPBACK, 'localhost')}")
            print("Ctrl-C ends.", flush=True)
            together.stay()
        print("Ending …", flush=True)


def demand_ports(settings: Settings, port: int | None, dagster_port: int | None, with_dagster: bool) -> None:
    """See that the ports can be listened on before anything is run.

    Raises:
        PortTakenError: which port, and how to choose another.
    """
    chosen = port or settings.dashboards.port
    demand_free(settings.dashboards.host, chosen, "--port or dashboards.port in the settings")
    if with_dagster:
        chosen = dagster_port or settings.dagster.port
        demand_free(LOOPBACK, chosen, "--dagster-port or dagster.port in the settings")


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every program of this installation."""
    return {
        **os.environ,
        "FORDEL_SETTINGS": str(settings.file),
        "FORDEL_HOME": str(settings.home),
        "DAGSTER_HOME": str(settings.dagster_home),
        "GX_ANALYTICS_ENABLED": "false",
    }


def _dashboards(settings: Settings, port: int | None) -> Program:
    address = f"{settings.dashboards.host}:{port or settings.dashboards.port}"
    how = ("--bind", address, "--workers", "1", "--threads", "4", "--no-control-socket")
    command = _program("gunicorn", "dashboards.app:server()", *how)
    return Program("Dashboards", command, settings.home / "logs" / "dashboards.log", f"http://{address}")


def _dagster(settings: Settings, root: Path, port: int | None) -> list[Program]:
    from assets.instance import open_instance

    open_instance(settings).dispose()
    logs, workspace = settings.home / "logs", ("--workspace", str(root / "workspace.yaml"))
    chosen = str(port or settings.dagster.port)
    web = _program("dagster-webserver", "--host", LOOPBACK, "--port", chosen, *workspace)
    daemon = _program("dagster-daemon", "run", *workspace)
    return [
        Program("Dagster's pages", web, logs / "dagster-webserver.log", f"http://{LOOPBACK}:{chosen}"),
        Program("Dagster's daemon", daemon, logs / "dagster-daemon.log"),
    ]


def _program(name: str, *arguments: str) -> list[str]:
    """A program of this installation, whatever PATH says."""
    return [str(Path(sys.executable).with_name(name)), *arguments]
