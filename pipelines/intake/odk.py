"""ODK Central: submissions of the project's forms, through OData.

Belongs here: paging, repeats (child tables), and what Central knows of a submission: edits, review, deletion.
Does not belong here: what the fields mean (submissions.py).

Central gives the current version of a submission only. An edit arrives as the next version of what is already
stored, and an accepted earlier version counts until the edited one has been accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from pyodk._utils.config import CentralConfig, Config
from pyodk._utils.session import Session
from pyodk.client import Client
from pyodk.errors import PyODKError
from requests.adapters import HTTPAdapter

from pipelines.intake.asking import LOGIN_REFUSED, NOT_FOUND, TOO_MANY, TransientError, persist
from pipelines.intake.forms import FORMS
from pipelines.intake.pulled import Pulled
from pipelines.intake.reasons import RefusalError
from pipelines.intake.submissions import Submission, deliveries, newest_reports
from warehouse.servers import Odk

ROWS_A_PAGE = 1000
MOST_PAGES = 10_000
REVIEWS = {"approved": "accepted", "rejected": "draft"}
Result = TypeVar("Result")


class _Session(Session):
    """A session whose every question has a time limit; the log-in is kept in memory only."""

    left = 60.0

    def __init__(self, *stated: str) -> None:
        """A session that asks once: pyodk's own asks again as late as Retry-After says, hours after our time is out."""
        super().__init__(*stated)
        self.mount("https://", HTTPAdapter(max_retries=0))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Put a question."""
        return super().request(method, url, *args, **{**kwargs, "timeout": self.left})


class _Server:
    """Central, asked with patience, page after page."""

    def __init__(self, name: str, settings: Odk) -> None:
        # pyodk would log whole answers of the server when it is not content with them.
        logging.getLogger("pyodk").setLevel(logging.CRITICAL + 1)
        self._name, self._settings = name, settings
        password = settings.password.read()
        self._session = _Session(settings.url, "v1", settings.user, password)
        config = Config(
            central=CentralConfig(base_url=settings.url, username=settings.user, password=password)
        )
        self._client = Client(project_id=settings.project, session=self._session, config=config)

    def ask(self, question: Callable[[], Result]) -> Result:
        """Put a question."""

        def once(left: float) -> Result:
            self._session.left = left
            try:
                return question()
            except requests.Timeout:
                raise TransientError("server_slow") from None
            except requests.JSONDecodeError:
                raise RefusalError("nonsense", server=self._name) from None
            except requests.RequestException:
                raise TransientError("server_down") from None
            except PyODKError as error:
                raise self._fault(error) from None
            except (ValueError, KeyError, TypeError):
                raise RefusalError("nonsense", server=self._name) from None

        return persist(self._name, self._settings, once)

    def _fault(self, error: PyODKError) -> Exception:
        answer = next((part for part in error.args if isinstance(part, requests.Response)), None)
        status = 0 if answer is None else answer.status_code
        if status in LOGIN_REFUSED:
            return RefusalError("login_refused", server=self._name)
        if status == NOT_FOUND:
            return RefusalError("no_form", server=self._name)
        if status == TOO_MANY or status >= 500:
            return TransientError("server_down")
        return RefusalError("nonsense", server=self._name)

    def table(self, form_id: str, table: str) -> list[dict[str, Any]]:
        """Every row of a table, all pages."""
        page = self.ask(
            lambda: self._client.submissions.get_table(form_id=form_id, table_name=table, top=ROWS_A_PAGE)
        )
        rows = list(page["value"])
        home = urlsplit(self._settings.url)
        for _ in range(MOST_PAGES):
            following = page.get("@odata.nextLink")
            if not following:
                return rows
            there = urlsplit(str(following))
            if there.hostname != home.hostname:
                break
            # Behind a proxy Central may call itself by another scheme or port.
            url = there._replace(scheme=home.scheme, netloc=home.netloc).geturl()
            page = self.ask(lambda url=url: self._page(url))  # type: ignore[misc]
            rows += page["value"]
        raise RefusalError("nonsense", server=self._name)

    def _page(self, url: str) -> dict[str, Any]:
        answer = self._session.get(url)
        if answer.status_code != requests.codes.ok:
            raise PyODKError("", answer)
        found: dict[str, Any] = answer.json()
        return found

    def close(self) -> None:
        """End the session."""
        self._session.close()


def pull(name: str, server: Odk) -> list[Pulled]:
    """Every submission of the settings' forms.

    Args:
        name: the server's name in the settings.
        server: its settings.

    Raises:
        RefusalError: server_down, server_slow, login_refused, no_form, nonsense.
        SecretMissingError: there is no password.
    """
    session = _Server(name, server)
    found: list[Pulled] = []
    try:
        for form, form_id in server.forms.items():
            rows = session.table(form_id, "Submissions")
            repeats = {
                repeat.name: session.table(form_id, f"Submissions.{repeat.name}")
                for repeat in FORMS[form].repeats
            }
            read = [
                each for row in rows if (each := submission_of(row, repeats, server.is_reviewed)) is not None
            ]
            listed = newest_reports(read) if form == "organisation_plan" else read
            found += deliveries(form, listed, form)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RefusalError("nonsense", server=name) from None
    finally:
        session.close()
    return found


def submission_of(
    row: Mapping[str, Any], repeats: Mapping[str, list[dict[str, Any]]], is_reviewed: bool
) -> Submission | None:
    """A row of the main table with its repeats; None where it has been deleted.

    Args:
        row: as OData gives it.
        repeats: repeat → rows of its child table.
        is_reviewed: False: whatever is not rejected counts as accepted.
    """
    system = row["__system"]
    if system.get("deletedAt"):
        return None
    edits = int(system.get("edits") or 0)
    changed = system.get("updatedAt") if edits else None
    # An encrypted or broken submission has no fields to judge: its row goes to quarantine.
    standing = REVIEWS.get(system.get("reviewState") or "", "submitted" if is_reviewed else "accepted")
    return Submission(
        id=row["__id"],
        version=edits + 1,
        submitted_at=utc(changed or system["submissionDate"]),
        status=standing,
        fields=flat(row),
        repeats={
            repeat: [flat(entry) for entry in entries if entry["__Submissions-id"] == row["__id"]]
            for repeat, entries in repeats.items()
        },
    )


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in groups beside the others; Central's own are left out."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name.startswith("__") or "@odata" in name or name == "meta":
            continue
        if isinstance(value, Mapping):
            found |= flat(value)
        else:
            found[name] = value
    return found


def utc(stated: str) -> datetime:
    """A time as servers write it, in UTC without zone."""
    read = datetime.fromisoformat(stated.replace("Z", "+00:00"))
    return (read.astimezone(UTC) if read.tzinfo else read).replace(tzinfo=None, microsecond=0)
