"""Install the project into its own `.venv`, from nothing but Python 3.11 and a package index.

Belongs here: making the virtual environment, getting uv into it, and syncing it with `uv.lock`. Standard library only,
because it runs before anything is installed.
Does not belong here: what the tests need of the operating system (tests/needs.sh) and anything that runs every night.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
UV_WANTED = "uv>=0.13.9,<1"
DEBIAN_NEEDS = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv ca-certificates"
PYPI = "https://pypi.org/simple"
HEARTBEAT_SECONDS = 10.0


def main() -> int:
    """Install what the lock file says; 0 when the environment is ready, 1 with a reason when it cannot be made."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--dev", action="store_true", help="also what tests and linters need")
    is_dev = wanted.parse_args().dev
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing has checked it yet
        say(f"Python 3.11 or newer is needed; {sys.executable} is {platform.python_version()}.")
        return 1
    began = time.monotonic()
    try:
        with one_at_a_time():
            make_venv()
            get_uv()
            sync(is_dev)
            mark(is_dev)
    except CannotInstallError as reason:
        say(f"Cannot install: {reason}")
        return 1
    say(f"Installed in {time.monotonic() - began:.0f} s.")
    return 0


class CannotInstallError(Exception):
    """The environment cannot be made; the message says what to do about it."""


def say(words: str) -> None:
    """Print at once: a person is waiting."""
    print(words, flush=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock, so that two `make` at once do not sync the same environment."""
    VENV.mkdir(exist_ok=True)
    with (VENV / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def quiet_environment() -> dict[str, str]:
    """The environment for every child: bytecode is compiled, and no other virtual environment is meant."""
    # Where PYTHONDONTWRITEBYTECODE is set, every later process would compile all imports again (20 s instead of 4 s).
    left_out = {
        "PYTHONDONTWRITEBYTECODE",
        "VIRTUAL_ENV",
        "PYTHONHOME",
        "PYTHONPATH",
        "UV_PROJECT_ENVIRONMENT",
    }
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {
        **kept,
        "UV_COMPILE_BYTECODE": "1",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def run(*command: str | Path, is_quiet: bool = False) -> bool:
    """Run a command in the project's folder; true when it succeeded."""
    out = subprocess.DEVNULL if is_quiet else None
    words = [str(part) for part in command]
    return (
        subprocess.run(
            words, cwd=ROOT, env=quiet_environment(), stdout=out, stderr=out, check=False
        ).returncode
        == 0
    )


def make_venv() -> None:
    """Make `.venv` when it is missing, or broken because the folder was moved or the system's Python went away."""
    if PYTHON.exists() and run(PYTHON, "-c", "", is_quiet=True):
        return
    say(f"Making .venv with Python {platform.python_version()} …")
    # Debian splits ensurepip into python3-venv; without it an environment can still be made, only without pip.
    has_pip = importlib.util.find_spec("ensurepip") is not None
    venv.EnvBuilder(with_pip=has_pip, symlinks=True, prompt="fordel").create(VENV)


def get_uv() -> None:
    """Put uv into `.venv`, in the first way that works on this machine.

    Raises:
        CannotInstallError: none did; the message names the package that is missing.
    """
    if UV.exists() and run(UV, "--version", is_quiet=True):
        return
    say("Getting uv, which reads the lock file …")
    if pip_into(PYTHON) or pip_into(sys.executable, "--python", PYTHON):
        return
    try:
        fetch_uv(mirror() or PYPI)
    except (OSError, LookupError, zipfile.BadZipFile) as error:
        if get_debian_venv() and pip_into(PYTHON):
            return
        raise CannotInstallError(
            f"uv could not be fetched ({error}). Is the package index within reach (PIP_INDEX_URL names another one)? "
            f"If pip is what is missing: apt-get install {DEBIAN_NEEDS}"
        ) from error


def pip_into(python: str | Path, *target: str | Path) -> bool:
    """Install uv with one Python's pip; false when it has none or it failed."""
    pip = (python, "-m", "pip", *target)
    return run(*pip, "--version", is_quiet=True) and run(
        *pip, "install", "-qq", "--disable-pip-version-check", UV_WANTED
    )


def get_debian_venv() -> bool:
    """On Debian, where pip for environments is a package of its own: install it, if this user may, and make `.venv` anew."""
    sudo = () if os.geteuid() == 0 else ("sudo", "-n")
    if not shutil.which("apt-get") or (
        sudo and not (shutil.which("sudo") and run(*sudo, "true", is_quiet=True))
    ):
        return False
    say(f"Installing {DEBIAN_NEEDS} from the system's packages …")
    options = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    if not run(*sudo, *options, "update", "-qq") or not run(
        *sudo, *options, "install", "-y", "-qq", *DEBIAN_NEEDS.split()
    ):
        return False
    # A new process, because this one has looked for ensurepip already.
    return run(sys.executable, "-m", "venv", "--clear", "--prompt", "fordel", VENV)


def fetch_uv(index: str) -> None:
    """Fetch uv's wheel without pip and take the program out of it.

    Raises:
        LookupError: no wheel for this machine, or one whose hash is not the index's.
    """
    libc = "musllinux" if platform.libc_ver()[0] != "glibc" else "manylinux"
    asked = urllib.request.Request(
        f"{index.rstrip('/')}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    fitting = [
        file
        for file in files
        if file["filename"].endswith(f"{platform.machine()}.whl")
        and libc in file["filename"]
        and is_wanted(file["filename"].split("-")[1])
    ]
    if not fitting:
        raise LookupError(f"no wheel of {UV_WANTED} for {platform.machine()} {libc}")
    newest = max(fitting, key=lambda file: version_of(file["filename"].split("-")[1]))
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / newest["filename"]
        with (
            urllib.request.urlopen(urllib.parse.urljoin(asked.full_url, newest["url"]), timeout=300) as body,
            wheel.open("wb") as kept,
        ):
            shutil.copyfileobj(body, kept)
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != newest["hashes"]["sha256"]:
            raise LookupError(f"{newest['filename']} does not have the hash that the index states")
        with zipfile.ZipFile(wheel) as parts:
            program = next(name for name in parts.namelist() if name.endswith(".data/scripts/uv"))
            UV.write_bytes(parts.read(program))
    UV.chmod(0o755)


def version_of(text: str) -> tuple[int, ...]:
    """A release's number as a tuple; empty for a pre-release, which sorts below every release."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def is_wanted(version: str) -> bool:
    """Whether a version of uv lies in the range that UV_WANTED states."""
    lowest, below = (version_of(bound.lstrip("uv>=<")) for bound in UV_WANTED.split(","))
    return lowest <= version_of(version) < below


def mirror() -> str | None:
    """The package index that pip is set up to use in place of PyPI, if any."""
    stated = (
        os.environ.get("PIP_INDEX_URL")
        or os.environ.get("UV_DEFAULT_INDEX")
        or os.environ.get("UV_INDEX_URL")
    )
    if not stated:
        question = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        asked = subprocess.run(question, capture_output=True, text=True, env=quiet_environment(), check=False)
        stated = asked.stdout.strip() if asked.returncode == 0 else None
    return stated if stated and stated.rstrip("/") != PYPI else None


def sync(is_dev: bool) -> None:
    """Bring `.venv` to what `uv.lock` says; whatever else is in it stays (uv itself, the developers' tools)."""
    say("Installing what uv.lock names into .venv (some 150 packages; a few minutes the first time) …")
    dev = () if is_dev else ("--no-dev",)
    index = mirror()
    with progress():
        done = sync_from_mirror(index, dev) if index else run(UV, "sync", "--locked", "--inexact", *dev)
    if not done:
        raise CannotInstallError("uv could not install the packages; the lines above say why")


def sync_from_mirror(index: str, dev: tuple[str, ...]) -> bool:
    """Install the locked versions, hashes checked, from another index than the one the lock file was made with."""
    # `uv sync --locked` takes a lock file made against PyPI for stale as soon as another index is the default.
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        install = (UV, "pip", "install", "--python", PYTHON, "--default-index", index)
        return (
            run(UV, "export", "--frozen", "--quiet", "--no-emit-project", *dev, "--output-file", wanted)
            and run(*install, "--require-hashes", "--requirement", wanted)
            and run(*install, "--no-deps", "--editable", ROOT)
        )


@contextmanager
def progress() -> Iterator[None]:
    """Say every ten seconds how far the installation is; uv is silent where there is no terminal."""
    done = threading.Event()

    def tell() -> None:
        began = time.monotonic()
        while not done.wait(HEARTBEAT_SECONDS):
            count = sum(1 for _ in VENV.glob("lib/python*/site-packages/*.dist-info"))
            say(f"  … {time.monotonic() - began:.0f} s, {count} packages in place")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def mark(is_dev: bool) -> None:
    """Leave the stamps that the Makefile looks at; they hold the folder, because a moved `.venv` does not work."""
    for name in (".installed", ".installed-dev") if is_dev else (".installed",):
        (VENV / name).write_text(f"{ROOT}\n")


if __name__ == "__main__":
    sys.exit(main())
