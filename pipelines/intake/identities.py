"""Identities at the door: from a personnummer or the employer's own number to a keyed hash.

Belongs here: the key, how a number is written in one way, what follows from a personnummer (sex, month of birth), the hash.
Does not belong here: where identities stand in a file (mapping.py) and what happens to a bad one (pipelines/validation).

All personnummer of 110 years can be hashed in a minute: without the key a hash protects nobody. Nothing in this
module logs, raises or returns a number in clear, except as the series it was given.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import polars_hash as plh

from pipelines.intake.mapping import Mapping
from pipelines.intake.translate import EMPTY, FAULT
from warehouse.contracts import CONTRACTS, Contract
from warehouse.disk import replace_private
from warehouse.private import demand_private
from warehouse.servers import ReadyFiles
from warehouse.settings import Settings

KEY_BYTES = 32
PSEUDONYM_LENGTH = 32
KEY_VERSION = "key_version"
# Interim numbers have one of these letters where the serial number begins; in the check sum it counts as 1.
INTERIM = "TRSUWXJKLMN"
# Century, date, sign, serial number, check digit. Only [0-9]: \d would take the digits of every script.
SHAPE = rf"^(?:[0-9]{{2}})?[0-9]{{6}}[-+]?[0-9{INTERIM}][0-9]{{3}}$"
# Eleven and nine digits are a personnummer that a spreadsheet robbed of its first zero or a hand of its last.
CLAIMS = r"^(?:\d{6}[-+]\d{4}|\d{8}[-+]\d{4}|\d{9,12})$"
UNKNOWN_DAY = 60
SAMPLE, OFTEN_ALONE = 10_000, 0.9


class KeyMissingError(RuntimeError):
    """There is no key to replace identities with; the message says how to make one."""


def read_key(settings: Settings) -> bytes:
    """The pseudonym keys, 32 bytes each: FORDEL_KEY, the file in FORDEL_KEY_FILE, or home/keys/pseudonym.key.

    The oldest is first. There is one until `fordel rekey` adds another: a pseudonym then goes through all of them, so that
    earlier deliveries, whose numbers nobody has any more, and later ones agree.

    The example municipality and published data have nobody to protect, and a key is made on first use. Elsewhere none is
    made: a key that was made without anybody knowing could be lost without anybody knowing, and with it the link to every
    earlier month.

    Raises:
        KeyMissingError: no key, not 64 hexadecimal digits, or not as many as the raw store has been through.
        UnsafeModeError: others may read the key's file.
    """
    keys = stated_keys(settings)
    version = read_key_version(settings)
    if len(keys) != version * KEY_BYTES:
        raise KeyMissingError(
            f"the raw deliveries have been through {version} pseudonym key(s), and there are {len(keys) // KEY_BYTES}: "
            "run `fordel rekey` to finish a change of keys, or put the missing key back"
        )
    return keys


def stated_keys(settings: Settings) -> bytes:
    """The keys as they are stated, whatever the raw store has been through.

    Raises:
        KeyMissingError: no key, or not 64 hexadecimal digits.
        UnsafeModeError: others may read the key's file.
    """
    file = key_file(settings)
    stated = os.environ.get("FORDEL_KEY")
    where = "FORDEL_KEY" if stated else str(file)
    if not stated:
        if not file.exists():
            if not _may_make_key(settings) or "FORDEL_KEY_FILE" in os.environ:
                raise KeyMissingError(
                    f"no pseudonym key: make one with `openssl rand -hex 32`, keep a copy in a safe, and put it in {file} "
                    "(readable by the system only) or in the environment as FORDEL_KEY"
                )
            replace_private(file, secrets.token_hex(KEY_BYTES) + "\n")
        demand_private(file)
        stated = file.read_text(encoding="ascii")
    try:
        keys = [bytes.fromhex(line) for line in stated.replace(",", " ").split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyMissingError(
            f"{where}: the pseudonym key must be 64 hexadecimal digits, as `openssl rand -hex 32` makes it"
        )
    return b"".join(keys)


def key_file(settings: Settings) -> Path:
    """Where the keys are kept when they are not in the environment."""
    return Path(os.environ.get("FORDEL_KEY_FILE") or settings.keys / "pseudonym.key")


def read_key_version(settings: Settings) -> int:
    """How many keys the raw store's pseudonyms have been through."""
    try:
        return int((settings.raw / KEY_VERSION).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 1


def _may_make_key(settings: Settings) -> bool:
    """Whether no real person is delivered: by the example, by what is published, and by no server but the example's files."""
    with_persons = [
        server
        for server in settings.servers.values()
        if any(CONTRACTS[name].identities for name in server.contracts)
        and not (isinstance(server, ReadyFiles) and server.path.is_relative_to(settings.example_files))
    ]
    published = [source.is_published for source in settings.sources.values()]
    return not with_persons and (settings.example is not None or (bool(published) and all(published)))


def tidy(numbers: pl.Expr) -> pl.Expr:
    """A number without spaces, in capitals, with a plain hyphen."""
    return (
        numbers.str.replace_all(r"[\s\u00a0\u202f]", "")
        .str.replace_all("[\u2010-\u2015\u2212]", "-")
        .str.to_uppercase()
    )


def recognise(numbers: pl.Series, year: int) -> pl.DataFrame:
    """Write numbers in one way and tell what they say.

    Args:
        numbers: as delivered; null = none.
        year: the delivery's year: a number of ten digits belongs to somebody under 100 that year, with `+` to somebody
        older.

    Returns:
        One row per number: delivered, normal (twelve signs for a personnummer, else the tidy number), is_personal,
        is_invalid (claims to be a personnummer and is none), sex K|M|null, birth_month.
    """
    told = pl.LazyFrame({"delivered": numbers}).with_columns(tidy(pl.col("delivered")).alias("tidy"))
    is_shaped = pl.col("tidy").str.contains(SHAPE)
    told = told.with_columns(pl.when(is_shaped).then(pl.col("tidy").str.replace("[-+]", "")).alias("bare"))
    ten = pl.col("bare").str.tail(10).str.replace(f"[{INTERIM}]", "1")
    century = pl.when(pl.col("bare").str.len_bytes() == 12).then(pl.col("bare").str.head(2))
    told = told.with_columns(ten.cast(pl.Int64).alias("ten"), century.cast(pl.Int32).alias("century"))
    short = (pl.col("ten") // 10**8).cast(pl.Int32)
    is_older = pl.col("tidy").str.contains("+", literal=True)
    reference = pl.when(is_older).then(year - 100).otherwise(year)
    told = told.with_columns(
        pl.coalesce(pl.col("century") * 100 + short, reference - (reference - short) % 100).alias("year"),
        (pl.col("ten") // 10**6 % 100).alias("month"),
        (pl.col("ten") // 10**4 % 100).alias("day"),
        (pl.col("ten") // 10 % 1000).alias("serial"),
    )
    first_day = pl.date(pl.col("year"), pl.col("month").clip(1, 12), 1)
    told = told.with_columns(pl.when(pl.col("month") >= 1).then(first_day).alias("birth_month"))
    day, month = pl.col("day"), pl.col("month")
    real_day = pl.when(day > UNKNOWN_DAY).then(day - UNKNOWN_DAY).otherwise(day)
    is_date = month.is_between(1, 12) & real_day.is_between(1, pl.col("birth_month").dt.days_in_month())
    # The tax agency gives coordination numbers whose month (00) or day of birth is not known, or not a date (31 February).
    is_partly_known = day.is_between(UNKNOWN_DAY, UNKNOWN_DAY + 31) & (month <= 12)
    is_personal = (
        (_luhn(pl.col("ten")) % 10 == 0)
        & (is_date | is_partly_known)
        & (pl.col("serial") != 0)
        & pl.col("year").is_between(1800, year + 1)
    ).fill_null(False)
    told = told.with_columns(is_personal.alias("is_personal"))
    normal = pl.concat_str([pl.col("year").cast(pl.String), pl.col("bare").str.tail(8)])
    is_woman = pl.col("serial") % 2 == 0
    personal = pl.when("is_personal")
    is_claim = pl.col("tidy").str.contains(CLAIMS).fill_null(False)
    return told.select(
        "delivered",
        personal.then(normal).otherwise(pl.col("tidy")).alias("normal"),
        "is_personal",
        (~pl.col("is_personal") & is_claim).alias("is_invalid"),
        personal.then(pl.when(is_woman).then(pl.lit("K")).otherwise(pl.lit("M"))).alias("sex"),
        personal.then("birth_month").alias("birth_month"),
    ).collect()


def _luhn(number: pl.Expr) -> pl.Expr:
    """The sum over ten digits in which every second one, from the first, is doubled."""
    total = pl.lit(0, dtype=pl.Int64)
    for place in range(10):
        digit = number // 10 ** (9 - place) % 10
        total = total + (digit if place % 2 else digit * 2 - (digit > 4) * 9)
    return total


def pseudonyms(normal: pl.Series, keys: bytes) -> pl.Series:
    """HMAC-SHA-256 of each number, the first 32 hexadecimal digits; null stays null.

    The secret is the key as it is written down, its 64 hexadecimal digits: they fill SHA-256's block exactly.

    Args:
        normal: numbers, or pseudonyms that are to go through further keys.
        keys: one or more keys of 32 bytes; what comes out of one goes through the next.
    """
    made = normal.cast(pl.String)
    for place in range(0, len(keys), KEY_BYTES):
        secret = keys[place : place + KEY_BYTES].hex()
        made = made.to_frame("number").select(
            plh.col("number").chash.hmac_sha256(key=secret).str.head(PSEUDONYM_LENGTH)
        )["number"]
    return made.alias(normal.name)


@dataclass(frozen=True)
class Known:
    """What is known of one identity column: a value per row of the delivery; no number in clear leaves intake."""

    normal: pl.Series
    key: pl.Series
    is_invalid: pl.Series
    sex: pl.Series
    birth_month: pl.Series


class Pseudonyms:
    """The key at work."""

    def __init__(self, key: bytes) -> None:
        """Keep the key: one or more of 32 bytes."""
        self._key = key

    def know(self, numbers: pl.Series, year: int, is_own: bool) -> Known:
        """Recognise and hash a column of identities.

        Args:
            numbers: as delivered; null = none.
            year: the delivery's year; see `recognise`.
            is_own: True where the numbers are the employer's own and are not checked as personnummer.
        """
        numbers = numbers.cast(pl.String).alias("delivered")
        # Where a number stands in several rows it is looked at once; where hardly any does, finding them would take longer.
        some = numbers.head(SAMPLE)
        is_repeated = some.n_unique() < OFTEN_ALONE * len(some)
        told = (_own if is_own else recognise)(numbers.unique() if is_repeated else numbers, year)
        told = told.with_columns(pseudonyms(told["normal"], self._key).alias("key"))
        if is_repeated:
            told = numbers.to_frame().join(
                told, on="delivered", how="left", maintain_order="left", nulls_equal=True
            )
        return Known(*(told[name] for name in ("normal", "key", "is_invalid", "sex", "birth_month")))

    def hash(self, normal: pl.Series) -> pl.Series:
        """Hash numbers that are written in one way already."""
        return pseudonyms(normal, self._key)


def _own(numbers: pl.Series, year: int) -> pl.DataFrame:
    """What `recognise` tells, of numbers that are the employer's own in every year."""
    del year
    return pl.DataFrame({"delivered": numbers}).select(
        "delivered",
        tidy(pl.col("delivered")).alias("normal"),
        pl.lit(False).alias("is_personal"),
        pl.lit(False).alias("is_invalid"),
        pl.lit(None, dtype=pl.String).alias("sex"),
        pl.lit(None, dtype=pl.Date).alias("birth_month"),
    )


def replace_identities(
    frame: pl.DataFrame, mapping: Mapping, contract: Contract, people: Pseudonyms, delivery_id: str
) -> pl.DataFrame:
    """Replace every identity with its keyed hash, and fill in what follows from a personnummer.

    Args:
        frame: as `translate` gives it.
        mapping: tells whether there is a person key, and how employments are numbered.
        contract: which columns are identities.
        people: the key at work.
        delivery_id: for rows that belong to nobody who can be followed.

    Returns:
        The frame with the contract's stored identity columns (and is_linked, where the contract has it) instead of
        the delivered ones.
    """
    year = _year(frame)
    own = mapping.person_numbers == "own"
    row = pl.lit(f"~{delivery_id}-") + pl.col("row_number").cast(pl.String)
    columns: list[pl.Series | pl.Expr] = []
    person: Known | None = None
    for delivered, stored in contract.identities.items():
        if delivered == "employment_id":
            continue
        if delivered not in mapping.columns:
            columns.append(
                row.alias(stored) if delivered == "person_id" else pl.lit(None, dtype=pl.String).alias(stored)
            )
            continue
        # A respondent is nobody's number: in a namespace of its own, it can equal no person's key.
        is_person = stored.endswith("person_key")
        numbers = frame[delivered] if is_person else "respondent " + frame[delivered]
        known = people.know(numbers, year, own or not is_person)
        columns.append(known.key.alias(stored))
        columns.append(_with_fault(frame[f"{FAULT}{stored}"], known.is_invalid))
        if delivered == "person_id":
            person = known
    if person is not None:
        columns += _derived(frame, person, contract)
    if "employment_id" in contract.identities:
        columns.append(_employments(frame, mapping, contract, person, people, row))
    if "is_linked" in contract.columns:
        columns.append(pl.lit(mapping.is_linked).alias("is_linked"))
    return frame.with_columns(columns).drop(contract.identities)


def _with_fault(fault: pl.Series, is_invalid: pl.Series) -> pl.Series:
    return (
        pl.select(pl.when(is_invalid).then(pl.lit("not_a_personnummer")).otherwise(fault))
        .to_series()
        .alias(fault.name)
    )


def _derived(frame: pl.DataFrame, person: Known, contract: Contract) -> list[pl.Expr]:
    """Sex and month of birth where the cell was empty; what was delivered wins, also when it says: unknown."""
    derived = {"sex": person.sex, "birth_month": person.birth_month}
    return [
        pl.when(pl.col(f"{EMPTY}{stored}"))
        .then(pl.lit(known))
        .otherwise(pl.col(stored).cast(known.dtype))
        .cast(frame.schema[stored])
        .alias(stored)
        for stored, known in derived.items()
        if stored in contract.columns
    ]


def _employments(
    frame: pl.DataFrame,
    mapping: Mapping,
    contract: Contract,
    person: Known | None,
    people: Pseudonyms,
    row: pl.Expr,
) -> pl.Series | pl.Expr:
    stored = contract.identities["employment_id"]
    column = mapping.columns.get("employment_id")
    if column is None:
        return row.alias(stored)
    if not column.number_within or person is None:
        # An employment's number may be a personnummer; one that is not valid is simply a number.
        return people.know(frame["employment_id"], _year(frame), mapping.person_numbers == "own").key.alias(
            stored
        )
    order = [pl.col("row_number")]
    if column.largest_first is not None:
        order.insert(
            0,
            -pl.col(contract.delivered[column.largest_first].stored)
            .cast(pl.Float64)
            .fill_null(float("-inf")),
        )
    numbered = frame.with_columns(person.normal.alias("#person")).select(
        pl.when(pl.col("#person").is_not_null()).then(
            pl.concat_str(
                [
                    pl.col("#person"),
                    pl.lit("/"),
                    pl.struct(order).rank("ordinal").over("#person", "month").cast(pl.String),
                ]
            )
        )
    )
    return people.hash(numbered.to_series()).alias(stored)


def _year(frame: pl.DataFrame) -> int:
    month = frame["month"].max()
    return month.year if isinstance(month, date) else 2000
