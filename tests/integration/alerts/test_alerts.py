"""Alerts against a real SMTP server and a real HTTP receiver: once per incident, a reminder, and a word when it is over."""

import errno
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message as Letter
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from pipelines.alerts.incidents import Problem, Word, standing
from pipelines.alerts.tell import tell
from warehouse.settings import Alerts, Email, Settings

NIGHT = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
REFUSED = Problem(
    "refused:hr_employment",
    "Oktober avvisades: kolumnen Kön saknas.",
    "October was refused: the column Kön is missing.",
)
STALE = Problem("stale:survey", "Enkäten är äldre än ett år.", "The survey is older than a year.")


class Postbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.letters: list[Any] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter in."""
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=modern))
        return "250 Taken"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail() -> Iterator[tuple[Postbox, int]]:
    """A real SMTP server on loopback."""
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield postbox, controller.port
    controller.stop()


@pytest.fixture
def receiver() -> Iterator[tuple[list[dict[str, Any]], str]]:
    """A real HTTP receiver on loopback; it refuses while its list holds the word `down`."""
    taken: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_down = taken[-1:] == [{"down": True}]
            if not is_down:
                taken.append(body)
            self.send_response(503 if is_down else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield taken, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def settings(home: Path, port: int, url: str, language: str = "sv") -> Settings:
    """Settings that tell two people by mail and one system by webhook."""
    email = Email(
        host="127.0.0.1",
        port=port,
        starttls=False,
        sender="fordel@eslov.example",
        to=("hr@eslov.example", "it@eslov.example"),
    )
    return Settings(
        home=home, alerts=Alerts.model_validate({"email": email, "webhook": url, "language": language})
    )


def text(letter: Letter) -> str:
    """A letter's words."""
    return str(letter.get_payload(decode=True).decode())  # type: ignore[union-attr]


def test_an_incident_is_told_once_reminded_of_and_told_when_over(
    tmp_path: Path, mail: tuple[Postbox, int], receiver: tuple[list[dict[str, Any]], str]
) -> None:
    (postbox, port), (taken, url) = mail, receiver
    chosen = settings(tmp_path, port, url)
    said = []
    for hours, problems in (
        (0, [REFUSED]),
        (1, [REFUSED]),
        (5, [REFUSED, STALE]),
        (25, [REFUSED, STALE]),
        (26, [STALE]),
        (27, []),
    ):
        messages, silent = tell(chosen, problems, NIGHT + timedelta(hours=hours))
        assert silent == []
        said.append([(message.word, message.incident.key) for message in messages])
    assert said == [
        [(Word.begins, REFUSED.key)],
        [],
        [(Word.begins, STALE.key)],
        [(Word.stands, REFUSED.key)],
        [(Word.over, REFUSED.key)],
        [(Word.over, STALE.key)],
    ]
    assert len(postbox.letters) == len(taken) == 5
    first = postbox.letters[0]
    assert first["Subject"] == "Fördel Eslöv: något behöver ses över"
    assert first["To"] == "hr@eslov.example, it@eslov.example"
    assert "Oktober avvisades: kolumnen Kön saknas." in text(first)
    assert "Felet har funnits sedan 2026-10-25 03:00" in text(postbox.letters[2])
    assert "Till dess visas den senaste godkända utgåvan" in text(postbox.letters[2])
    assert "Till dess" not in text(postbox.letters[4])
    assert taken[3]["incidents"] == [
        {"word": "over", "key": REFUSED.key, "sv": REFUSED.sv, "en": REFUSED.en, "since": NIGHT.isoformat()}
    ]


def test_alerts_speak_english_when_asked(
    tmp_path: Path, mail: tuple[Postbox, int], receiver: tuple[list[dict[str, Any]], str]
) -> None:
    (postbox, port), (_, url) = mail, receiver
    tell(settings(tmp_path, port, url, language="en"), [REFUSED], NIGHT)
    assert postbox.letters[0]["Subject"] == "Fördel Eslöv: something needs attention"
    assert "October was refused" in text(postbox.letters[0])


def test_a_channel_that_is_down_is_told_of_and_tried_again(
    tmp_path: Path, mail: tuple[Postbox, int], receiver: tuple[list[dict[str, Any]], str]
) -> None:
    (postbox, port), (taken, url) = mail, receiver
    chosen = settings(tmp_path, port, url)
    taken.append({"down": True})
    _, silent = tell(chosen, [REFUSED], NIGHT)
    assert silent == ["webhook: HTTPStatusError"]
    taken.clear()
    messages, silent = tell(chosen, [REFUSED], NIGHT + timedelta(hours=1))
    assert (len(messages), silent, len(taken)) == (1, [], 1)
    assert len(postbox.letters) == 1, "who has been told hears nothing twice"


def test_what_cannot_be_remembered_is_told_all_the_same(
    tmp_path: Path,
    mail: tuple[Postbox, int],
    receiver: tuple[list[dict[str, Any]], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (postbox, port), (_, url) = mail, receiver
    chosen = settings(tmp_path, port, url)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("pipelines.alerts.tell.write", full)
        assert tell(chosen, [REFUSED], NIGHT)[1] == ["incidents.json: No space left on device"]
    assert len(postbox.letters) == 1


@pytest.mark.parametrize("torn", ["", "{", "[1, 2]", '{"webhook": [{}]}'])
def test_a_torn_memory_is_no_memory(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "alerts" / "incidents.json"
    file.parent.mkdir()
    file.write_text(torn, encoding="utf-8")
    assert [message.word for message in tell(Settings(home=tmp_path), [REFUSED], NIGHT)[0]] == [Word.begins]
    assert list(standing(file)) == [REFUSED.key]


def test_a_mail_server_that_cannot_prove_who_it_is_gets_no_letter(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]  # noqa: RUF005
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate, key)
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), tls_context=own)
    controller.start()
    chosen = settings(tmp_path, controller.port, "http://127.0.0.1:9/")
    assert chosen.alerts.email is not None
    by_mail = chosen.alerts.model_copy(
        update={"webhook": None, "email": chosen.alerts.email.model_copy(update={"starttls": True})}
    )
    try:
        _, silent = tell(chosen.model_copy(update={"alerts": by_mail}), [REFUSED], NIGHT)
    finally:
        controller.stop()
    assert silent == ["e-mail: SSLCertVerificationError"]
    assert postbox.letters == []


def test_without_channels_incidents_are_remembered_and_nothing_is_sent(tmp_path: Path) -> None:
    quiet = Settings(home=tmp_path)
    assert tell(quiet, [REFUSED], NIGHT)[1] == []
    assert tell(quiet, [REFUSED], NIGHT + timedelta(hours=1)) == ((), [])
