"""The tables that remember what was delivered, what was set aside, and how the nights went.

Belongs here: the statements that create `log.delivery`, `log.quarantine` and `log.run`, and their column order.
Does not belong here: writing to them (pipelines/intake) and summing them up (pipelines/validation/accounting.py).

`log.delivery`: one line per delivery and file it came in (key: delivery_id, source, file_name). A file with the same
content as an
earlier one is the same delivery: its line has status `repeat`. Lines with status `loaded` can be made again from the raw store.
`log.quarantine`: one line per row and broken rule (a row that breaks two rules has two lines, and counts once). No
delivered values.
"""

DELIVERY_COLUMNS: dict[str, str] = {
    "delivery_id": "VARCHAR NOT NULL",
    "contract": "VARCHAR NOT NULL",
    "source": "VARCHAR NOT NULL",
    "file_name": "VARCHAR NOT NULL",
    "content_hash": "VARCHAR NOT NULL",
    "mapping_hash": "VARCHAR NOT NULL",
    "delivered_at": "TIMESTAMP NOT NULL",
    "taken_at": "TIMESTAMP NOT NULL",
    "months": "DATE[] NOT NULL",
    # Rows loaded per month, in the order of `months`: what row accounting compares the tables with.
    "month_rows": "BIGINT[] NOT NULL",
    "rows_delivered": "BIGINT NOT NULL",
    "rows_loaded": "BIGINT NOT NULL",
    "rows_quarantined": "BIGINT NOT NULL",
    "status": "VARCHAR NOT NULL CHECK (status IN ('loaded', 'refused', 'repeat'))",
    # The reason of a refusal: which one, and the same in words in both languages; no personal value.
    "reason_id": "VARCHAR",
    "reason": "VARCHAR",
    "reason_sv": "VARCHAR",
    # What a refusal was judged against: a file is judged again when this changes.
    "judged_by": "VARCHAR",
    # The contract's columns, by their names in a delivery, that the mapping says are not delivered.
    "missing_columns": "VARCHAR[] NOT NULL",
    # The file's columns that the mapping does not mention.
    "ignored_columns": "VARCHAR[] NOT NULL",
}

QUARANTINE_COLUMNS: dict[str, str] = {
    "delivery_id": "VARCHAR NOT NULL",
    "contract": "VARCHAR NOT NULL",
    "row_number": "INTEGER NOT NULL",
    "month": "DATE",
    "column_name": "VARCHAR NOT NULL",
    "rule": "VARCHAR NOT NULL",
}

# One line per night: how it ended, how much came, how much people may see. No persons, no values of figures.
RUN_COLUMNS: dict[str, str] = {
    "run_id": "VARCHAR NOT NULL",
    "started_at": "TIMESTAMP NOT NULL",
    "ended_at": "TIMESTAMP NOT NULL",
    "outcome": "VARCHAR NOT NULL",
    "seconds": "DOUBLE NOT NULL",
    "rows_loaded": "BIGINT NOT NULL",
    "rows_quarantined": "BIGINT NOT NULL",
    "deliveries_refused": "BIGINT NOT NULL",
    "cells_shown": "BIGINT NOT NULL",
    "cells_hidden": "BIGINT NOT NULL",
    "release_id": "VARCHAR",
}


def _create(table: str, columns: dict[str, str]) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {table} ("
        + ", ".join(f"{name} {kind}" for name, kind in columns.items())
        + ")"
    )


LOG_DDL: tuple[str, ...] = (
    _create("log.delivery", DELIVERY_COLUMNS),
    _create("log.quarantine", QUARANTINE_COLUMNS),
    _create("log.run", RUN_COLUMNS),
)
