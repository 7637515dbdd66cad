"""The settings: one typed place for every choice an installation makes.

Belongs here: the keys of `fordel.yaml`, their types and defaults, and where in the home folder each thing lives.
Does not belong here: secrets (environment or key files only) and definitions of figures (warehouse/key_figures/).
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from warehouse.plain_yaml import read_yaml
from warehouse.servers import Part, Secret, Server

DEFAULT_FILE = "fordel.yaml"
# Where the address of Dagster's database stands, which holds a password.
DAGSTER_DATABASE = "FORDEL_DAGSTER_DATABASE"


class SettingsError(ValueError):
    """The settings file cannot be used; the message says which key and why."""


class Municipality(Part):
    """Whose figures these are."""

    name: str = Field("Eslöv", description="Name as shown in headings.")
    kolada_id: str = Field("1285", description="The municipality's id in Kolada.")
    currency: str = Field("kr", description="Unit of every amount of money.")


class Example(Part):
    """The example municipality: made-up people, so that the system can be tried without anybody's data."""

    size: int = Field(2924, ge=200, le=1_200_000, description="Monthly-paid employees in the last month.")
    months: int = Field(36, ge=13, le=240, description="Months of history.")
    ends: date | None = Field(None, description="Last month (any day in it); empty = the last full month.")
    seed: int = Field(1285, description="Same seed, size and months: the same people to the last digit.")


class Source(Part):
    """Where one contract's deliveries come from, and how an export is translated to the contract."""

    contract: str = Field(description="Which contract the deliveries must meet, e.g. hr_employment.")
    kind: Literal["files"] = Field("files", description="Kind of system.")
    path: Path = Field(description="Folder with the exports; relative to the settings file.")
    pattern: str = Field("*", description="Which files in the folder, as a glob.")
    watch: Path | None = Field(
        None,
        description="Folder that others put files into; whole ones are moved to path, which must lie on the same mount.",
    )
    size_change_share: float | None = Field(
        None,
        gt=0,
        le=100,
        description="Percent by which a month may differ from the month before it, where this source swings more than most.",
    )
    is_published: bool = Field(
        False,
        description="The data are open data without personnummer: a pseudonym key is made on first use where there is none.",
    )
    mapping: dict[str, Any] = Field(
        default_factory=dict, description="How columns and codes become the contract's; see docs/sources.md."
    )


class Judgement(Part):
    """When a delivery is refused whole."""

    size_change_share: float = Field(
        25.0, gt=0, description="Percent by which a month may differ in rows from the month before it."
    )
    bad_rows_share: float = Field(
        2.0, ge=0, description="Percent of rows that may be quarantined before the delivery is refused."
    )


class Definitions(Part):
    """Choices that the key figures leave to the municipality."""

    manager_codes: tuple[str, ...] = Field(
        ("A", "B", "C", "L"), description="AID responsibility codes that make a manager."
    )
    participation_hours: float = Field(
        8.0, gt=0, description="Hours of participation in twelve months that count as enough time."
    )
    citizen_influence: str | None = Field(
        None, description="Kolada's id of the figure that shows citizens' influence; empty = not shown."
    )
    citizen_treatment: str | None = Field(
        None, description="Kolada's id of the figure that shows how citizens are treated; empty = not shown."
    )


class OpenId(Part):
    """The provider that people sign in with. The client's secret is read from FORDEL_OIDC_SECRET; without, it is public."""

    issuer: str = Field(
        description="Address of the provider, whose /.well-known/openid-configuration is read."
    )
    client_id: str = Field(description="What the provider calls these dashboards.")
    address: str = Field(description="Where people reach the dashboards, e.g. https://nyckeltal.example.se.")
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What is asked of the provider.")
    roles_claim: str = Field("groups", description="Claim with the person's groups.")
    department_claim: str = Field("department", description="Claim with the code of a head's department.")
    proxies: int = Field(
        0,
        ge=0,
        description="Proxies in front (as nginx for TLS) that each add an address to X-Forwarded-For: sign-ins are limited "
        "by whoever asks the outermost, and not by a proxy. 0 = the header is not believed.",
    )


class Proxy(Part):
    """A proxy on this computer that has let people in already. It must take away these headers when they come from outside."""

    user_header: str = Field("X-Forwarded-User", description="Header with who it is.")
    groups_header: str = Field(
        "X-Forwarded-Groups", description="Header with the person's groups, with commas."
    )
    department_header: str = Field(
        "X-Forwarded-Department", description="Header with the code of a head's department."
    )

    @property
    def headers(self) -> dict[str, str]:
        """The headers by what they tell."""
        return {"user": self.user_header, "groups": self.groups_header, "department": self.department_header}


class Dashboards(Part):
    """Where the dashboards are served, and how people are let in: by `openid` or by `proxy`."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8050, description="Port of the dashboards.")
    openid: OpenId | None = Field(None, description="Sign-in with OpenID Connect.")
    proxy: Proxy | None = Field(None, description="Sign-in by a proxy on this computer.")
    roles: dict[str, Literal["data_team", "management", "head", "reader"]] = Field(
        default_factory=dict,
        description="Which group has which role: data_team and management see everything published, "
        "a head the own department, a reader totals.",
    )
    session_hours: float = Field(8.0, gt=0, le=24, description="Hours until somebody must sign in again.")


class DagsterWeb(Part):
    """Where Dagster's own pages are served. They have no sign-in: keep them on loopback."""

    port: int = Field(3000, description="Port of Dagster's web server.")
    storage: Literal["files", "postgres"] = Field(
        "files",
        description="Where Dagster keeps its history: files in the home folder, or the PostgreSQL database that "
        "FORDEL_DAGSTER_DATABASE names (install the extra `deployment`).",
    )


class Email(Part):
    """A mail server that takes alerts. The password is read from FORDEL_SMTP_PASSWORD."""

    host: str = Field(description="The mail server.")
    port: int = Field(25, description="Its port.")
    starttls: bool = Field(True, description="Encrypt the connection before anything is said.")
    user: str | None = Field(None, description="Name to sign in with; empty = without.")
    sender: str = Field(description="Address that alerts come from.")
    to: tuple[str, ...] = Field(min_length=1, description="Addresses that alerts go to.")


class Alerts(Part):
    """Who is told when something is wrong, and how."""

    email: Email | None = Field(None, description="Alerts by e-mail.")
    webhook: str | None = Field(
        None,
        description="Alerts as JSON by POST to this address; FORDEL_WEBHOOK_TOKEN is sent as bearer token.",
    )
    language: Literal["sv", "en"] = Field("sv", description="Language of alerts.")
    remind_after_hours: float = Field(
        24.0, gt=0, description="Hours before an incident that still stands is told again."
    )


class Watch(Part):
    """When `fordel check` and the night's end call something wrong."""

    missed_after_hours: float = Field(
        26.0, gt=0, description="Hours since the last run before a night counts as missed."
    )
    disk_free_gb: float = Field(
        2.0, ge=0, description="Gigabytes (10⁹ bytes) that must be free where the home folder is."
    )
    quarantine_share: float = Field(
        1.0,
        ge=0,
        le=100,
        description="Percent of the rows of the current deliveries that may be in quarantine.",
    )


class KeepFor(Part):
    """How long things are kept. A subject that is not named keeps its raw deliveries as long as the installation."""

    raw_months: dict[Literal["hr", "survey", "plans", "organisation", "external"], int] = Field(
        default_factory=dict,
        description="By subject: months of raw deliveries; figures of earlier months end with them.",
    )
    quarantine_days: int = Field(
        180, ge=1, description="Days that quarantined rows are kept; the counts stay."
    )
    logs_days: int = Field(90, ge=1, description="Days of logs.")
    dagster_days: int = Field(180, ge=1, description="Days of Dagster's history of runs.")
    set_aside_days: int = Field(
        30, ge=1, description="Days that a damaged warehouse file is kept after it was set aside."
    )


class Encryption(Part):
    """Encryption at rest, beside that of the volume. Keys are never settings: FORDEL_WAREHOUSE_KEY or keys/warehouse.key."""

    warehouse: bool = Field(
        False,
        description="Encrypt the warehouse file with DuckDB's own encryption (needs its extension httpfs).",
    )
    extension: Path | None = Field(
        None,
        description="The extension's file, where the machine cannot fetch it from extensions.duckdb.org.",
    )


class Settings(Part):
    """Everything an installation chooses."""

    home: Path = Field(
        Path(".fordel"), description="Folder that holds everything the system writes; FORDEL_HOME wins."
    )
    municipality: Municipality = Municipality()
    example: Example | None = Field(
        None,
        description="Present: the example municipality writes its exports to home/example before each refresh.",
    )
    sources: dict[str, Source] = Field(
        default_factory=dict, description="One entry per source; the key is its name."
    )
    servers: dict[str, Server] = Field(
        default_factory=dict,
        description="One entry per system that is asked: database, limesurvey, limesurvey_export, odk, kobo, "
        "template, ready_files, kolada.",
    )
    night_begins: str = Field(
        "02:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When the night begins, Swedish time; after the last export has come.",
    )
    judgement: Judgement = Judgement()
    definitions: Definitions = Definitions()
    fresh_within_days: int = Field(
        45, description="A month older than this at publication is shown as stale."
    )
    releases_kept: int = Field(14, ge=2, description="How many releases are kept.")
    alerts: Alerts = Alerts()
    watch: Watch = Watch()
    keep_for: KeepFor = KeepFor()
    encryption: Encryption = Encryption()
    dashboards: Dashboards = Dashboards()
    dagster: DagsterWeb = DagsterWeb()
    file: Path = Field(
        Path(DEFAULT_FILE), description="The file these settings were read from; set when read."
    )

    @property
    def raw(self) -> Path:
        """Raw deliveries: pseudonymised, immutable."""
        return self.home / "raw"

    @property
    def keys(self) -> Path:
        """The pseudonym key, when it is not in the environment."""
        return self.home / "keys"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse" / "fordel.duckdb"

    @property
    def releases(self) -> Path:
        """Published releases, the pointer `current`, and `status.json`."""
        return self.home / "releases"

    @property
    def access(self) -> Path:
        """The key of session cookies, and the log of who saw what."""
        return self.home / "access"

    @property
    def reports(self) -> Path:
        """PDF reports, by release."""
        return self.home / "reports"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage."""
        return self.home / "dagster"

    @property
    def example_files(self) -> Path:
        """The exports of the example municipality."""
        return self.home / "example"


def delivered_contracts(settings: Settings) -> set[str]:
    """The contracts that some source or server of the settings delivers to."""
    by_servers = {contract for server in settings.servers.values() for contract in server.contracts}
    return by_servers | {source.contract for source in settings.sources.values()}


def read_settings(file: Path | str | None = None, home: Path | None = None) -> Settings:
    """Read and check the settings.

    Args:
        file: the YAML file; default FORDEL_SETTINGS, then `fordel.yaml` in the working folder.
        home: the home folder; default FORDEL_HOME, then what the file says.

    Returns:
        The settings, with every relative path made absolute: `home`, and the paths of sources, servers, secrets and the
        extension, from the settings file's folder; `{home}` in them stands for the home folder.

    Raises:
        SettingsError: no such file, not YAML, an unknown key, a wrong type.
    """
    path = Path(file or os.environ.get("FORDEL_SETTINGS") or DEFAULT_FILE).resolve()
    try:
        stated = read_yaml(path) or {}
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); name a settings file with --settings"
        ) from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {error}") from error
    if not isinstance(stated, dict):
        raise SettingsError(f"{path}: must be a list of keys and values")
    said = home or os.environ.get("FORDEL_HOME") or path.parent / str(stated.get("home", ".fordel"))
    home = Path(said).resolve()
    try:
        settings = Settings.model_validate({**stated, "home": home, "file": path})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"{path}: {where}: {first['msg']}") from error

    def absolute(stated: Path) -> Path:
        return (path.parent / str(stated).replace("{home}", str(home))).resolve()

    def placed(stated: object) -> object:
        if isinstance(stated, Secret) and stated.file is not None:
            return stated.model_copy(update={"file": absolute(stated.file)})
        return absolute(stated) if isinstance(stated, Path) else stated

    sources = {
        name: source.model_copy(
            update={"path": absolute(source.path), "watch": source.watch and absolute(source.watch)}
        )
        for name, source in settings.sources.items()
    }
    servers = {
        name: server.model_copy(update={key: placed(stated) for key, stated in server})
        for name, server in settings.servers.items()
    }
    extension = settings.encryption.extension
    encryption = settings.encryption.model_copy(update={"extension": extension and absolute(extension)})
    return settings.model_copy(update={"sources": sources, "servers": servers, "encryption": encryption})
