"""The ledger: restricted, whole or not at all, and nothing that was seen is ever replaced."""

import stat
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.disclosure.ledger import DECIDED as DECIDED_FILE
from pipelines.disclosure.ledger import DECIDED_SCHEMA, Ledger

END = date(2026, 10, 31)
DECIDED = pl.DataFrame(
    [("employees", "2026-10", "unit", "U1", True, True, "")], schema=DECIDED_SCHEMA, orient="row"
)
PIECES = {"person_month:month": pl.DataFrame({"period": ["2026-10"], "who": ["token"], "d_unit": ["U1"]})}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger")
    made.begin(END)
    return made


def test_the_anchor_and_the_salt_are_made_once(ledger: Ledger) -> None:
    anchor, salt = ledger.begin(date(2027, 1, 31))
    assert anchor == END
    assert ledger.begin(END) == (anchor, salt)
    assert len(salt) == 32


def test_what_is_entered_is_read_back(ledger: Ledger) -> None:
    entry = ledger.add(END, "f1", DECIDED, {"passed": True}, PIECES)
    (found,) = ledger.entries().values()
    assert found == entry
    assert (found.period_end, found.fingerprint) == (END, "f1")
    assert found.decided.equals(DECIDED)
    assert found.record == {"passed": True}
    assert found.pieces()["person_month:month"].equals(PIECES["person_month:month"])
    # Names that every file system can hold.
    assert not [path for path in entry.folder.iterdir() if ":" in path.name]


def test_what_is_entered_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    monkeypatch.setattr(
        "os.fsync", lambda handle: forced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
    )
    ledger = Ledger(tmp_path / "ledger")
    ledger.begin(END)
    ledger.add(END, "f1", DECIDED, {}, PIECES)
    month = f"{ledger.folder}/{END}"
    assert forced[:2] == [f"{ledger.folder}/start.json.part", str(ledger.folder)]
    written = {f"{month}/.f1/{path.name}" for path in (ledger.folder / str(END) / "f1").iterdir()}
    assert set(forced[2:-3]) == written
    assert forced[-3:] == [f"{month}/.f1", month, str(ledger.folder)]


def test_a_corrected_month_stands_beside_what_was_seen_before(ledger: Ledger) -> None:
    ledger.add(END, "f1", DECIDED, {}, PIECES)
    ledger.add(END, "f2", DECIDED, {}, PIECES)
    assert set(ledger.entries()) == {(END, "f1"), (END, "f2")}


def test_nobody_else_may_read_it(ledger: Ledger) -> None:
    entry = ledger.add(END, "f1", DECIDED, {}, PIECES)
    for path in [ledger.folder, entry.folder.parent, entry.folder]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in [*entry.folder.iterdir(), ledger.folder / "start.json"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_killed_run_left_is_no_entry(ledger: Ledger) -> None:
    left = ledger.folder / str(END) / ".f1"
    left.mkdir(parents=True)
    DECIDED.write_parquet(left / "half.parquet")
    (left / DECIDED_FILE).write_bytes(b"PAR1")
    assert ledger.entries() == {}
    ledger.add(END, "f1", DECIDED, {}, PIECES)
    assert len(ledger.entries()) == 1
