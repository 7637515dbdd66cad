"""Amounts as people and systems write them.

Belongs here: text to number: thousands, decimal signs, currencies, minus in front, behind or as brackets.
Does not belong here: dates and codes (translate.py).
"""

from __future__ import annotations

import polars as pl

SPACES = r"[\s\u00a0\u2007\u2009\u202f]"
SIGNS = "$€£% "
CURRENCY = r"(?i)^(?:kr|sek|usd|eur)|(?:kr\.?|sek|usd|eur|:-)$"
# Nine amounts in ten are written like this, and take a tenth of the time: the pattern, and what stands between digits.
SIMPLE = {
    ",": (r"^-?(?:\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:,\d+)?$", "[ \u00a0\u202f]"),
    ".": (r"^-?\$?(?:\d+|\d{1,3}(?:[ ,]\d{3})+)(?:\.\d+)?$", "[ ,$]"),
}
# Thousands stand in groups of three or not at all: "1.5" is no 15, "12 34" is no 1234.
NUMBERS = {
    ",": r"^(?:\d+|\d{1,3}(?:[ .']\d{3})+)(?:,\d*)?$",
    ".": r"^(?:\d+|\d{1,3}(?:[ ,']\d{3})+)?(?:\.\d*)?$",
}


def parse_numbers(texts: pl.Series, decimal: str) -> pl.Series:
    """Text to numbers, as people and systems write amounts; null where it is none.

    Args:
        texts: e.g. `34 567,50`, `$69222.18`, `1.234,5-`, `(12)`, `75 %`.
        decimal: the decimal sign; the other one may only part thousands.
    """
    pattern, between = SIMPLE[decimal]
    digits = pl.col("text").str.replace_all(between, "").str.replace(decimal, ".", literal=True)
    parsed = pl.DataFrame({"text": texts}).select(
        "text",
        pl.col("text").str.contains(pattern).fill_null(True).alias("is_simple"),
        digits.cast(pl.Float64, strict=False).alias("number"),
    )
    if parsed["is_simple"].all():
        return parsed["number"]
    # Amounts repeat: of the rest only distinct ones are looked at.
    rest = parsed.filter(~pl.col("is_simple")).select("text").unique()
    parsed = parsed.with_columns(pl.when("is_simple").then("number").alias("number"))
    careful = rest.with_columns(_careful(pl.col("text"), decimal).alias("careful"))
    joined = parsed.join(careful, on="text", how="left", maintain_order="left")
    return joined.select(pl.coalesce("number", "careful")).to_series()


def _careful(text: pl.Expr, decimal: str) -> pl.Expr:
    tidy = (
        text.str.replace_all(SPACES, " ")
        .str.replace_all("[\u2212\u2013]", "-")
        .str.replace_all("\u2019", "'", literal=True)
    )
    # Minus is written in front, behind (SAP) or as brackets (accounts), and in front of or behind the currency.
    is_bracketed = tidy.str.starts_with("(") & tidy.str.ends_with(")")
    tidy = pl.when(is_bracketed).then(tidy.str.strip_chars("()")).otherwise(tidy)
    tidy = tidy.str.strip_chars(SIGNS).str.replace_all(CURRENCY, "").str.strip_chars(SIGNS)
    is_negative = is_bracketed | tidy.str.starts_with("-") | tidy.str.ends_with("-")
    bare = tidy.str.replace("^[-+]|[-+]$", "").str.strip_chars(SIGNS)
    grouping = "[ .']" if decimal == "," else "[ ,']"
    fits = bare.str.contains(NUMBERS[decimal]) & bare.str.contains(r"\d")
    plain = bare.str.replace_all(grouping, "").str.replace(decimal, ".", literal=True).str.replace(r"\.$", "")
    number = pl.when(fits).then(plain).cast(pl.Float64, strict=False)
    return pl.when(is_negative).then(-number).otherwise(number)
