"""What each row rule says, in words: shown beside quarantined rows.

Belongs here: one sentence per rule in Swedish and English, and the names under which dataframely's checks are kept.
Does not belong here: the rules themselves (hr.py …), why whole deliveries are refused (pipelines/intake/reasons.py).
"""

from __future__ import annotations

RULES: dict[str, dict[str, str]] = {
    "missing": {"sv": "Värdet saknas.", "en": "The value is missing."},
    "too_low": {"sv": "Värdet är lägre än det kan vara.", "en": "The value is lower than it can be."},
    "too_high": {"sv": "Värdet är högre än det kan vara.", "en": "The value is higher than it can be."},
    "duplicate_key": {
        "sv": "Flera rader har samma nyckel; vilken som är rätt går inte att veta, så alla är undantagna.",
        "en": "Several rows have the same key; which is right cannot be known, so all are set aside.",
    },
    "not_allowed": {"sv": "Koden är inte känd.", "en": "The code is not known."},
    "not_a_number": {
        "sv": "Är inte ett tal som mappningen beskriver det.",
        "en": "Is not a number as the mapping describes it.",
    },
    "not_a_whole_number": {"sv": "Är inte ett heltal.", "en": "Is not a whole number."},
    "not_a_date": {
        "sv": "Är inte ett datum som mappningen beskriver det.",
        "en": "Is not a date as the mapping describes it.",
    },
    "not_a_truth_value": {"sv": "Är varken ja eller nej.", "en": "Is neither yes nor no."},
    "not_a_personnummer": {
        "sv": "Ser ut som ett personnummer men är inget giltigt.",
        "en": "Looks like a personnummer but is not a valid one.",
    },
    "number_of_fields": {
        "sv": "Raden har fler eller färre fält än rubrikraden; är filen avhuggen?",
        "en": "The row has more or fewer fields than the headings; is the file cut off?",
    },
    "month_is_first_day": {
        "sv": "Månaden skrivs som sin första dag.",
        "en": "A month is written as its first day.",
    },
    "hired_in_time": {
        "sv": "Anställd senare än månaden efter.",
        "en": "Employed later than the month after.",
    },
    "ends_after_hire": {
        "sv": "Slutar före anställningens första dag.",
        "en": "Ends before the first day of the employment.",
    },
    "age_is_possible": {
        "sv": "Åldern är under 13 eller över 100 år.",
        "en": "The age is under 13 or over 100.",
    },
    "spell_has_order": {"sv": "Frånvaron slutar innan den börjar.", "en": "The spell ends before it begins."},
    "spell_begins_in_time": {
        "sv": "Frånvaron börjar efter månaden.",
        "en": "The spell begins after the month.",
    },
    "not_a_time": {"sv": "Är inte en tidpunkt.", "en": "Is not a time."},
    "happened_in_month": {"sv": "Dagen ligger inte i månaden.", "en": "The day is not in the month."},
    "closes_after_opening": {
        "sv": "Enkäten stänger innan den öppnar.",
        "en": "The survey closes before it opens.",
    },
    "month_is_of_closing": {
        "sv": "Månaden är inte den som enkäten stänger i.",
        "en": "The month is not that in which the survey closes.",
    },
    "completed_at_most_invited": {"sv": "Fler svar än inbjudna.", "en": "More answers than invited."},
    "valid_in_order": {"sv": "Upphör innan den börjar gälla.", "en": "Ends before it begins."},
    "succeeded_by_another": {"sv": "Är sin egen efterföljare.", "en": "Is its own successor."},
    "not_from_the_future": {"sv": "Året är inte slut än.", "en": "Is of a year to come."},
    "period_has_order": {"sv": "Planen slutar innan den börjar.", "en": "The plan ends before it begins."},
    "decided_after_creation": {
        "sv": "Beslutad innan den lämnades.",
        "en": "Decided before it was put forward.",
    },
    "spell_reaches_month": {
        "sv": "Frånvaron tog slut före månaden.",
        "en": "The spell ended before the month.",
    },
}

# dataframely's check on one column → the rule's name here.
CHECKS: dict[str, str] = {
    "nullability": "missing",
    "inner_nullability": "missing",
    "regex": "not_allowed",
    "min": "too_low",
    "min_exclusive": "too_low",
    "max": "too_high",
    "max_exclusive": "too_high",
    "inf": "not_a_number",
    "nan": "not_a_number",
}
