"""What systems call the contracts' columns and codes, for recognising an export that nobody has mapped.

Belongs here: words.
Does not belong here: what is made of them (proposing.py); the contracts' own names and words are known besides.
"""

from __future__ import annotations

# Letters and digits only.
WORDS: dict[str, str] = {
    "person_id": "personnummer persnr pnr personnr personid idnummer socialsecuritynumber",
    "employment_id": "anställningsnummer anstnr anställningsid anstid employmentnumber employeeid employeenumber",
    "birth_date": "födelsedatum född dateofbirth birthdate",
    "sex": "kön gender juridisktkön",
    "department_code": "förvaltningskod förvkod department förvaltningid förvaltningsid bolagsförvaltningskod",
    "department_name": "förvaltning departmentname förvaltningsnamn",
    "unit_code": "enhetskod orgkod organisationskod kostnadsställe division unit",
    "unit_name": "enhet enhetsnamn organisationsenhet divisionname",
    "occupation_code": "aid aidkod befattningskod yrkeskod ssyk",
    "occupation_name": "befattning benämning titel yrke jobtitle positiontitle employeepositiontitle",
    "occupation_group": "yrkesgrupp befattningsgrupp personalgrupp",
    "responsibility_code": "ansvarskod aidansvar",
    "management_level": "chefsnivå ledningsnivå",
    "employment_form": "anställningsform anstform",
    "pay_form": "avlöningsform löneform",
    "is_full_time": "heltid heltiddeltid assignmentcategory",
    "fte_agreed": "sysselsättningsgrad syssgrad ssg avtaladsysselsättningsgrad fte",
    "fte_actual": "faktisksysselsättningsgrad faktsyssgrad nettoarbetstid",
    "monthly_pay": "månadslön lön grundlön utbetaldlön",
    "monthly_pay_fte": "heltidslön uppräknadlön heltidsmånadslön currentannualsalary annualsalary basesalary yearlysalary årslön",
    "variable_pay_fte": "rörligatillägg rörltillägg tillägg",
    "ordinary_hours": "ordinarietimmar ordarbetstid ordinariearbetstid",
    "hire_date": "anställdfrom anställningsdatum anstdatum anställdfrån datefirsthired hiredate fran from",
    "end_date": "anställdtom avgångsdatum avgdatum slutdatum",
    "end_reason": "avgångsorsak avgorsak",
    "has_full_leave": "heltledig tjänstledig",
    "previous_person_id": "tidigarepersonnummer tidigarepersnr",
    "work_value_level": "arbetsvärdering bas",
    "absence_type": "frånvaroorsak orsak frånvarotyp",
    "spell_start": "from fråndatum startdatum",
    "spell_end": "tom tilldatum",
    "extent": "omfattning omfattningprocent",
    "absence_hours": "frånvarotimmar timmar",
    "absence_days": "nettodagar dagar",
    "date": "datum dag",
    "course": "kurs kursnamn utbildning",
    "hours": "timmar antaltimmar",
}
CODES: dict[str, dict[str, str]] = {
    "sex": {"kvinna": "K", "f": "K", "female": "K", "man": "M", "male": "M"},
    "pay_form": {
        "månadslön": "manadsavlonad",
        "månad": "manadsavlonad",
        "timlön": "timavlonad",
        "timme": "timavlonad",
    },
    "employment_form": {
        "tillsvidare": "tillsvidare",
        "vikariat": "vikariat",
        "säva": "sva",
        "visstid": "ovrig_visstid",
    },
    "is_full_time": {
        "heltid": "true",
        "fulltime": "true",
        "fulltimeregular": "true",
        "deltid": "false",
        "parttime": "false",
        "parttimeregular": "false",
    },
    "absence_type": {"sjuk": "sjuk", "sjukdom": "sjuk", "föräldraledig": "foraldraledig", "vab": "vab"},
}
# Headings of pay by the year.
YEARLY = frozenset("currentannualsalary annualsalary basesalary yearlysalary årslön".split())
MONTHS = frozenset("month månad period avser lönemånad".split())
NOT_IN_EXPORT = {"sv": "Finns inte i exporten.", "en": "The export does not have it."}
NO_PERSON_KEY = {
    "sv": "Exporten har ingen personnyckel: varje rad räknas som en person.",
    "en": "The export has no person key: each row counts as a person.",
}
