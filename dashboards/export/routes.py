"""Downloads and the interface for programs, as addresses.

Belongs here: addresses, limits, log lines. Does not belong here: making the files (files.py) and the scope: `release_for` gives
each person the release cut down to theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, make_response, request
from flask_limiter import Limiter

from dashboards.access.guard import person
from dashboards.access.log import AccessLog
from dashboards.access.people import Person
from dashboards.export import files
from dashboards.export.description import describe
from dashboards.export.rows import rows_of
from warehouse.questions import UnknownError, ask
from warehouse.release import AUDIT, Release
from warehouse.texts import LANGUAGES

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "duckdb": "application/octet-stream",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
FILES_PER_PERSON = "60 per minute"
WHOLE_PER_PERSON = "10 per minute"
ANSWERS_PER_PERSON = "300 per minute"
WHOLE = "release"
REPORT = re.compile(r"report-(brief|equality)")

STATED = (
    "id", "theme", "name", "question", "definition", "unit", "period", "protection", "owner", "target", "version",
    "breakdowns", "calendar", "as_of", "missing",
)  # fmt: skip

ReleaseFor = Callable[[Person], Release | None]


def add(server: Flask, release_for: ReleaseFor, log: AccessLog, limiter: Limiter, reports: Path) -> None:
    """Add the addresses to a server."""
    _add_files(server, release_for, log, limiter, reports)
    _add_answers(server, release_for, log, limiter)


def _here(release_for: ReleaseFor) -> Release:
    release = release_for(person())
    if release is None:
        abort(404)
    return release


def _add_files(
    server: Flask, release_for: ReleaseFor, log: AccessLog, limiter: Limiter, reports: Path
) -> None:
    @server.get("/download/<lang>/release.<kind>")
    @limiter.limit(WHOLE_PER_PERSON)
    def whole(lang: str, kind: str) -> Response:
        release = _here(release_for)
        if lang not in LANGUAGES or kind not in ("parquet", "duckdb", "csv", "xlsx"):
            abort(404)
        log.write(person(), "download", f"{lang}/release.{kind}", release.id)
        return _file(files.write_whole(release, kind, lang), f"fordel-{release.id}", kind)

    @server.get("/download/<lang>/<name>.<kind>")
    @limiter.limit(FILES_PER_PERSON)
    def figure(lang: str, name: str, kind: str) -> Response:
        release = _here(release_for)
        if lang not in LANGUAGES:
            abort(404)
        if name == "audit":
            return _audit(release, lang, kind, log)
        if kind == "pdf":
            return _report(release, lang, name, log, reports)
        if name not in release.figures or kind not in ("csv", "xlsx"):
            abort(404)
        log.write(person(), "download", f"{lang}/{name}.{kind}", release.id)
        rows = rows_of(release, [name], lang)
        if kind == "csv":
            return _file(files.write_csv(rows, lang), name, kind)
        title = re.sub(r"[\[\]:*?/\\]", " ", str(release.figures[name]["name"][lang]))
        return _file(files.write_excel(release, {title: rows}, [name], lang), name, kind)


def _report(release: Release, lang: str, name: str, log: AccessLog, reports: Path) -> Response:
    """A report is made of everything published: only for those who may see it all."""
    file = reports / release.id / f"{name.removeprefix('report-')}-{lang}.pdf"
    if not REPORT.fullmatch(name) or not person().scope.is_everything or not file.is_file():
        abort(404)
    log.write(person(), "download", f"{lang}/{name}.pdf", release.id)
    return _file(file.read_bytes(), f"fordel-{name}-{release.id}", "pdf")


def _audit(release: Release, lang: str, kind: str, log: AccessLog) -> Response:
    """The record of the disclosure audit, as it lies in the release; it holds no values."""
    file = release.folder / {"html": f"audit.{lang}.html", "json": AUDIT}.get(kind, "")
    if not file.is_file():
        abort(404)
    log.write(person(), "download", f"{lang}/audit.{kind}", release.id)
    return _file(file.read_bytes(), f"fordel-audit-{release.id}", kind)


def _file(content: bytes, name: str, kind: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _add_answers(server: Flask, release_for: ReleaseFor, log: AccessLog, limiter: Limiter) -> None:
    @server.get("/api/openapi.json")
    def description() -> Response:
        return jsonify(describe())

    @server.get("/api/v1/release")
    @limiter.limit(ANSWERS_PER_PERSON)
    def release() -> Response:
        found = _here(release_for)
        log.write(person(), "api", "release", found.id)
        return jsonify(
            {name: found.manifest.get(name) for name in ("id", "created_at", "as_of", "municipality")}
        )

    @server.get("/api/v1/figures")
    @limiter.limit(ANSWERS_PER_PERSON)
    def figures() -> Response:
        found = _here(release_for)
        log.write(person(), "api", "figures", found.id)
        return jsonify([_entry(found, figure) for figure in found.figures])

    @server.get("/api/v1/figures/<figure>")
    @limiter.limit(ANSWERS_PER_PERSON)
    def one(figure: str) -> Response:
        found = _here(release_for)
        if figure not in found.figures:
            abort(404)
        log.write(person(), "api", f"figures/{figure}", found.id)
        return jsonify({**_entry(found, figure), "periods": found.periods(figure)})

    @server.get("/api/v1/figures/<figure>/cells")
    @limiter.limit(ANSWERS_PER_PERSON)
    def cells(figure: str) -> Response:
        found = _here(release_for)
        log.write(person(), "api", f"figures/{figure}/cells", found.id)
        by = [name for name in request.args.get("by", "").split(",") if name]
        try:
            answer = ask(found, figure, request.args.get("period"), by)
        except UnknownError as error:
            return make_response(jsonify({"error": str(error)}), 404)
        return jsonify(answer)


def _entry(release: Release, figure: str) -> dict[str, Any]:
    return {name: release.figures[figure].get(name) for name in STATED}
