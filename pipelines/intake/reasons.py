"""Why a delivery was refused, in words that say what to do.

Belongs here: every reason with its text in Swedish and English, and the exception that carries one.
Does not belong here: the rules of single rows (warehouse/contracts/rules.py) and the decision itself (pipelines/validation).

A parameter is a column, a count, a file name or a limit; never a value out of a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TEXTS: dict[str, dict[str, str]] = {
    "no_folder": {
        "sv": "Källans mapp finns inte. Kontrollera nyckeln path för källan {source} i inställningarna.",
        "en": "The source's folder does not exist. Check the key path of the source {source} in the settings.",
    },
    "no_files": {
        "sv": "Ingen fil i mappen passar mönstret {pattern}. Lägg exporterna där eller ändra pattern för källan {source}.",
        "en": "No file in the folder matches {pattern}. Put the exports there or change pattern of the source {source}.",
    },
    "not_a_regular_file": {
        "sv": "Är en länk, en mapp eller en enhet. Lägg själva filen i mappen.",
        "en": "Is a link, a folder or a device. Put the file itself in the folder.",
    },
    "not_permitted": {
        "sv": "Filen får inte läsas av systemet. Ändra filens rättigheter.",
        "en": "The system may not read the file. Change the file's permissions.",
    },
    "still_changing": {
        "sv": "Filen ändrades medan den lästes. Den läses igen vid nästa körning.",
        "en": "The file changed while it was read. It is read again in the next run.",
    },
    "too_large": {
        "sv": "Filen är större än {limit} MB. Dela upp den per månad.",
        "en": "The file is larger than {limit} MB. Split it by month.",
    },
    "swells": {
        "sv": "Filen blir {unpacked} MB när den packas upp, fast den är {packed} MB: så växer ingen vanlig export. "
        "Exportera på nytt, helst som csv.",
        "en": "The file becomes {unpacked} MB when it is unpacked, though it is {packed} MB: no ordinary export grows like that. "
        "Export again, preferably as csv.",
    },
    "too_wide": {
        "sv": "Filen har {columns} kolumner, fler än {limit}: det är ingen export av rader. Exportera bara de som behövs.",
        "en": "The file has {columns} columns, more than {limit}: it is no export of rows. Export only the columns needed.",
    },
    "unknown_kind": {
        "sv": "Filändelsen {suffix} känns inte igen. Exportera som csv, xlsx, parquet eller jsonl, eller "
        "uteslut filen med pattern.",
        "en": "The file ending {suffix} is not known. Export as csv, xlsx, parquet or jsonl, or leave the file out with pattern.",
    },
    "line_too_long": {
        "sv": "En rad är längre än {limit} MB: filen är ingen tabell. Gör om exporten.",
        "en": "A line is longer than {limit} MB: the file is no table. Make the export again.",
    },
    "empty_file": {
        "sv": "Filen är tom. Gör om exporten.",
        "en": "The file is empty. Make the export again.",
    },
    "no_rows": {
        "sv": "Filen har rubriker men inga rader. Gör om exporten.",
        "en": "The file has headings but no rows. Make the export again.",
    },
    "not_text": {
        "sv": "Innehållet är inte text: tecken nummer {position} finns inte i någon känd teckenkodning. Exportera som UTF-8.",
        "en": "The content is not text: sign number {position} belongs in no known encoding. Export again as UTF-8.",
    },
    "wrong_encoding": {
        "sv": "Filen är kodad som {found}, men väntades vara {wanted}. Spara som {wanted} eller ändra encoding i mappningen.",
        "en": "The file is encoded as {found}, but {wanted} was expected. Save it as {wanted} or change encoding in the mapping.",
    },
    "damaged_letters": {
        "sv": "Bokstäver är förstörda redan i filen (rad {line}): teckenkodningen har bytts fel på vägen. "
        "Exportera på nytt som UTF-8.",
        "en": "Letters are damaged in the file itself (line {line}): the encoding was changed wrongly on the "
        "way. Export again as UTF-8.",
    },
    "open_quote": {
        "sv": "Ett citattecken på rad {line} stängs aldrig. Filen är avhuggen eller felskriven.",
        "en": "A quotation mark on line {line} is never closed. The file is cut off or wrongly written.",
    },
    "disguised": {
        "sv": "Filen heter {suffix} men innehåller {found}. Ge den rätt filändelse.",
        "en": "The file is called {suffix} but holds {found}. Give it the right ending.",
    },
    "unreadable": {
        "sv": "Filen går inte att läsa som {kind}: den är avhuggen, skadad eller något annat än den heter. "
        "Exportera och kopiera den på nytt.",
        "en": "The file cannot be read as {kind}: it is cut off, damaged, or something else than it is called. "
        "Export and copy it again.",
    },
    "no_sheet": {
        "sv": "Arbetsboken har inget blad som heter {sheet}. Ändra sheet i mappningen.",
        "en": "The workbook has no sheet called {sheet}. Change sheet in the mapping.",
    },
    "nested": {
        "sv": "Kolumn nummer {number} innehåller listor eller objekt. Exportera en platt tabell.",
        "en": "Column number {number} holds lists or objects. Export a flat table.",
    },
    "reader_died": {
        "sv": "Läsningen krävde mer minne eller tid än filens storlek motiverar, och avbröts. Exportera på nytt, helst som csv.",
        "en": "Reading took more memory or time than the file's size justifies and was stopped. Export again, preferably as csv.",
    },
    "server_down": {
        "sv": "{server} svarar inte eller svarar med fel, trots flera försök. Det som hämtades senast gäller så länge.",
        "en": "{server} does not answer, or answers with errors, in spite of several attempts. What it gave last stands.",
    },
    "server_slow": {
        "sv": "{server} hann inte svara inom {seconds} s. Det som hämtades senast gäller så länge. Höj annars timeout_seconds.",
        "en": "{server} did not answer within {seconds} s. What it gave last stands meanwhile. Else raise timeout_seconds.",
    },
    "login_refused": {
        "sv": "{server} godtar inte inloggningen. Kontrollera användare, lösenord och rättigheter.",
        "en": "{server} refuses the log-in. Check the user, the password and the permissions.",
    },
    "nonsense": {
        "sv": "{server} svarar med något annat än väntat. Kontrollera adressen och systemets version.",
        "en": "{server} answers something else than expected. Check the address and the system's version.",
    },
    "no_secret": {
        "sv": "Hemligheten till {server} saknas: {place}.",
        "en": "The secret of {server} is missing: {place}.",
    },
    "no_form": {
        "sv": "{server} har inte formuläret som inställningarna nämner. Kontrollera dess id och användarens rättigheter.",
        "en": "{server} does not have the form that the settings name. Check its id and the user's permissions.",
    },
    "no_table": {
        "sv": "{server}: tabellen eller en kolumn finns inte, eller mappningen saknar month.column.",
        "en": "{server}: the table or a column does not exist, or the mapping lacks month.column.",
    },
    "no_survey_id": {
        "sv": "Enkätens nummer kan inte läsas ur filnamnet {file}. Döp om filen, till exempel results-survey202610.csv.",
        "en": "The survey's number cannot be read from the file name {file}. Rename it, for example results-survey202610.csv.",
    },
    "no_items": {
        "sv": "{file}: ingen känd fråga bland rubrikerna. Exportera med frågekoder och svarskoder, eller ange items.",
        "en": "{file}: no known item among the headings. Export with question codes and answer codes, or state items.",
    },
    "wrong_template": {
        "sv": "{file}: {count} fel i mallen. Det första: {first_sv} Rätta alla (fordel map FIL visar dem) och "
        "lägg filen i mappen igen.",
        "en": "{file}: {count} faults in the template. The first: {first_en} Correct all (fordel map FILE shows them) and "
        "put the file back.",
    },
    "no_version": {
        "sv": "Filnamnet passar ingen av mappningens versions. Lägg till ett mönster för det.",
        "en": "The file name matches none of the mapping's versions. Add a pattern for it.",
    },
    "file_name_without_month": {
        "sv": "Månaden kan inte läsas ur filnamnet. Döp om filen eller ändra month.file_name i mappningen.",
        "en": "The month cannot be read from the file name. Rename the file or change month.file_name in the mapping.",
    },
    "file_name_without_time": {
        "sv": "Leveransdatum kan inte läsas ur filnamnet. Döp om filen eller ändra delivered_at.file_name i mappningen.",
        "en": "The date of delivery cannot be read from the file name. Rename the file or change "
        "delivered_at.file_name in the mapping.",
    },
    "missing_column": {
        "sv": "Kolumner saknas i filen: {columns}. Lägg till rubriken i mappningen, eller skriv under "
        "not_delivered varför den saknas.",
        "en": "Columns are missing in the file: {columns}. Add the heading to the mapping, or say under "
        "not_delivered why it is absent.",
    },
    "doubled_column": {
        "sv": "Rubriken {columns} finns mer än en gång i filen. Ge kolumnerna olika namn.",
        "en": "The heading {columns} occurs more than once in the file. Give the columns different names.",
    },
    "future_month": {
        "sv": "Leveransen står för {month}, som inte har börjat än. Kontrollera filnamnet eller periodkolumnen.",
        "en": "The delivery stands for {month}, which has not begun. Check the file name or the column with the period.",
    },
    "ancient_month": {
        "sv": "Leveransen står för {month}, före 1970. Kontrollera filnamnet eller periodkolumnen.",
        "en": "The delivery stands for {month}, before 1970. Check the file name or the column with the period.",
    },
    "size": {
        "sv": "{month} har {rows} rader mot {before} i {reference}: skillnaden är större än {limit} %. Är exporten hel? "
        "Är den det, höj {setting}.",
        "en": "{month} has {rows} rows against {before} in {reference}: the difference is over {limit} %. Is the export whole? "
        "If so, raise {setting}.",
    },
    "bad_rows": {
        "sv": "{bad} av {rows} rader bryter mot reglerna, fler än gränsen {limit} %. Vanligast: regel {rule}, kolumn {column}, "
        "{count} rader, till exempel rad {example}. Rätta i källan eller mappningen.",
        "en": "{bad} of {rows} rows break the rules, more than the limit of {limit} %. Most common: rule "
        "{rule}, column {column}, "
        "{count} rows, for example row {example}. Correct the source or the mapping.",
    },
}


@dataclass(frozen=True)
class Reason:
    """One reason: an id and what it is about."""

    id: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The reason as a sentence; language is `sv` or `en`."""
        return TEXTS[self.id][language].format(**self.parameters)

    @property
    def sv(self) -> str:
        """In Swedish."""
        return self.text("sv")

    @property
    def en(self) -> str:
        """In English."""
        return self.text("en")


class RefusalError(Exception):
    """The delivery cannot be taken; `reason` says why."""

    def __init__(self, reason_id: str, **parameters: Any) -> None:
        """Keep the reason; the exception's own text is the English one."""
        self.reason = Reason(reason_id, parameters)
        super().__init__(self.reason.en)
