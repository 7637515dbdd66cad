"""What is shipped for servers names programs, ports and files that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import yaml

from operating import ROOMS
from warehouse.settings import DagsterWeb, Dashboards

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("fordel-*.service"))


def test_units_start_programs_of_this_installation() -> None:
    assert len(UNITS) == 5
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        (program,) = re.findall(r"^ExecStart=/opt/fordel/\.venv/bin/([\w-]+)", text, re.MULTILINE)
        assert (ROOT / ".venv" / "bin" / program).exists(), program
        assert "User=fordel" in text
        assert "ProtectSystem=strict" in text
    composed = yaml.safe_load((ROOT / "deploy" / "container" / "compose.yaml").read_text(encoding="utf-8"))
    dashboards = (ROOT / "deploy" / "systemd" / "fordel-dashboards.service").read_text(encoding="utf-8")
    hidden = {
        word
        for line in re.findall(r"^InaccessiblePaths=(.+)", dashboards, re.MULTILINE)
        for word in line.split()
    }
    mounted = set(composed["services"]["dashboards"]["tmpfs"])
    for room in {*ROOMS, "dagster"} - {"releases", "reports", "access"}:
        assert f"-/var/lib/fordel/{room}" in hidden, "the dashboards never see persons"
        assert f"/var/lib/fordel/{room}" in mounted
    assert {"-/etc/fordel/fordel.env", "-/srv/exports", "-/srv/dropped"} <= hidden
    # Where nothing is to be mounted over, the engine makes the place itself, and it is root's.
    assert {Path(place).name for place in mounted} <= {*ROOMS, "dagster", "tmp"}


def test_the_command_line_is_that_of_the_services() -> None:
    """As an operator types it: the user, the settings and the program that the units name."""
    wrapper = (ROOT / "deploy" / "systemd" / "fordel.sh").read_text(encoding="utf-8")
    (unit,) = (each.read_text(encoding="utf-8") for each in UNITS if each.stem == "fordel-prepare")
    (stated,) = re.findall(r"^EnvironmentFile=(\S+)", unit, re.MULTILINE)
    (program,) = re.findall(r"^ExecStart=(\S+)", unit, re.MULTILINE)
    assert f"< {stated}\n" in wrapper
    assert f"runuser -u fordel -- {program} " in wrapper
    for other in UNITS:
        needs = "Requires=fordel-prepare.service" in other.read_text(encoding="utf-8")
        assert needs == (other.stem not in {"fordel-prepare", "fordel-watchdog"}), other.stem


def test_the_command_line_reads_secrets_as_systemd_does(tmp_path: Path) -> None:
    """Nothing in a password is a shell's."""
    password = "a$b `c` 'd' & e;f #g=h"
    stated = tmp_path / "fordel.env"
    stated.write_text(
        f'# a comment\n\nFORDEL_A={password}\nFORDEL_B="{password}"\nFORDEL_C=last', encoding="utf-8"
    )
    wrapper = (ROOT / "deploy" / "systemd" / "fordel.sh").read_text(encoding="utf-8")
    for real, here in (
        ("/etc/fordel/fordel.env", str(stated)),
        ("/var/lib/fordel", str(tmp_path)),
        ("runuser -u fordel -- /opt/fordel/.venv/bin/fordel", "env"),
    ):
        wrapper = wrapper.replace(real, here)
    told = subprocess.run(
        ["sh", "-c", wrapper], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {f"FORDEL_A={password}", f"FORDEL_B={password}", "FORDEL_C=last"} <= set(told)


def test_every_web_face_is_on_loopback_behind_the_door() -> None:
    door = (ROOT / "deploy" / "nginx" / "fordel.conf").read_text(encoding="utf-8")
    for port in (Dashboards().port, DagsterWeb().port):
        assert f"http://127.0.0.1:{port};" in door
    assert len(re.findall(r"location / \{\s+auth_request /oauth2/auth;", door)) == 2
    stated = Dashboards.model_validate({"proxy": {}})
    assert stated.proxy is not None
    for header in stated.proxy.headers.values():
        assert f"proxy_set_header {header} " in door, (
            "what comes from outside under this name must be taken away"
        )


def test_the_containers_open_one_door_only() -> None:
    composed = yaml.safe_load((ROOT / "deploy" / "container" / "compose.yaml").read_text(encoding="utf-8"))
    for name, service in composed["services"].items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to others"
        command = service.get("command", [])
        assert not {"0.0.0.0", "::"} & set(command), name
    assert "secrets.env" not in composed["services"]["dashboards"].get("env_file", [])
    copied = re.findall(
        r"^COPY (.+) \./$", (ROOT / "deploy" / "container" / "Containerfile").read_text("utf-8"), re.MULTILINE
    )
    assert all((ROOT / name).exists() for line in copied for name in line.split())


def test_no_secret_of_an_installation_gets_into_the_image_or_the_repository() -> None:
    folder = "deploy/container"
    composed = yaml.safe_load((ROOT / folder / "compose.yaml").read_text(encoding="utf-8"))
    services = composed["services"].values()
    own = {
        *(file for service in services for file in service.get("env_file", [])),
        *(secret["file"] for secret in composed["secrets"].values()),
        *(
            volume.split(":")[0]
            for service in services
            for volume in service.get("volumes", [])
            if volume.startswith("./")
        ),
    }
    assert len(own) > 4
    for ignoring in (".dockerignore", ".gitignore"):
        lines = (ROOT / ignoring).read_text(encoding="utf-8").splitlines()
        assert {f"{folder}/{name.removeprefix('./')}" for name in own} <= set(lines), ignoring


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Where systemd is installed; elsewhere the text has been looked at above."""
    if not (verify := shutil.which("systemd-analyze")):
        return
    here = []
    for unit in [*UNITS, ROOT / "deploy" / "systemd" / "fordel-watchdog.timer"]:
        text = unit.read_text(encoding="utf-8").replace("/opt/fordel", str(ROOT))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        here.append(str(tmp_path / unit.name))
    done = subprocess.run([verify, "verify", *here], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if "fordel" in line], done.stderr
