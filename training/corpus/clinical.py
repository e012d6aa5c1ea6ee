"""Clinical words and numbers, none of which identifies anybody: what the model must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from training.corpus.lists import words
from training.corpus.numbers import shaped
from training.corpus.scene import Filler, Piece, Scene

_LISTED = {
    "drug": "drugs",
    "brand": "brands",
    "cond": "conditions",
    "eponym": "eponyms",
    "sign": "signs",
    "score": "scores",
    "lab": "labs",
    "test": "tests",
    "proc": "procedures",
    "bug": "bugs",
    "anat": "anatomy",
    "device_brand": "device_brands",
    "specialty": "specialties",
    "role": "roles",
    "body": "bodies",
    "trial": "trials",
    "symptom": "symptoms",
    "ward": "wards",
    "culture": "cultures",
    "placelike": "place_like",
    "genericplace": "generic_places",
    "guideline": "guidelines",
    "job": "jobs",
    "language": "languages",
}


def _dose(rng: Random) -> str:
    amount = rng.choice(
        (
            "2.5",
            "5",
            "10",
            "12.5",
            "20",
            "25",
            "40",
            "50",
            "75",
            "81",
            "100",
            "150",
            "250",
            "325",
            "500",
            "650",
            "1000",
            "1",
            "0.5",
        )
    )
    unit = rng.choice((" mg", " mg", " mg", "mg", " mcg", " g", " units", " mEq", " mL", "mcg"))
    return amount + unit


def _regimen(rng: Random) -> str:
    often = rng.choice(
        (
            "daily",
            "BID",
            "TID",
            "QID",
            "q4-6h PRN",
            "qHS",
            "q8h",
            "weekly",
            "twice daily",
            "once a day",
            "at bedtime",
            "q12h",
            "every other day",
            "PRN",
            "x 7 days",
            "qd",
            "po bid",
        )
    )
    return f"{_dose(rng)} {rng.choice(('', 'PO ', 'IV ', 'po ', 'SC ', ''))}{often}"


def _vitals(rng: Random) -> str:
    top, low = rng.randint(88, 190), rng.randint(45, 110)
    pulse, breaths, oxygen = rng.randint(44, 140), rng.randint(10, 34), rng.randint(84, 100)
    heat = rng.choice((f"{rng.randint(360, 402) / 10}", f"{rng.randint(968, 1036) / 10}"))
    return rng.choice(
        (
            f"BP {top}/{low}, HR {pulse}, RR {breaths}, T {heat}, SpO2 {oxygen}% on RA",
            f"T {heat} BP {top}/{low} P {pulse} R {breaths} O2 sat {oxygen}%",
            f"BP {top}/{low}",
            f"heart rate {pulse}, blood pressure {top}/{low}, sats {oxygen}%",
            f"Temp {heat}, pulse {pulse}, resp {breaths}",
            f"VS: {heat} - {pulse} - {breaths} - {top}/{low} - {oxygen}%",
            f"bp {top}/{low} hr {pulse} afebrile",
            f"Wt {rng.randint(40, 140)}.{rng.randint(0, 9)} kg, Ht {rng.randint(140, 199)} cm, BMI {rng.randint(17, 45)}.{rng.randint(0, 9)}",
        )
    )


def _lab_value(rng: Random) -> str:
    value = rng.choice(
        (
            str(rng.randint(2, 400)),
            f"{rng.randint(0, 19)}.{rng.randint(0, 9)}",
            f"{rng.randint(0, 9)}.{rng.randint(10, 99)}",
        )
    )
    unit = rng.choice(
        ("", "", " mg/dL", " mmol/L", " g/dL", " U/L", " ng/mL", "%", " mEq/L", " K/uL", " x10^9/L", " pg/mL")
    )
    return (
        f"{rng.choice(words('labs'))} {rng.choice(('', 'of ', '= ', 'was ', '', ': '))}{value}{unit}".replace(
            " : ", ": "
        )
    )


def _lab_run(rng: Random) -> str:
    return (
        " ".join(_lab_value(rng) for _ in range(rng.randint(2, 4)))
        if rng.random() < 0.5
        else f"Na {rng.randint(120, 150)} K {rng.randint(28, 60) / 10} Cl {rng.randint(90, 112)} CO2 {rng.randint(14, 33)} BUN {rng.randint(6, 80)} Cr {rng.randint(5, 60) / 10} Glu {rng.randint(60, 400)}"
    )


_CODES = (
    "ICD-10 @##.#",
    "@##.#",
    "CPT #####",
    "LOINC ####-#",
    "DRG ###",
    "HCPCS @####",
    "SNOMED #########",
    "NDC #####-####-##",
    "ICD-9 ###.##",
    "ICD-10-CM @##.###",
    "NCT########",
    "rs#######",
    "c.###@>@",
    "p.@###@",
    "RFC ####",
    "J####",
    "PMID ########",
)
_FORMS = (
    "##%",
    "##-##%",
    "#.# cm",
    "# x # mm",
    "#.#x#.#x#.# cm",
    "##+#",
    "#/10",
    "##/##",
    "G#P#",
    "#+",
    "T#N#M0",
    "#/6",
    "#:#",
    "L#-#",
    "C#-C#",
    "## mmHg",
    "### mL",
    "#-0 Vicryl",
    "## Fr",
    "#### kcal",
    "##/30",
    "##:##",
    "# of #",
    "### bpm",
    "stage #",
    "grade #",
    "type #",
    "##-##-##",
)


def _gestation(rng: Random) -> str:
    weeks, days = rng.randint(8, 41), rng.randint(0, 6)
    return rng.choice(
        (
            f"{weeks}+{days} weeks",
            f"{weeks} {days}/7 weeks",
            f"{weeks}w{days}d",
            f"{weeks} weeks",
            f"{weeks}+{days}",
        )
    )


_MADE: dict[str, Callable[[Random], str]] = {
    "dose": _dose,
    "regimen": _regimen,
    "vitals": _vitals,
    "labval": _lab_value,
    "labrun": _lab_run,
    "code": lambda rng: shaped(rng.choice(_CODES), rng),
    "number": lambda rng: shaped(rng.choice(_FORMS), rng),
    "gest": _gestation,
    "n": lambda rng: str(rng.randint(2, 12)),
    "nn": lambda rng: str(rng.randint(10, 99)),
    "nnn": lambda rng: str(rng.randint(100, 999)),
    "ef": lambda rng: (
        rng.choice(("EF ", "LVEF ", "ejection fraction ", "EF of "))
        + rng.choice((f"{rng.randint(15, 70)}%", f"{rng.randint(3, 13) * 5}-{rng.randint(14, 15) * 5}%"))
    ),
}


def _listed(name: str) -> Filler:
    def fill(scene: Scene, form: str) -> list[Piece]:
        word = scene.rng.choice(words(name))
        return [(word[0].upper() + word[1:] if form == "cap" else word, None)]

    return fill


def _made(make: Callable[[Random], str]) -> Filler:
    return lambda scene, form: [(make(scene.rng), None)]


def _kept(name: str, key: str) -> Filler:
    return lambda scene, form: [(scene.value(key, lambda rng: rng.choice(words(name))), None)]


FILLERS: dict[str, Filler] = {
    **{slot: _listed(name) for slot, name in _LISTED.items()},
    **{slot: _made(make) for slot, make in _MADE.items()},
    "dx": _kept("conditions", "dx"),
    "rx": _kept("drugs", "rx"),
}
