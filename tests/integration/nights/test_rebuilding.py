"""A warehouse file that is lost, thrown away or damaged comes back from the raw store, the same to the last row."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import _duckdb
import duckdb
import pytest

from assets.resources import Night
from pipelines.disclosure.gate import LEDGER
from pipelines.intake import take
from pipelines.intake.identities import KeyMissingError, read_key
from pipelines.nights.keeping import expire
from pipelines.nights.rebuilding import rebuild, recover
from pipelines.nights.rekeying import rekey
from pipelines.publication import publish_release
from pipelines.validation.accounting import account
from tests.fixtures.homes import write_settings
from warehouse import opening
from warehouse.opening import DamagedError, EncryptionUnavailableError, exposed, is_damage
from warehouse.private import UnsafeModeError
from warehouse.release import CELLS, open_release
from warehouse.settings import Settings, read_settings
from warehouse.store import Store

# How the same rows came to be: when they were judged, and in which order sums of fractions were added.
NOT_COMPARED = {"log.judgement", "log.run", "log.scribble"}


def tables(settings: Settings) -> dict[str, object]:
    """Every table's rows as a number each, in no order; sums of fractions to nine digits."""
    found: dict[str, object] = {}
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        for schema, table in con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall():
            columns = [
                f"CASE WHEN {name} = 0 THEN 0 ELSE ROUND({name} * (1 + 1e-12), 9 - CAST(CEIL(LOG10(ABS({name}))) AS INTEGER)) END"
                if kind == "DOUBLE" and schema == "figures"
                else name
                for name, kind, *_ in con.execute(f"DESCRIBE {schema}.{table}").fetchall()
            ]
            if f"{schema}.{table}" not in NOT_COMPARED:
                rows = con.execute(
                    f"SELECT COUNT(*), SUM(HASH({', '.join(columns)})) FROM {schema}.{table}"
                ).fetchall()
                found[f"{schema}.{table}"] = rows[0]
    return found


def flip(file: Path, place: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)


def test_thrown_away_and_built_again_it_is_the_same(municipality: Settings):
    before = tables(municipality)
    first = publish_release(Store(municipality), municipality)
    rebuilt = rebuild(municipality, Store(municipality), "drill")
    assert tables(municipality) == before
    assert rebuilt.aside is not None
    assert (rebuilt.aside / "fordel.duckdb").exists()
    again = publish_release(Store(municipality), municipality)
    assert (again.id, again.is_new) == (first.id, False), "the same raw data give the same bytes"


def test_the_same_raw_data_and_ledger_give_the_same_bytes_elsewhere(municipality: Settings, tmp_path: Path):
    first = publish_release(Store(municipality), municipality)
    other = municipality.model_copy(update={"home": tmp_path / "other"})
    other.home.mkdir()
    municipality.raw.rename(other.raw)
    shutil.copytree(municipality.home / LEDGER, other.home / LEDGER)
    rebuild(other, Store(other), "elsewhere")
    second = publish_release(Store(other), other)
    hashes = [
        open_release(home.releases, published.id).manifest["files"][CELLS]
        for home, published in ((municipality, first), (other, second))
    ]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.9])
def test_a_flipped_bit_is_found_before_the_night_and_mended(municipality: Settings, place: float):
    before = tables(municipality)
    flip(municipality.warehouse, place)
    damage = Store(municipality).damage()
    rebuilt = recover(municipality, Store(municipality))
    # A bit in a block that nothing uses changes nothing.
    assert (rebuilt is None) == (damage is None)
    assert tables(municipality) == before
    assert recover(municipality, Store(municipality)) is None


@pytest.mark.parametrize("content", [b"", b"not a database", bytes(300_000)])
def test_what_is_no_warehouse_is_set_aside(municipality: Settings, content: bytes):
    before = tables(municipality)
    municipality.warehouse.write_bytes(content)
    with pytest.raises(DamagedError, match="sets it aside"), Store(municipality).write():
        pytest.fail("a damaged file was opened")
    rebuilt = recover(municipality, Store(municipality))
    assert rebuilt is not None
    assert rebuilt.aside is not None
    assert (rebuilt.aside / "fordel.duckdb").read_bytes() == content, "nothing is deleted"
    assert tables(municipality) == before


def test_a_file_of_a_newer_duckdb_is_built_again_as_duckdb_words_it():
    """As when one goes back a version: by the words of older versions, and by those that stand in the installed one."""
    start = "Trying to read a database file with"
    assert start.encode() in Path(_duckdb.__file__).read_bytes(), "DuckDB words it otherwise now"
    for rest in ("version number 68, but we can only read version 64.", "storage version number 9"):
        assert is_damage(duckdb.IOException(f"IO Error: {start} {rest}"))


@pytest.mark.parametrize("left", ["half", "flipped"])
def test_a_broken_log_of_writes_loses_nothing(municipality: Settings, left: str):
    before = tables(municipality)
    with duckdb.connect(str(municipality.warehouse)) as con:
        con.execute("PRAGMA disable_checkpoint_on_shutdown")
        con.execute("PRAGMA wal_autocheckpoint = '1TB'")
        con.execute("CREATE TABLE log.scribble (line VARCHAR)")
        for _ in range(20):
            con.execute("INSERT INTO log.scribble SELECT 'line ' || range FROM range(1000)")
    wal = municipality.warehouse.with_name("fordel.duckdb.wal")
    content = wal.read_bytes()
    if left == "half":
        wal.write_bytes(content[: len(content) // 2])
    else:
        flip(wal, 0.5)
    # DuckDB takes a log that ends too early for one that was not finished; what it held is entered again from the raw store.
    recover(municipality, Store(municipality))
    assert tables(municipality) == before


def test_no_block_lies_where_the_reading_does_not_come(municipality: Settings):
    """An index's blocks are read by no scan of its table; a bit that flipped there once stopped every night."""
    with Store(municipality).read() as con:
        assert con.execute("SELECT * FROM duckdb_indexes()").fetchall() == []
        kinds = "SELECT DISTINCT constraint_type FROM duckdb_constraints()"
        assert {kind for (kind,) in con.execute(kinds).fetchall()} <= {"NOT NULL", "CHECK"}


def test_damage_that_a_night_meets_is_mended_before_the_next(municipality: Settings):
    before = tables(municipality)
    store = Store(municipality)
    content = bytearray(municipality.warehouse.read_bytes())
    for place in range(3 * 4096 + 5000, len(content), 5000):
        content[place] ^= 1

    def meet() -> None:
        with store.write() as con:
            municipality.warehouse.write_bytes(content)
            for schema, table in con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables()"
            ).fetchall():
                con.execute(f'SELECT BIT_XOR(HASH(whole)) FROM "{schema}"."{table}" AS whole').fetchall()

    with pytest.raises(duckdb.Error, match="Corrupt"):
        meet()
    # Whatever the next look at the file says, the word of the night stands.
    assert store.damage() is not None
    rebuilt = recover(municipality, store)
    assert rebuilt is not None
    assert "orrupt" in rebuilt.why
    assert store.damage() is None
    assert tables(municipality) == before


def test_a_file_that_somebody_else_holds_is_not_damaged(municipality: Settings):
    store = Store(municipality, wait_seconds=0.1)
    with store.alone(), pytest.raises(Exception, match="another run"):
        Store(municipality, wait_seconds=0.1).damage()
    assert store.damage() is None


def test_another_key_changes_every_pseudonym_and_links_the_months_as_before(municipality: Settings):
    store = Store(municipality)
    linked = "SELECT COUNT(DISTINCT person_key), COUNT(*) FROM core.person_month"
    with store.read() as con:
        before = con.execute(linked).fetchall()
        old = {key for (key,) in con.execute("SELECT DISTINCT person_key FROM raw.hr_employment").fetchall()}
    done = rekey(municipality, store)
    assert done.keys == 2
    with store.read() as con:
        assert con.execute(linked).fetchall() == before
        new = {key for (key,) in con.execute("SELECT DISTINCT person_key FROM raw.hr_employment").fetchall()}
        assert all(account(con)["closes"])
    assert not old & new
    assert stat.S_IMODE((municipality.keys / "pseudonym.key").stat().st_mode) == 0o600
    # A file that is delivered again, read otherwise, finds the same people.
    stated = read_settings(write_settings(municipality.file.parent))
    for source in stated.sources.values():
        source.mapping["dates"] = [*source.mapping["dates"], "%d.%m.%Y"]
    assert any(each.status == "loaded" for each in take(stated, store, "hr_employment"))
    with store.read() as con:
        again = {
            key for (key,) in con.execute("SELECT DISTINCT person_key FROM raw.hr_employment").fetchall()
        }
    assert again == new


def test_a_change_of_keys_that_was_stopped_goes_on(municipality: Settings, monkeypatch: pytest.MonkeyPatch):
    keys = municipality.keys / "pseudonym.key"
    before = keys.read_text()
    with monkeypatch.context() as stopped:
        stopped.setattr("pipelines.nights.rekeying._take_into_use", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rekey(municipality, Store(municipality))
    assert keys.read_text() == before
    with pytest.raises(KeyMissingError, match="fordel rekey"):
        read_key(municipality)
    assert rekey(municipality, Store(municipality)).keys == 2
    assert len(read_key(municipality)) == 64
    with Store(municipality).read() as con:
        assert all(account(con)["closes"])


def test_what_was_kept_long_enough_goes_and_the_counts_stay(municipality: Settings):
    store = Store(municipality)
    now = datetime.now(UTC)
    assert expire(municipality, store, now).deliveries == 0, "nothing is old on the first night"
    with store.read() as con:
        before = account(con).select("contract", "quarantined")
    assert list(municipality.raw.glob("*/*/quarantine.parquet"))
    gone = expire(municipality, store, now + timedelta(days=181))
    assert gone.deliveries > 0
    assert not list(municipality.raw.glob("*/*/quarantine.parquet"))
    with store.read() as con:
        assert account(con).select("contract", "quarantined").equals(before)
        assert all(account(con)["closes"])


def test_months_beyond_the_limit_go(municipality: Settings):
    keep = municipality.keep_for.model_copy(update={"raw_months": {"hr": 6}})
    settings = municipality.model_copy(update={"keep_for": keep})
    store = Store(settings)
    expire(settings, store, datetime(2026, 11, 23, tzinfo=UTC))
    with store.read() as con:
        months = con.execute("SELECT MIN(month), MAX(month) FROM raw.hr_employment").fetchall()[0]
        assert [f"{month:%Y-%m}" for month in months] == ["2026-05", "2026-10"]
        assert all(account(con)["closes"])
    assert [each for each in take(settings, store, "hr_employment") if each.status == "loaded"] == []


def test_months_of_what_is_not_delivered_by_the_month_go_as_well(municipality: Settings):
    keep = municipality.keep_for.model_copy(update={"raw_months": {"survey": 6, "plans": 6}})
    settings = municipality.model_copy(update={"keep_for": keep})
    store = Store(settings)
    for contract in ("survey_round", "participation"):
        assert any(each.status == "loaded" for each in take(settings, store, contract))
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert expire(settings, store, now).deliveries > 0
    with store.read() as con:
        for table in ("raw.survey_round", "raw.participation"):
            (first,) = con.execute(f"SELECT MIN(month) FROM {table}").fetchall()[0]
            assert f"{first:%Y-%m}" >= "2026-05"
        assert all(account(con)["closes"])
    assert expire(settings, store, now).deliveries == 0, "what is gone is not due the next night"


def hand_in(settings: Settings, content: bytes, on: int) -> list[str]:
    """Deliver October on a day of November; what became of it."""
    folder = settings.example_files / "hr_employment"
    (folder / f"personal_2026-10_levererad_2026-11-{on:02d}.csv").write_bytes(content)
    return [each.status for each in take(settings, Store(settings), "hr_employment")]


def october(store: Store) -> tuple[object, int]:
    with store.read() as con:
        stands = con.execute(
            "SELECT MIN(delivery_id), COUNT(*) FROM raw.hr_employment WHERE month = '2026-10-01'"
        )
        return stands.fetchall()[0]


@pytest.mark.parametrize("how", [rekey, lambda settings, store: rebuild(settings, store, "drill")])
def test_a_correction_that_was_taken_back_stays_so_and_nights_are_remembered(
    municipality: Settings, how: Callable[[Settings, Store], object]
):
    store = Store(municipality)
    right = sorted((municipality.example_files / "hr_employment").glob("personal_2026-10*"))[-1].read_bytes()
    wrong = b"\n".join(right.splitlines()[:-3]) + b"\n"
    assert hand_in(municipality, wrong, 20) == ["loaded"]
    assert hand_in(municipality, right, 21) == ["repeat"]
    night = Night(municipality, store, "a night")
    night.close()
    before = october(store)
    how(municipality, store)
    assert october(store) == before
    with store.read() as con:
        assert con.execute("SELECT run_id FROM log.run").fetchall() == [("a night",)]
        assert con.execute("SELECT 1 FROM log.delivery WHERE status = 'repeat'").fetchall()


def test_secrets_and_personal_data_are_the_systems_own(
    municipality: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert exposed(municipality) == []
    municipality.raw.chmod(0o755)
    assert exposed(municipality) == [municipality.raw]
    municipality.raw.chmod(0o700)
    ledger, elsewhere = municipality.home / LEDGER, tmp_path / "key"
    ledger.chmod(0o755)
    elsewhere.write_text("5a" * 32, encoding="ascii")
    elsewhere.chmod(0o640)
    monkeypatch.setenv("FORDEL_KEY_FILE", str(elsewhere))
    assert exposed(municipality) == [ledger, elsewhere]
    monkeypatch.delenv("FORDEL_KEY_FILE")
    key = municipality.keys / "pseudonym.key"
    key.chmod(0o644)
    with pytest.raises(UnsafeModeError, match="chmod 600"):
        read_key(municipality)


def test_encryption_says_what_it_lacks(
    municipality: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    encryption = municipality.encryption.model_copy(
        update={"warehouse": True, "extension": tmp_path / "absent"}
    )
    settings = municipality.model_copy(update={"encryption": encryption, "home": tmp_path / "fresh"})
    with pytest.raises(EncryptionUnavailableError, match="openssl rand -hex 32"), Store(settings).write():
        pytest.fail("opened without a key")
    monkeypatch.setenv(opening.KEY, "ab" * 32)
    with pytest.raises(EncryptionUnavailableError, match="httpfs"), Store(settings).write():
        pytest.fail("opened without cryptography")


def test_an_encrypted_warehouse_works_like_any_other(
    municipality: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """With DuckDB's built-in library in place of the extension, which is not to be had everywhere: the way, not the strength."""
    encryption = municipality.encryption.model_copy(update={"warehouse": True})
    settings = municipality.model_copy(update={"encryption": encryption, "home": tmp_path / "fresh"})
    monkeypatch.setenv(opening.KEY, "ab" * 32)
    monkeypatch.setattr(
        opening, "load_cryptography", lambda con, _: con.execute("SET force_mbedtls_unsafe = 'true'")
    )
    settings.home.mkdir()
    municipality.raw.rename(settings.raw)
    rebuild(settings, Store(settings), "encrypted")
    Night(settings, Store(settings), "a night").close()
    rebuild(settings, Store(settings), "again")
    with Store(settings).read() as con:
        assert con.execute("SELECT run_id FROM log.run").fetchall() == [("a night",)]
    assert publish_release(Store(settings), settings).is_new
    assert not re.search(rb"hr_employment|person_key", settings.warehouse.read_bytes())
    monkeypatch.setenv(opening.KEY, "cd" * 32)
    with pytest.raises(duckdb.Error, match=r"(?i)key"):
        Store(settings).damage()
    assert settings.warehouse.exists(), "a wrong key is no damage"
