"""The gate's refusal: tables and the reason, never a value or a group."""

from datetime import date

from pipelines.disclosure.gate import GateClosedError


def test_a_closed_gate_names_the_tables_and_why() -> None:
    closed = GateClosedError(date(2026, 10, 31), [("employees", "unit"), ("mean_fte", "total")], "too narrow")
    assert (
        str(closed)
        == "the gate is closed for 2026-10-31: too narrow; tables: employees by unit, mean_fte by total"
    )
    assert (closed.period_end, closed.why) == (date(2026, 10, 31), "too narrow")
    assert closed.tables == (("employees", "unit"), ("mean_fte", "total"))
    unnamed = GateClosedError(date(2026, 10, 31), [], "too narrow")
    assert str(unnamed).endswith("; tables: none named")
