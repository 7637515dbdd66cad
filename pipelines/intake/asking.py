"""Asking a server over the network: attempts with growing pauses, one deadline for all of them, no answer larger than agreed.

Belongs here: when to ask again, when to give up, and what a server's silence or nonsense is called.
Does not belong here: what is asked (kolada.py, limesurvey.py, odk.py, kobo.py).

Nothing of a server's answer goes into an error: it may hold what somebody wrote.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from tenacity.wait import wait_base

from pipelines.intake.reasons import RefusalError
from warehouse.servers import Asked

LARGEST_ANSWER = 512 * 1024**2
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
NOT_FOUND, TOO_MANY = 404, 429
LOGIN_REFUSED = (401, 403)
Answer = TypeVar("Answer")


class TransientError(Exception):
    """Worth another attempt: no connection, no answer in time, 429, or a fault of the server's."""

    def __init__(self, reason_id: str, wait_seconds: float | None = None) -> None:
        """Keep what it is called when the attempts are over, and how long the server wants to be left alone."""
        self.reason_id, self.wait_seconds = reason_id, wait_seconds
        super().__init__(reason_id)


class _Pause(wait_base):
    """As long as the server asks for; else longer each time, with chance so that not all come back at once."""

    def __init__(self) -> None:
        self._growing = wait_exponential_jitter(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE, jitter=FIRST_PAUSE)

    def __call__(self, retry_state: Any) -> float:
        error = retry_state.outcome.exception()
        wanted = getattr(error, "wait_seconds", None)
        return min(wanted, LONGEST_PAUSE) if wanted is not None else self._growing(retry_state)


def persist(server_name: str, server: Asked, ask: Callable[[float], Answer]) -> Answer:
    """Put a question until it is answered.

    Args:
        server_name: the server's name in the settings, for the reason.
        server: how often, and how long.
        ask: puts it once, given the seconds that are left; raises TransientError where another attempt is worth it.

    Raises:
        RefusalError: the attempts or the time are over.
    """
    ends = time.monotonic() + server.timeout_seconds

    last = "server_slow"

    def once() -> Answer:
        nonlocal last
        left = ends - time.monotonic()
        if left <= 0:
            raise RefusalError(last, server=server_name, seconds=f"{server.timeout_seconds:g}")
        try:
            return ask(left)
        except TransientError as error:
            last = error.reason_id
            raise

    def pause(seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, ends - time.monotonic())))

    attempts = Retrying(
        stop=stop_after_attempt(server.attempts),
        wait=_Pause(),
        retry=retry_if_exception_type(TransientError),
        sleep=pause,
        reraise=True,
    )
    try:
        return attempts(once)
    except TransientError as error:
        raise RefusalError(
            error.reason_id, server=server_name, seconds=f"{server.timeout_seconds:g}"
        ) from None


def get_json(server_name: str, server: Asked, client: httpx.Client, url: str) -> Any:
    """An answer as JSON; None where the server has no such thing (404).

    Args:
        server_name: the server's name in the settings.
        server: its settings.
        client: with the server's address and login.
        url: what is asked for.

    Raises:
        RefusalError: server_down, server_slow, login_refused, nonsense.
    """
    data = persist(server_name, server, lambda left: _get(client, url, left))
    if data is None:
        return None
    if isinstance(data, int):
        raise RefusalError("login_refused" if data in LOGIN_REFUSED else "nonsense", server=server_name)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RefusalError("nonsense", server=server_name) from None


def _get(client: httpx.Client, url: str, left: float) -> bytes | int | None:
    """The body; None for 404; the status where asking again is no use."""
    ends = time.monotonic() + left
    try:
        with client.stream("GET", url, timeout=left) as response:
            if response.status_code == NOT_FOUND:
                return None
            if response.status_code == TOO_MANY or response.status_code >= 500:
                raise TransientError("server_down", _retry_after(response))
            if response.status_code != httpx.codes.OK:
                return response.status_code
            body = bytearray()
            # httpx' time limit is for each piece: a server that sends a byte a second would never pass it.
            for piece in response.iter_bytes():
                body += piece
                if time.monotonic() > ends:
                    raise TransientError("server_slow")
                if len(body) > LARGEST_ANSWER:
                    return 0
            return bytes(body)
    except httpx.TimeoutException:
        raise TransientError("server_slow") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise TransientError("server_down") from None


def _retry_after(response: httpx.Response) -> float | None:
    stated = response.headers.get("retry-after", "")
    return float(stated) if stated.isdigit() else None
