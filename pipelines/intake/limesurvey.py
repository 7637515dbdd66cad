"""LimeSurvey, through RemoteControl 2.

Belongs here: which questions are put to the server, and in which order.
Does not belong here: what the codes mean (survey_answers.py).

Traps: `list_participants` gives ten unless it is asked for more; a survey without a table of participants, or without answers,
answers with an error and not with an empty list; the server's log-in tells its fault inside a successful answer.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

import citric
import requests
from citric.exceptions import (
    InvalidJSONResponseError,
    LimeSurveyApiError,
    LimeSurveyError,
    LimeSurveyStatusError,
    ResponseMismatchError,
    RPCInterfaceNotEnabledError,
)

from pipelines.intake.asking import TransientError, persist
from pipelines.intake.pulled import Pulled
from pipelines.intake.reasons import RefusalError
from pipelines.intake.survey_answers import Survey, deliveries
from warehouse.servers import LimeSurvey

PARTICIPANTS_A_PAGE = 1000
NOTHING = (
    "no survey participants",
    "no participants",
    "no data",
    "no survey participants table",
    "no response",
)
LANGUAGES = ("sv", "en")
Result = TypeVar("Result")


class _Session(requests.Session):
    """A session whose every question has a time limit."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 60.0

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Put a question."""
        return super().request(*args, **{**kwargs, "timeout": self.left})


class _Server:
    """The server, asked with patience."""

    def __init__(self, name: str, settings: LimeSurvey) -> None:
        self._name, self._settings, self._session = name, settings, _Session()
        password = settings.password.read()
        self._client = self.ask(
            lambda: citric.Client(settings.url, settings.user, password, requests_session=self._session),
            login=True,
        )

    def ask(self, question: Callable[[], Result], login: bool = False) -> Result:
        """Put a question; what the server says in words is raised as it is, except at log-in."""

        def once(left: float) -> Result:
            self._session.left = left
            try:
                return question()
            except requests.Timeout:
                raise TransientError("server_slow") from None
            except requests.HTTPError as error:
                status = error.response.status_code if error.response is not None else 0
                if status in (401, 403):
                    raise RefusalError("login_refused", server=self._name) from None
                raise TransientError("server_down") from None
            except requests.JSONDecodeError:
                raise RefusalError("nonsense", server=self._name) from None
            except requests.RequestException:
                raise TransientError("server_down") from None
            except (LimeSurveyStatusError, LimeSurveyApiError):
                if login:
                    raise RefusalError("login_refused", server=self._name) from None
                raise
            except (
                InvalidJSONResponseError,
                ResponseMismatchError,
                RPCInterfaceNotEnabledError,
                KeyError,
                TypeError,
                ValueError,
            ):
                raise RefusalError("nonsense", server=self._name) from None

        return persist(self._name, self._settings, once)

    def or_nothing(self, question: Callable[[], Result]) -> Result | None:
        """The same; None where the server says that it has nothing of the kind."""
        try:
            return self.ask(question)
        except LimeSurveyStatusError as error:
            if any(words in str(error).lower() for words in NOTHING):
                return None
            raise

    def survey(self, survey_id: int) -> Survey | None:
        """Everything about one round; None before there are answers."""
        answers = self.or_nothing(lambda: _responses(self._client, survey_id))
        if not answers:
            return None
        stated = self.ask(
            lambda: self._client.get_survey_properties(
                survey_id, ["startdate", "expires", "language", "additional_languages"]
            )
        )
        titles = self.ask(
            lambda: self._client.get_language_properties(survey_id, settings=["surveyls_title"])
        )
        spoken = f"{stated.get('language') or ''} {stated.get('additional_languages') or ''}".split()

        def wording(language: str) -> dict[str, str]:
            return wordings_of(self.ask(lambda: self._client.list_questions(survey_id, language=language)))

        wordings = {language: wording(language) for language in spoken if language in LANGUAGES}
        return Survey(
            id=str(survey_id),
            title=_plain(titles.get("surveyls_title")),
            opens=_day(stated.get("startdate")),
            closes=_day(stated.get("expires")),
            answers=answers,
            participants=self._participants(survey_id),
            wordings=wordings,
        )

    def _participants(self, survey_id: int) -> list[Mapping[str, Any]] | None:
        form = self._settings.survey
        attributes = [
            each.attribute for each in (form.department, form.sex, form.age_group) if each.attribute
        ]
        everybody: list[Mapping[str, Any]] = []

        def following() -> Any:
            return self._client.list_participants(
                survey_id,
                start=len(everybody),
                limit=PARTICIPANTS_A_PAGE,
                attributes=[*attributes, "completed"],
            )

        while True:
            page = self.or_nothing(following)
            if page is None:
                return everybody or None
            # Names and addresses come whether asked for or not: they end here.
            everybody += [{key: each.get(key) for key in (*attributes, "completed")} for each in page]
            if len(page) < PARTICIPANTS_A_PAGE:
                return everybody

    def close(self) -> None:
        """Give the log-in back."""
        try:
            self._client.close()
        except (
            requests.RequestException,
            LimeSurveyError,
            InvalidJSONResponseError,
            ResponseMismatchError,
            ValueError,
            KeyError,
        ):
            # It ends by itself after two hours; what was read stands.
            self._session.close()


def pull(name: str, server: LimeSurvey) -> list[Pulled]:
    """Rounds, items, invited and answers of the settings' surveys.

    Args:
        name: the server's name in the settings.
        server: its settings.

    Raises:
        RefusalError: server_down, server_slow, login_refused, nonsense.
        SecretMissingError: there is no password.
    """
    session = _Server(name, server)
    try:
        found = [session.survey(survey_id) for survey_id in server.surveys]
        return [
            pulled for survey in found if survey is not None for pulled in deliveries(server.survey, survey)
        ]
    except (LimeSurveyStatusError, LimeSurveyApiError, AttributeError, TypeError, KeyError, ValueError):
        raise RefusalError("nonsense", server=name) from None
    finally:
        session.close()


def _responses(client: citric.Client, survey_id: int) -> list[Mapping[str, Any]]:
    data = client.export_responses(
        survey_id,
        file_format="json",
        completion_status="complete",
        heading_type="code",
        response_type="short",
    )
    found = json.loads(data)["responses"]
    # Older servers wrap every answer in an object of its own: {"1": {…}}.
    return [
        next(iter(each.values())) if len(each) == 1 and isinstance(next(iter(each.values())), dict) else each
        for each in found
    ]


def wordings_of(questions: list[Any]) -> dict[str, str]:
    """Column code → wording, for single questions and the parts of array questions."""
    codes = {str(each["qid"]): each["title"] for each in questions}
    found = {}
    for each in questions:
        parent = codes.get(str(each.get("parent_qid") or 0))
        found[f"{parent}[{each['title']}]" if parent else each["title"]] = _plain(each["question"]) or ""
    return found


def _plain(text: Any) -> str | None:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", str(text))).split()) if text else None


def _day(stated: Any) -> date | None:
    return date.fromisoformat(str(stated)[:10]) if stated else None
