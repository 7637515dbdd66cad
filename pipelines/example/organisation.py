"""The example municipality's departments, units and occupations.

Belongs here: who could work where, with AID-like codes, the usual share of women, the pay level and the work
value level.
Does not belong here: people, and the published figures they are fitted to (published.py).

The municipality is made up: names of units are invented, codes follow the form of AID (six digits) but not its list.
"""

# ruff: noqa: E501 - the tables below are read as tables, a line for each kind of unit

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

BASE_SIZE = 2924


@dataclass(frozen=True)
class Occupation:
    """An occupation: pay is kr a month at full time in the year 2022, `unsocial` kr of supplements a month."""

    code: str
    name: str
    group: str
    women: float
    pay: int
    value_level: int
    unsocial: int = 0
    part_time: float = 1.0
    level: int = 0
    responsibility: str = ""


def _o(text: str) -> dict[str, Occupation]:
    """Read the table below: one occupation a line, fields between bars, the first one its short name."""
    found = {}
    for line in text.strip().splitlines():
        key, code, name, group, women, pay, value, unsocial, part_time, level, responsibility = (
            field.strip() for field in line.split("|")
        )
        found[key] = Occupation(
            code,
            name,
            group,
            float(women),
            int(pay),
            int(value),
            int(unsocial),
            float(part_time),
            int(level),
            responsibility,
        )
    return found


# short | code | name | group | women | pay | work value level | unsocial | part time | management level | responsibility
OCCUPATIONS = _o("""
direktor   | 101010 | Kommundirektör | Ledning | .5 | 98000 | 12 | 0 | .1 | 1 | A
forvchef   | 101020 | Förvaltningschef | Ledning | .5 | 79000 | 11 | 0 | .1 | 1 | A
stabschef  | 101030 | Stabschef | Ledning | .5 | 72000 | 11 | 0 | .1 | 1 | A
verkchef   | 102010 | Verksamhetschef | Verksamhetschefer | .68 | 60500 | 10 | 0 | .2 | 2 | B
enhchef    | 103010 | Enhetschef | Enhetschefer | .78 | 46800 | 9 | 0 | .2 | 3 | C
rektor     | 104010 | Rektor | Skolledare | .78 | 53500 | 10 | 0 | .1 | 3 | C
bitrektor  | 104020 | Biträdande rektor | Skolledare | .76 | 46200 | 9 | 0 | .2 | 3 | C
samordn    | 105010 | Samordnare | Samordnare | .84 | 36200 | 7 | 0 | .5 | 0 | L
adm        | 151010 | Administratör | Administratörer | .93 | 30600 | 4 | 0 | 1.2 | 0 |
lon        | 151020 | Löneadministratör | Administratörer | .95 | 32000 | 5 | 0 | 1.0 | 0 |
sekr       | 151030 | Nämndsekreterare | Handläggare administration | .86 | 36000 | 6 | 0 | .6 | 0 |
utredare   | 152010 | Utredare | Handläggare administration | .66 | 42000 | 8 | 0 | .5 | 0 | F
utvled     | 152020 | Utvecklingsledare | Handläggare administration | .72 | 42800 | 8 | 0 | .5 | 0 | F
jurist     | 152030 | Kommunjurist | Handläggare administration | .66 | 46500 | 9 | 0 | .3 | 0 | F
ofhandl    | 152040 | Överförmyndarhandläggare | Handläggare administration | .80 | 36500 | 7 | 0 | .6 | 0 |
hr         | 153010 | HR-specialist | Ekonomi och HR | .82 | 41200 | 8 | 0 | .5 | 0 | F
ekonom     | 153020 | Ekonom | Ekonomi och HR | .66 | 41000 | 8 | 0 | .5 | 0 | F
kommun     | 154010 | Kommunikatör | Handläggare administration | .72 | 37800 | 7 | 0 | .5 | 0 |
ittekn     | 155010 | IT-tekniker | IT | .16 | 34200 | 6 | 0 | .2 | 0 |
system     | 155020 | Systemförvaltare | IT | .40 | 40500 | 7 | 0 | .3 | 0 |
sjuk       | 206010 | Sjuksköterska | Sjuksköterskor | .91 | 39800 | 8 | 1900 | 1.1 | 0 |
distrikt   | 206020 | Distriktssköterska | Sjuksköterskor | .96 | 42500 | 9 | 900 | 1.1 | 0 |
skolsk     | 206030 | Skolsköterska | Elevhälsa | .98 | 39600 | 8 | 0 | 1.3 | 0 |
usksabo    | 207010 | Undersköterska, särskilt boende | Undersköterskor | .90 | 29300 | 4 | 2900 | 1.9 | 0 |
uskhem     | 207020 | Undersköterska, hemtjänst | Undersköterskor | .88 | 29300 | 4 | 2700 | 1.8 | 0 |
vardb      | 207030 | Vårdbiträde | Vårdbiträden | .80 | 25800 | 3 | 2400 | 2.2 | 0 |
stodass    | 207040 | Stödassistent | Stödassistenter | .70 | 28300 | 4 | 2800 | 1.7 | 0 |
stodped    | 207050 | Stödpedagog | Stödassistenter | .78 | 31800 | 6 | 1500 | 1.0 | 0 |
persass    | 207060 | Personlig assistent | Personliga assistenter | .66 | 26200 | 3 | 2600 | 2.4 | 0 |
fysio      | 208010 | Fysioterapeut | Rehabilitering | .74 | 35800 | 7 | 0 | .9 | 0 |
arbter     | 208020 | Arbetsterapeut | Rehabilitering | .95 | 35600 | 7 | 0 | 1.0 | 0 |
socsekr    | 301010 | Socialsekreterare | Socialsekreterare | .84 | 36800 | 7 | 0 | .6 | 0 |
bistand    | 301020 | Biståndshandläggare | Socialsekreterare | .92 | 36000 | 7 | 0 | .8 | 0 |
famdel     | 302010 | Familjebehandlare | Behandling och stöd | .80 | 37200 | 7 | 0 | .8 | 0 |
behass     | 302020 | Behandlingsassistent | Behandling och stöd | .52 | 29800 | 5 | 1500 | 1.0 | 0 |
arbmark    | 303010 | Arbetsmarknadssekreterare | Arbetsmarknad | .58 | 34000 | 6 | 0 | .6 | 0 |
handled    | 303020 | Arbetshandledare | Arbetsmarknad | .42 | 28900 | 4 | 0 | .7 | 0 |
forsklar   | 351010 | Förskollärare | Förskollärare | .96 | 35300 | 7 | 0 | .9 | 0 |
barnsk     | 351020 | Barnskötare | Barnskötare | .91 | 27400 | 3 | 0 | 1.5 | 0 |
larf3      | 352010 | Grundskollärare, förskoleklass–årskurs 3 | Grundskollärare | .92 | 37600 | 8 | 0 | .7 | 0 |
lar46      | 352020 | Grundskollärare, årskurs 4–6 | Grundskollärare | .81 | 37900 | 8 | 0 | .6 | 0 |
lar79      | 352030 | Grundskollärare, årskurs 7–9 | Grundskollärare | .64 | 38600 | 8 | 0 | .6 | 0 |
larfri     | 353010 | Lärare i fritidshem | Fritidshem | .72 | 33800 | 7 | 0 | .9 | 0 |
fritidsped | 353020 | Fritidsassistent | Fritidshem | .58 | 26900 | 3 | 0 | 1.6 | 0 |
elevass    | 354010 | Elevassistent | Elevassistenter | .62 | 26000 | 2 | 0 | 1.9 | 0 |
specped    | 355010 | Specialpedagog | Specialpedagoger | .94 | 43000 | 9 | 0 | .6 | 0 |
speclar    | 355020 | Speciallärare | Specialpedagoger | .92 | 42600 | 9 | 0 | .7 | 0 |
kurator    | 356010 | Skolkurator | Elevhälsa | .88 | 36400 | 7 | 0 | .8 | 0 |
psyk       | 356020 | Skolpsykolog | Elevhälsa | .76 | 45000 | 9 | 0 | .9 | 0 |
syv        | 356030 | Studie- och yrkesvägledare | Elevhälsa | .84 | 36000 | 7 | 0 | .6 | 0 |
modersm    | 357010 | Modersmålslärare | Språklärare | .62 | 33800 | 7 | 0 | 1.5 | 0 |
sfi        | 357020 | Lärare, svenska för invandrare | Språklärare | .80 | 39000 | 8 | 0 | .7 | 0 |
gymall     | 358010 | Gymnasielärare, allmänna ämnen | Gymnasielärare | .55 | 40000 | 8 | 0 | .6 | 0 |
gymyrk     | 358020 | Gymnasielärare, yrkesämnen | Gymnasielärare | .42 | 40300 | 8 | 0 | .5 | 0 |
kulturl    | 401010 | Kulturskollärare | Kultur och bibliotek | .50 | 33000 | 7 | 0 | 3.0 | 0 |
bibl       | 401020 | Bibliotekarie | Kultur och bibliotek | .74 | 34000 | 7 | 400 | 1.2 | 0 |
biblass    | 401030 | Biblioteksassistent | Kultur och bibliotek | .82 | 28300 | 4 | 500 | 1.6 | 0 |
fritidsl   | 402010 | Fritidsledare | Fritid och idrott | .46 | 28000 | 4 | 1200 | 1.3 | 0 |
badm       | 402020 | Badmästare | Fritid och idrott | .48 | 27300 | 3 | 1600 | 1.5 | 0 |
ingen      | 451010 | Samhällsbyggnadsingenjör | Teknik och planering | .36 | 40200 | 8 | 0 | .3 | 0 |
planark    | 451020 | Planarkitekt | Teknik och planering | .60 | 40800 | 8 | 0 | .4 | 0 |
matning    | 451030 | Mätningsingenjör | Teknik och planering | .30 | 37600 | 7 | 0 | .2 | 0 |
miljo      | 452010 | Miljöinspektör | Miljö och bygglov | .70 | 37400 | 7 | 0 | .5 | 0 |
bygglov    | 452020 | Bygglovshandläggare | Miljö och bygglov | .66 | 38200 | 7 | 0 | .5 | 0 |
park       | 453010 | Parkarbetare | Fastighet, gata och park | .30 | 27400 | 3 | 0 | .6 | 0 |
gata       | 453020 | Anläggningsarbetare | Fastighet, gata och park | .04 | 28600 | 3 | 600 | .2 | 0 |
vaktm      | 453030 | Vaktmästare | Fastighet, gata och park | .08 | 27200 | 3 | 200 | .5 | 0 |
fastig     | 453040 | Fastighetstekniker | Fastighet, gata och park | .04 | 30200 | 4 | 700 | .2 | 0 |
lokalv     | 454010 | Lokalvårdare | Städ | .88 | 25300 | 1 | 100 | 1.8 | 0 |
maltid     | 455010 | Måltidsbiträde | Måltid | .92 | 25700 | 1 | 0 | 2.2 | 0 |
kock       | 455020 | Kock | Måltid | .66 | 29200 | 4 | 200 | .9 | 0 |
brand      | 501010 | Brandman | Räddningstjänst | .08 | 29800 | 5 | 2300 | .2 | 0 |
insats     | 501020 | Insatsledare | Räddningstjänst | .05 | 36500 | 7 | 2000 | .1 | 0 | L
branding   | 501030 | Brandingenjör | Räddningstjänst | .40 | 41800 | 8 | 800 | .2 | 0 |
""")

_TREES = (
    "Björken Eken Linden Rönnen Asken Almen Lönnen Hasseln Syrenen Kastanjen Häggen Slånet Oxeln Poppeln Videt Hagtornen Björnbäret "
    "Blåklockan Vallmon Prästkragen Solrosen Förgätmigejen Tussilagon Smörblomman Lärkan Svalan Trasten Gläntan"
).split()
_PLACES = (
    "Norra Södra Östra Västra Åkerby Bäckby Kullaby Lindängs Sjöängs Ekhaga Tallbacka Stenby Fäladens Ängsby Kvarnby Hammarby "
    "Skogsby Ljungby Rosenby Solbacka"
).split()

# Department: code, name; then its kinds of unit: names of units, and how many monthly-paid (and hourly-paid) of each occupation.
_TREE: tuple[tuple[str, str, tuple[tuple[tuple[str, ...], str, str], ...]], ...] = (
    ("10", "Kommunledningskontoret", (
        (("Kommundirektörens stab",), "direktor:1 stabschef:2 utvled:4 jurist:3 sekr:4", ""),
        (("Ekonomiavdelningen",), "ekonom:12 adm:3 enhchef:1", ""),
        (("HR-avdelningen", "Löneenheten"), "hr:9 lon:6 enhchef:2", ""),
        (("IT-avdelningen", "Digitaliseringsenheten"), "ittekn:12 system:7 enhchef:2", "ittekn:1"),
        (("Kommunikationsavdelningen", "Medborgarservice"), "kommun:5 adm:5 enhchef:2", ""),
    )),
    ("20", "Barn och utbildning", (
        (("Förvaltningskontoret, barn och utbildning",), "forvchef:1 verkchef:4 utvled:6 adm:8 sekr:2 utredare:3", ""),
        (tuple(f"Förskolan {name}" for name in _TREES), "forsklar:190 barnsk:175 rektor:12 bitrektor:14 adm:4", "barnsk:70"),
        (tuple(f"{name} skola" if name.endswith("s") else f"{name}{'n' if name.endswith('a') else ''}skolan".replace("ranskolan", "ra skolan")
               for name in _PLACES[:16]),
         "larf3:92 lar46:88 lar79:96 larfri:46 fritidsped:40 elevass:118 specped:30 speclar:24 rektor:17 bitrektor:12 adm:20 syv:7 modersm:8",
         "elevass:45 fritidsped:12"),
        (("Anpassad grundskola",), "speclar:7 elevass:20 lar46:5 rektor:1", "elevass:5"),
        (("Elevhälsan norr", "Elevhälsan söder"), "skolsk:15 kurator:14 psyk:7 specped:8 enhchef:2", ""),
        (("Modersmålsenheten",), "modersm:18 enhchef:1", "modersm:6"),
    )),
    ("30", "Gymnasie- och vuxenutbildning", (
        (("Förvaltningskontoret, gymnasie- och vuxenutbildning",), "forvchef:1 verkchef:2 utvled:3 adm:5", ""),
        (("Ekängens gymnasium", "Slottsgatans gymnasium", "Yrkesgymnasiet", "Anpassad gymnasieskola"),
         "gymall:82 gymyrk:54 elevass:13 specped:6 kurator:4 syv:4 rektor:5 adm:6", "elevass:6 gymall:4"),
        (("Vuxenutbildningen", "Svenska för invandrare"), "sfi:26 gymall:8 syv:2 rektor:2 adm:4", "sfi:3"),
    )),
    ("40", "Vård och omsorg", (
        (("Förvaltningskontoret, vård och omsorg", "Planeringsenheten"), "forvchef:1 verkchef:7 utvled:5 adm:12 samordn:10 utredare:3", ""),
        (tuple(f"Särskilt boende {name}" for name in _TREES[:12]), "usksabo:236 vardb:62 enhchef:13 adm:3", "vardb:72 usksabo:12"),
        (tuple(f"Hemtjänst {name}" for name in ("Norr", "Söder", "Öster", "Väster", "Centrum", "Kvarnby", "Åkerby", "Bäckby", "Natt")),
         "uskhem:160 vardb:52 samordn:10 enhchef:9", "vardb:52"),
        (tuple(f"Gruppbostaden {name}gatan" for name in
               ("Trädgårds", "Skol", "Kyrko", "Bruks", "Mejeri", "Station", "Torg", "Park", "Skogs", "Ängs", "Kvarn", "Bäck", "Ljung", "Ros")),
         "stodass:110 stodped:22 enhchef:10", "stodass:30"),
        (("Personlig assistans 1", "Personlig assistans 2", "Personlig assistans 3"), "persass:72 enhchef:3", "persass:36"),
        (("Daglig verksamhet Verkstaden", "Daglig verksamhet Ateljén", "Daglig verksamhet Caféet"), "handled:14 stodped:8 stodass:12 enhchef:2", "handled:2"),
        (("Hemsjukvård norr", "Hemsjukvård söder", "Sjuksköterskor natt"), "sjuk:58 distrikt:8 enhchef:3", "sjuk:4"),
        (("Rehabenheten",), "fysio:16 arbter:20 enhchef:1", ""),
        (("Myndighetsenheten",), "bistand:26 enhchef:2 adm:3", ""),
    )),
    ("50", "Arbetsmarknad och familj", (
        (("Förvaltningskontoret, arbetsmarknad och familj",), "forvchef:1 verkchef:2 utredare:2 adm:5", ""),
        (("Barn- och familjeenheten 1", "Barn- och familjeenheten 2", "Vuxenenheten"), "socsekr:58 famdel:13 samordn:2 enhchef:5 adm:3", ""),
        (("Stödboendet", "Öppenvården"), "behass:25 famdel:4 enhchef:2", "behass:7"),
        (("Försörjningsstöd", "Arbetsmarknadsenheten"), "arbmark:25 socsekr:14 handled:12 enhchef:3", "handled:2"),
    )),
    ("60", "Miljö och samhällsbyggnad", (
        (("Förvaltningskontoret, miljö och samhällsbyggnad",), "forvchef:1 verkchef:2 adm:5 sekr:1", ""),
        (("Plan och exploatering", "Kart och mätning"), "ingen:12 planark:8 matning:5 enhchef:2", ""),
        (("Miljöenheten", "Bygglovsenheten"), "miljo:12 bygglov:9 enhchef:2", ""),
        (("Gata och trafik", "Parkenheten"), "ingen:6 gata:14 park:16 enhchef:2", "park:4"),
    )),
    ("70", "Serviceförvaltningen", (
        (("Servicekontoret",), "forvchef:1 verkchef:2 adm:4 ekonom:2", ""),
        (tuple(f"Köket {name}" for name in _PLACES[:9]), "maltid:50 kock:32 enhchef:4", "maltid:18"),
        (("Lokalvård norr", "Lokalvård söder", "Lokalvård centrum"), "lokalv:52 enhchef:3", "lokalv:10"),
        (("Fastighetsdrift", "Vaktmästeriet", "Transporter"), "fastig:14 vaktm:24 enhchef:2", "vaktm:5"),
    )),
    ("75", "Kultur och fritid", (
        (("Kultur- och fritidskontoret",), "forvchef:1 verkchef:1 utvled:2 adm:2", ""),
        (("Stadsbiblioteket", "Filialbiblioteken"), "bibl:13 biblass:5 enhchef:1", "biblass:3"),
        (("Kulturskolan",), "kulturl:11 enhchef:1", "kulturl:2"),
        (("Fritidsgårdarna", "Badhuset", "Idrottsanläggningarna"), "fritidsl:14 badm:8 vaktm:7 enhchef:2", "fritidsl:8 badm:6"),
    )),
    ("80", "Räddningstjänsten", (
        (("Räddningstjänstens stab",), "forvchef:1 branding:3 adm:1", ""),
        (("Brandstation centrum", "Brandstation öster"), "brand:17 insats:6", "brand:4"),
    )),
    ("90", "Överförmyndarkansliet", (
        (("Överförmyndarkansliet",), "forvchef:1 ofhandl:6 adm:1", ""),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Organisation:
    """Positions (a kind of unit × an occupation), and the units of one size of municipality.

    Position arrays have one element per position; `women_share` is fitted so that the whole has the wanted share.
    """

    departments: tuple[tuple[str, str], ...]
    unit_codes: tuple[str, ...]
    unit_names: tuple[str, ...]
    unit_department: np.ndarray
    position_department: np.ndarray
    position_occupation: np.ndarray
    position_first_unit: np.ndarray
    position_units: np.ndarray
    monthly_weight: np.ndarray
    hourly_weight: np.ndarray
    women_share: np.ndarray
    level: np.ndarray
    top: np.ndarray


def _counts(text: str) -> dict[str, float]:
    return {key: float(count) for key, count in (item.split(":") for item in text.split())}


def _fitted(weight: np.ndarray, share: np.ndarray, wanted: float) -> np.ndarray:
    """Shares moved on the logit scale until their weighted mean is the wanted one."""
    low, high = -6.0, 6.0
    logit = np.log(share / (1 - share))
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(np.average(1 / (1 + np.exp(-logit - middle)), weights=weight))
        low, high = (middle, high) if mean < wanted else (low, middle)
    return 1 / (1 + np.exp(-logit - low))


@cache
def occupation_list() -> tuple[Occupation, ...]:
    """The occupations in their order in the table; positions refer to them by number."""
    return tuple(OCCUPATIONS.values())


@cache
def organisation(size: int, women: float) -> Organisation:
    """The organisation for one size.

    Args:
        size: monthly-paid employees; beyond Eslöv's size units multiply (to at most 6 000), below it they stay.
        women: share of women among the monthly-paid, 0–1.
    """
    copies = max(1, min(40, round(size / BASE_SIZE)))
    number = {key: index for index, key in enumerate(OCCUPATIONS)}
    unit_codes: list[str] = []
    unit_names: list[str] = []
    unit_department: list[int] = []
    rows: list[tuple[float, ...]] = []
    for department, (code, _, kinds) in enumerate(_TREE):
        in_department = 0
        for names, monthly_text, hourly_text in kinds:
            first = len(unit_codes)
            for copy in range(copies):
                for name in names:
                    in_department += 1
                    unit_codes.append(
                        f"{code}{in_department:04d}" if copies > 1 else f"{code}{in_department:02d}"
                    )
                    unit_names.append(name if copy == 0 else f"{name} {copy + 1}")
                    unit_department.append(department)
            monthly, hourly = _counts(monthly_text), _counts(hourly_text)
            size = len(names) * copies
            rows += [
                (department, number[key], first, size, monthly.get(key, 0.0), hourly.get(key, 0.0))
                for key in {**monthly, **hourly}
            ]
    table = np.array(rows)
    occupations = occupation_list()
    occupation = table[:, 1].astype(np.int16)
    level = np.array([occupations[index].level for index in occupation], dtype=np.int8)
    share = np.array([occupations[index].women for index in occupation])
    return Organisation(
        departments=tuple((code, name) for code, name, _ in _TREE),
        unit_codes=tuple(unit_codes),
        unit_names=tuple(unit_names),
        unit_department=np.array(unit_department, dtype=np.int16),
        position_department=table[:, 0].astype(np.int16),
        position_occupation=occupation,
        position_first_unit=table[:, 2].astype(np.int32),
        position_units=table[:, 3].astype(np.int32),
        monthly_weight=np.where(level == 1, 0.0, table[:, 4]),
        hourly_weight=table[:, 5],
        women_share=_fitted(table[:, 4] + 1e-9, share, women),
        level=level,
        top=np.repeat(np.flatnonzero(level == 1), table[level == 1, 4].astype(int)),
    )
