"""Channels: how an alert reaches people, by e-mail (SMTP) and by webhook.

Belongs here: composing and sending one message.
Does not belong here: deciding whether to speak (incidents.py).

The network fails: each channel is tried three times, and a channel that stays down is told of in the run's own record.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from pipelines.alerts.incidents import Message, Word
from warehouse.settings import Alerts, Email
from warehouse.texts import Words

TIMEOUT_SECONDS = 15.0
PASSWORD = "FORDEL_SMTP_PASSWORD"
TOKEN = "FORDEL_WEBHOOK_TOKEN"

patiently = retry(
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(multiplier=0.2, max=2),
    retry=retry_if_exception_type((OSError, smtplib.SMTPException, httpx.HTTPError)),
    reraise=True,
)


EMAIL, WEBHOOK = "e-mail", "webhook"


def channels(alerts: Alerts) -> list[str]:
    """The channels that the settings name."""
    return [name for name, stated in ((EMAIL, alerts.email), (WEBHOOK, alerts.webhook)) if stated is not None]


def send(alerts: Alerts, channel: str, municipality: str, messages: Sequence[Message]) -> str | None:
    """Send messages over one channel.

    Args:
        alerts: the settings.
        channel: one of `channels`; another takes everything and tells nobody.
        municipality: whose system this is.
        messages: what to say; nothing is sent when there is nothing.

    Returns:
        The kind of fault where it did not answer; None = all is told.
    """
    if not messages:
        return None
    words = Words(alerts.language)
    subject = words(f"alerts.subject_{messages[0].word}", municipality=municipality)
    body = "\n\n".join(_sentence(words, message) for message in messages)
    is_over = all(message.word is Word.over for message in messages)
    end = words("alerts.footer") if is_over else f"{words('alerts.until')} {words('alerts.footer')}"
    try:
        if channel == EMAIL and alerts.email is not None:
            _mail(alerts.email, subject, f"{body}\n\n{end}\n")
        if channel == WEBHOOK and alerts.webhook is not None:
            incidents = [_record(message) for message in messages]
            _post(alerts.webhook, {"subject": subject, "text": body, "incidents": incidents})
    except (OSError, smtplib.SMTPException, httpx.HTTPError) as error:
        return type(error).__name__
    return None


def _sentence(words: Words, message: Message) -> str:
    text = message.incident.sv if words.lang == "sv" else message.incident.en
    return words(f"alerts.{message.word}", text=text, since=message.incident.since[:16].replace("T", " "))


def _record(message: Message) -> dict[str, str]:
    incident = message.incident
    return {
        "word": message.word.value,
        "key": incident.key,
        "sv": incident.sv,
        "en": incident.en,
        "since": incident.since,
    }


@patiently
def _mail(email: Email, subject: str, body: str) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = subject, email.sender, ", ".join(email.to)
    letter.set_content(body)
    with smtplib.SMTP(email.host, email.port, timeout=TIMEOUT_SECONDS) as server:
        if email.starttls:
            # Without a context of its own, smtplib believes any certificate.
            server.starttls(context=ssl.create_default_context())
        if email.user:
            server.login(email.user, os.environ.get(PASSWORD, ""))
        server.send_message(letter)


@patiently
def _post(url: str, record: dict[str, object]) -> None:
    token = os.environ.get(TOKEN)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    httpx.post(url, json=record, headers=headers, timeout=TIMEOUT_SECONDS).raise_for_status()
