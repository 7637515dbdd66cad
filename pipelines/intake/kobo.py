"""KoboToolbox: submissions of the account's forms, through its data API (version 2).

Belongs here: paging, repeats (lists within a submission), validation status, what Kobo tells of edits.
Does not belong here: what the fields mean (submissions.py), counting versions (edits.py).

`_id` and `_submission_time` are those of the first version for ever; `_uuid` and `meta/instanceID` are new with every edit. A
submission that was deleted is not among the answers any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipelines.intake.asking import get_json
from pipelines.intake.edits import Edits
from pipelines.intake.odk import utc
from pipelines.intake.pulled import Pulled
from pipelines.intake.reasons import RefusalError
from pipelines.intake.submissions import Submission, deliveries, newest_reports
from warehouse.servers import Kobo

ROWS_A_PAGE = 1000
MOST_PAGES = 10_000
VALIDATIONS = {"validation_status_approved": "accepted", "validation_status_not_approved": "draft"}


def pull(name: str, server: Kobo, edits: Edits) -> list[Pulled]:
    """Every submission of the settings' forms.

    Args:
        name: the server's name in the settings.
        server: its settings.
        edits: which versions have been seen.

    Raises:
        RefusalError: server_down, server_slow, login_refused, no_form, nonsense.
        SecretMissingError: there is no API key.
    """
    headers = {"Authorization": f"Token {server.token.read()}", "accept": "application/json"}
    found: list[Pulled] = []
    with httpx.Client(follow_redirects=False, headers=headers) as client:
        for form, asset in server.forms.items():
            try:
                read = [
                    submission_of(row, asset, server.is_reviewed, edits)
                    for row in _rows(name, server, client, asset)
                ]
            except (AttributeError, KeyError, TypeError, ValueError):
                raise RefusalError("nonsense", server=name) from None
            listed = newest_reports(read) if form == "organisation_plan" else read
            found += deliveries(form, listed, form)
    # When all of it was understood: half an answer is no answer.
    edits.keep()
    return found


def _rows(name: str, server: Kobo, client: httpx.Client, asset: str) -> list[dict[str, Any]]:
    home = urlsplit(server.url)
    url = f"{server.url.rstrip('/')}/api/v2/assets/{asset}/data.json?limit={ROWS_A_PAGE}&start=0"
    rows: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        page = get_json(name, server, client, url)
        if page is None:
            raise RefusalError("no_form", server=name)
        rows += page["results"]
        if not page.get("next"):
            return rows
        there = urlsplit(str(page["next"]))
        if there.hostname != home.hostname:
            break
        url = there._replace(scheme=home.scheme, netloc=home.netloc).geturl()
    raise RefusalError("nonsense", server=name)


def submission_of(row: Mapping[str, Any], asset: str, is_reviewed: bool, edits: Edits) -> Submission:
    """A submission with its repeats.

    Args:
        row: as the data API gives it: `group/field` for a field in a group, a list for a repeat.
        asset: the form's uid; Kobo's numbers are counted per server.
        is_reviewed: False: whatever is not rejected counts as accepted.
        edits: which versions have been seen.
    """
    validation = (row.get("_validation_status") or {}).get("uid", "")
    number = f"{asset}-{row['_id']}"
    instance = row.get("meta/instanceID") or row["_uuid"]
    before = row.get("meta/deprecatedID")
    # An edit whose first version is unknown names it; one that was never edited names itself.
    version = edits.version(number, instance, (row.get("meta/rootUuid") if before else None, before))
    fields, repeats = flat(row)
    return Submission(
        id=number,
        version=version.number,
        submitted_at=version.seen_at or utc(row["_submission_time"]),
        status=VALIDATIONS.get(validation, "submitted" if is_reviewed else "accepted"),
        fields=fields,
        repeats=repeats,
    )


def flat(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Mapping[str, Any]]]]:
    """Fields without their groups, and repeats; Kobo's own are left out."""
    fields: dict[str, Any] = {}
    repeats: dict[str, list[Mapping[str, Any]]] = {}
    for name, value in row.items():
        short = name.rpartition("/")[2]
        if name.startswith(("_", "meta/", "formhub/")):
            continue
        if isinstance(value, list):
            repeats[short] = [flat(entry)[0] for entry in value]
        else:
            fields[short] = value
    return fields, repeats
