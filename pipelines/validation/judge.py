"""The judge: Great Expectations, asked one suite a line.

Belongs here: running a declared suite on its frame, and what was observed in a line without words.
Does not belong here: making the frame and keeping the results (expectations.py), the process it runs in (judging.py).
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.validation.expectations import AGE, Expectation, Suite, suites
from pipelines.validation.judging import JudgementError

if TYPE_CHECKING:
    import pandas as pd


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Whatever a library prints must not be taken for an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    import great_expectations
    import pandas as pd

    for line in sys.stdin:
        question = json.loads(line)
        try:
            frame = pd.DataFrame(question["frame"])
            answer: dict[str, Any] = {
                "judged": judge(great_expectations, suites()[question["suite"]], frame, question["limits"])
            }
        except JudgementError as error:
            answer = {"crash": str(error)}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def judge(gx: Any, suite: Suite, frame: pd.DataFrame, limits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run a suite on its frame.

    Args:
        gx: Great Expectations.
        suite: the declared expectations.
        frame: one row per month, numpy-backed: Great Expectations is ten times slower on Arrow-backed frames.
        limits: the settings that the suite takes limits from.

    Returns:
        One answer per expectation: name, passed, observed.

    Raises:
        JudgementError: an expectation crashed (Great Expectations reports that as a mere failure).
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas(suite.asset)
    whole = source.add_dataframe_asset(suite.asset).add_batch_definition_whole_dataframe("all")
    batch = whole.get_batch({"dataframe": frame})
    declared = gx.ExpectationSuite(name=suite.asset)
    for rule in suite.expectations:
        kind = getattr(gx.expectations, rule.type)
        arguments = {name: _argument(value, limits) for name, value in rule.arguments.items()}
        severity = "critical" if rule.severity == "error" else "warning"
        declared.add_expectation(kind(**arguments, severity=severity, meta={"name": rule.name}))
    shape = {"result_format": "COMPLETE", "unexpected_index_column_names": ["month"]}
    results = batch.validate(declared, result_format=shape).results
    by_name = {result.expectation_config.meta["name"]: result for result in results}
    judged = []
    for rule in suite.expectations:
        result = by_name[rule.name]
        if crash := _crash(result.exception_info):
            raise JudgementError(f"{suite.table}: {rule.name} crashed: {crash}")
        observed = _observed(frame, rule, result.result)
        judged.append({"name": rule.name, "passed": bool(result.success), "observed": observed})
    return judged


def _crash(info: Mapping[str, Any] | None) -> str | None:
    """The message of a crash, if there was one. A crashed metric stands one level down, under the metric's name."""
    for told in [info or {}, *(value for value in (info or {}).values() if isinstance(value, dict))]:
        if told.get("raised_exception"):
            return str(told.get("exception_message"))
    return None


def _observed(frame: pd.DataFrame, rule: Expectation, result: Mapping[str, Any]) -> str:
    """What was seen, in a line without words: lowest–highest over the months, then the months outside."""
    columns = [value for name, value in rule.arguments.items() if name.startswith("column")]
    if columns == [AGE]:
        # The month, not the days: what is observed must not change from night to night while the data stay the same.
        return str(frame.loc[frame[AGE].notna(), "month"].max()) if frame[AGE].notna().any() else "–"
    seen = frame[columns[0]].dropna()
    line = f"{seen.min():.4g}–{seen.max():.4g}" if len(seen) else "–"
    outside: Sequence[Mapping[str, Any]] = result.get("unexpected_index_list") or []
    months = [
        f"{row['month']} ({', '.join(_number(row.get(column)) for column in columns)})" for row in outside[:6]
    ]
    return "; ".join([line, *months, *(["…"] if len(outside) > len(months) else [])])


def _number(value: Any) -> str:
    return "–" if value is None or math.isnan(value) else f"{float(value):.6g}"


def _argument(value: Any, limits: Mapping[str, Any]) -> Any:
    return limits[value["setting"]] if isinstance(value, dict) else value


if __name__ == "__main__":
    main()
