"""A mapping is checked when it is read, and the error names the key."""

from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.mapping import Mapping, not_delivered, read_mapping
from pipelines.intake.reasons import TEXTS, RefusalError
from warehouse.contracts import CONTRACTS
from warehouse.contracts.rules import CHECKS, RULES
from warehouse.settings import SettingsError, Source

ABSENCE: dict[str, Any] = {
    "month": {"file_name": r"(?P<year>\d{4})-(?P<month>\d\d)"},
    "columns": {
        "person_id": "Personnummer",
        "employment_id": "Anst.nr",
        "absence_type": {"column": ["Orsak", "Frånvaroorsak"], "codes": {"Sjuk": "sjuk"}},
        "spell_start": "Från",
        "spell_end": "Till",
        "extent": "Omfattning",
        "absence_hours": "Timmar",
    },
    "not_delivered": {"absence_days": "Systemet räknar inte dagar."},
}


def source(mapping: dict[str, Any], contract: str = "hr_absence") -> Source:
    return Source(contract=contract, path=Path("x"), mapping=mapping)


def changed(*path_and_value: Any) -> dict[str, Any]:
    """The mapping with one key set; None takes it away."""
    *path, last, value = path_and_value
    mapping = deepcopy(ABSENCE)
    at = mapping
    for step in path:
        at = at.setdefault(step, {})
    if value is None:
        del at[last]
    else:
        at[last] = value
    return mapping


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (changed("colums", {}), r"mapping\.colums: Extra inputs"),
        (changed("columns", "extent", None), r"columns: map extent, or give the reason"),
        (changed("columns", "pay", "Lön"), r"columns\.pay: hr_absence has no such column"),
        (changed("columns", "month", "Period"), r"columns\.month: the month is said under the key month"),
        (changed("not_delivered", "extent", "Finns inte."), r"not_delivered\.extent: is also mapped"),
        (changed("month", None), r"mapping\.month: say which month"),
        (changed("month", "file_name", r"(\d{4})"), r"month: file_name needs the named group"),
        (changed("month", "file_name", r"(?P<year>\d{4}"), r"month: is not a regular expression"),
        (changed("month", "column", "Period"), r"month: say exactly one of"),
        (changed("columns", "extent", {"column": "a", "value": 1}), r"columns\.extent: say exactly one of"),
        (
            changed("columns", "extent", {"column": "a", "divide": 12}),
            r"columns\.extent\.divide: Extra inputs",
        ),
        (changed("columns", "spell_end", {"column": "a", "divide_by": 12}), r"columns\.spell_end: divide_by"),
        (
            changed("columns", "extent", {"column": "a", "dates": "%Y"}),
            r"columns\.extent\.dates: is for dates",
        ),
        (
            changed("columns", "absence_type", {"column": "a", "codes": {"S": "sick"}}),
            r"absence_type: sick is not allowed",
        ),
        (changed("columns", "absence_type", {"value": "sick"}), r"absence_type: sick is not allowed"),
        (
            changed("columns", "absence_type", {"column": "a", "codes": {False: "sjuk"}}),
            r"write the code in quotes",
        ),
        (changed("columns", "extent", {"number_within": "person_id"}), r"only employment_id can be numbered"),
        (changed("columns", "extent", {"from": "person_id"}), r"only sex and birth_date follow"),
        (
            changed("delivered_at", {"file_name": r"(?P<year>\d{4})"}),
            r"delivered_at\.file_name: needs the named groups",
        ),
    ],
)
def test_what_is_wrong_is_named(mapping: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_mapping("absence", source(mapping))


def test_a_person_key_may_be_missing_only_where_the_contract_says_so() -> None:
    mapping = changed("columns", "person_id", None)
    mapping["not_delivered"]["person_id"] = "Ingen nyckel."

    with pytest.raises(SettingsError, match=r"not_delivered\.person_id: hr_absence cannot do without it"):
        read_mapping("absence", source(mapping))


def test_an_unknown_contract_is_named_with_those_there_are() -> None:
    with pytest.raises(
        SettingsError, match=r"sources\.x\.contract: hr_pay is not a contract; there are .*hr_absence"
    ):
        read_mapping("x", source({}, "hr_pay"))


def test_a_reason_may_be_given_in_one_language_or_both() -> None:
    assert not_delivered("absence", source(ABSENCE)) == {
        "absence_days": {"sv": "Systemet räknar inte dagar.", "en": "Systemet räknar inte dagar."}
    }


def test_versions_change_what_differs_and_the_first_match_counts() -> None:
    mapping = deepcopy(ABSENCE)
    mapping["versions"] = {
        "gammal_*": {
            "columns": {"absence_days": "Dagar"},
            "not_delivered": {"absence_hours": "Före 2020 räknades dagar."},
        },
        "*": {"file": {"encoding": "cp1252"}},
    }
    read = read_mapping("absence", source(mapping))

    old, new = read.for_file("gammal_2019-01.csv"), read.for_file("ny_2020-01.csv")

    assert set(old.not_delivered) == {"absence_hours"}
    assert old.columns["absence_days"].column == ("Dagar",)
    assert "absence_hours" not in old.columns
    assert (new.file.encoding, set(new.not_delivered)) == ("cp1252", {"absence_days"})


def test_a_file_that_no_version_covers_is_refused() -> None:
    mapping = deepcopy(ABSENCE) | {"versions": {"a_*": {}}}

    with pytest.raises(RefusalError, match="matches none"):
        read_mapping("absence", source(mapping)).for_file("b.csv")


def test_every_version_must_be_whole() -> None:
    mapping = changed("columns", "extent", None) | {
        "versions": {"a_*": {"columns": {"extent": "x"}}, "b_*": {}}
    }

    with pytest.raises(SettingsError, match=r"versions\.b_\*\.columns: map extent"):
        read_mapping("absence", source(mapping))


def test_the_file_name_says_month_and_time_of_delivery() -> None:
    mapping = Mapping.model_validate(
        {
            "month": {"file_name": r"_(?P<year>\d{4})(?P<month>\d\d)_"},
            "delivered_at": {
                "file_name": r"lev(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:T(?P<hour>\d\d)(?P<minute>\d\d))?"
            },
        }
    )

    assert mapping.month_of("hr_202610_lev20261103.csv") == date(2026, 10, 1)
    assert mapping.delivered_at_of("hr_202610_lev20261103.csv") == datetime(2026, 11, 3)
    assert mapping.delivered_at_of("hr_202610_lev20261103T0215.csv") == datetime(2026, 11, 3, 2, 15)
    for name, reason in (
        ("hr_202613_lev20261103.csv", "file_name_without_month"),
        ("hr.csv", "file_name_without_month"),
    ):
        with pytest.raises(RefusalError) as refused:
            mapping.month_of(name)
        assert refused.value.reason.id == reason
    with pytest.raises(RefusalError) as refused:
        mapping.delivered_at_of("hr_202610_lev20261131.csv")
    assert refused.value.reason.id == "file_name_without_time"


def test_the_fingerprint_follows_the_reading_and_not_the_words() -> None:
    contract = CONTRACTS["hr_absence"]
    read = read_mapping("absence", source(ABSENCE)).fingerprint(contract)

    assert (
        read_mapping("absence", source(changed("not_delivered", "absence_days", "Andra ord."))).fingerprint(
            contract
        )
        == read
    )
    assert read_mapping("absence", source(changed("decimal", "."))).fingerprint(contract) != read


def test_every_reason_and_rule_is_told_in_both_languages() -> None:
    for texts in (TEXTS, RULES):
        for name, words in texts.items():
            assert set(words) == {"sv", "en"}, name
    assert set(CHECKS.values()) <= set(RULES)
    for contract in CONTRACTS.values():
        assert set(contract.rule_columns) <= set(RULES)
