"""The parts of a mapping as they are written in the settings, each with its own checks.

Belongs here: what one key may hold, its short forms, and the errors that name it.
Does not belong here: whether the whole covers a contract, and what it says of a file (mapping.py).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from typing_extensions import TypedDict

from pipelines.intake.reading import Form

ISO_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
DERIVABLE = ("sex", "birth_date")
Scalar = str | int | float | bool | None


class Part(BaseModel):
    """A section of a mapping: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def as_list(value: Any) -> Any:
    """A text stands for a list of one."""
    return [value] if isinstance(value, str) else value


class FileForm(Part):
    """How the file is written."""

    encoding: Literal["auto", "utf-8", "cp1252", "latin-1"] = Field(
        "auto", description="auto = UTF-8 where valid, else Windows-1252."
    )
    separator: Literal["auto", ";", ",", "\t", "|"] = Field(
        "auto", description="Between the fields of a CSV file."
    )
    sheet: str | None = Field(None, description="The sheet's name in Excel; the first where not said.")
    rows_before_header: int = Field(0, ge=0, description="Rows above the headings.")

    def form(self) -> Form:
        """The same for the reader."""
        return Form(**self.model_dump())


class Column(Part):
    """Where one of the contract's columns comes from."""

    column: tuple[str, ...] = Field(
        (), description="The heading in the file, or several spellings of it; the first that is there counts."
    )
    combine: tuple[tuple[str, ...], ...] = Field(
        (), description="Several columns put together; each a heading or a list of spellings."
    )
    between: str = Field(" ", description="What stands between combined columns.")
    value: Scalar = Field(None, description="The same value in every row.")
    derived_from: Literal["person_id"] | None = Field(
        None, alias="from", description="Follows from the personnummer (sex, birth_date)."
    )
    number_within: Literal["person_id"] | None = Field(
        None, description="A running number within the person (employment_id only)."
    )
    largest_first: str | None = Field(
        None, description="Contract column that decides which employment is number 1; else the file's order."
    )
    codes: dict[str, Scalar] | None = Field(None, description="The file's code → the contract's.")
    otherwise: Scalar = Field(
        None, description="What every other code becomes; without it, an unknown code goes to quarantine."
    )
    empty: tuple[str, ...] = Field((), description="Texts that mean: no value.")
    dates: tuple[str, ...] = Field((), description="How dates are written, e.g. %d/%m/%Y; in order of trial.")
    decimal: Literal[",", "."] | None = Field(
        None, description="Decimal sign, where it is not the mapping's."
    )
    divide_by: float | None = Field(None, gt=0, description="E.g. 12 for yearly pay.")
    times: float | None = Field(None, gt=0, description="E.g. 100 for shares written 0.75.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, stated: Any) -> Any:
        """A heading, or a list of spellings, stands for `column:`."""
        if isinstance(stated, str | list):
            return {"column": as_list(stated)}
        if isinstance(stated, dict):
            tidy = dict(stated)
            if "column" in tidy:
                tidy["column"] = as_list(tidy["column"])
            if "combine" in tidy and isinstance(tidy["combine"], list):
                tidy["combine"] = [as_list(each) for each in tidy["combine"]]
            for name in ("empty", "dates"):
                if name in tidy:
                    tidy[name] = as_list(tidy[name])
            return tidy
        return stated

    @field_validator("codes", mode="before")
    @classmethod
    def _text_codes(cls, stated: Any) -> Any:
        """Codes are text; YAML makes numbers of 1 and truth values of unquoted yes and no."""
        if not isinstance(stated, dict):
            return stated
        if any(isinstance(code, bool) for code in stated):
            raise ValueError(
                'YAML reads yes, no, on, off, true and false as truth values: write the code in quotes, e.g. "no"'
            )
        return {"" if code is None else str(code): value for code, value in stated.items()}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:  # noqa: N804 (an after-validator has an instance)
        origins = [
            bool(self.column),
            bool(self.combine),
            "value" in self.model_fields_set,
            bool(self.derived_from),
            bool(self.number_within),
        ]
        if sum(origins) != 1:
            raise ValueError("say exactly one of column, combine, value, from, number_within")
        return self

    @property
    def has_otherwise(self) -> bool:
        """Whether unknown codes have been given a meaning (which may be: no value)."""
        return "otherwise" in self.model_fields_set


class Month(Part):
    """Which month a delivery stands for."""

    file_name: str | None = Field(
        None, description="Regular expression with the named groups year and, unless said below, month."
    )
    month: int | None = Field(
        None, ge=1, le=12, description="The month, where the file name has only the year."
    )
    column: tuple[str, ...] = Field((), description="The heading of the column with the period.")
    dates: tuple[str, ...] = Field((), description="How the period is written, e.g. %Y%m.")
    value: date | None = Field(None, description="The same month for every file (any day in it).")

    _lists = field_validator("column", "dates", mode="before")(as_list)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:  # noqa: N804 (the same)
        if sum((self.file_name is not None, bool(self.column), self.value is not None)) != 1:
            raise ValueError("say exactly one of file_name, column, value")
        if self.file_name is not None:
            groups = compiled(self.file_name).groupindex
            if "year" not in groups or ("month" in groups) == (self.month is not None):
                raise ValueError(
                    "file_name needs the named group (?P<year>…), and either (?P<month>…) or the key month"
                )
        return self


class DeliveredAt(Part):
    """When a delivery was made: decides which of two deliveries of a month is the newer."""

    file_name: str = Field(
        description="Regular expression with the named groups year, month, day and, where there, hour, minute, second."
    )

    @field_validator("file_name")
    @classmethod
    def _has_groups(cls, stated: str) -> str:
        if not {"year", "month", "day"} <= set(compiled(stated).groupindex):
            raise ValueError("needs the named groups (?P<year>…), (?P<month>…) and (?P<day>…)")
        return stated


class Words(TypedDict):
    """The same in both languages."""

    sv: str
    en: str


def _as_words(stated: Any) -> Any:
    return {"sv": stated, "en": stated} if isinstance(stated, str) else stated


ReasonWords = Annotated[Words, BeforeValidator(_as_words)]


class Version(Part):
    """What differs in the files whose name matches a pattern."""

    file: FileForm | None = None
    month: Month | None = None
    columns: dict[str, Column] = Field(default_factory=dict)
    not_delivered: dict[str, ReasonWords] = Field(default_factory=dict)


def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression, or a sentence about why it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
