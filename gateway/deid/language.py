"""What language a text is written in: by its script, and for Latin letters by its most frequent words.

Law: deterministic; evidence decides, and only the first 20,000 characters are looked at. Short telegraphic
English ("SOB x3d, BP 120/80") has no frequent words and no foreign ones: plain Latin letters without
evidence of another language are taken for English. A text without letters is "" and so is a script
that is not known here.
Imports: the standard library only.
"""

from __future__ import annotations

import re
from collections import Counter

from gateway.deid.words import fold

LOOKED_AT = 20_000
_SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("zh", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    ("ko", "\u1100-\u11ff\uac00-\ud7af"),
    ("ru", "\u0400-\u052f"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("ar", "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff"),
    ("he", "\u0590-\u05ff"),
    ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"),
    ("ta", "\u0b80-\u0bff"),
    ("th", "\u0e00-\u0e7f"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
)
_BY_SCRIPT = [(code, re.compile(f"[{ranges}]")) for code, ranges in _SCRIPTS]
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_FREQUENT = {
    "en": "the and of to with is was for in on at by he she his her this that are be has had have not from"
    " as an or no were which will been patient denies history after who reports pain left right",
    "es": "el la los las de del y que en un una con por para se no su al es lo como mas pero sus le ha"
    " fue son esta paciente refiere presenta anos dolor hospital desde sin tras dia dias e muy tambien",
    "fr": "le la les de des du et est en un une que qui dans pour pas au aux avec sur par il elle ce cette"
    " son sa ses ne se plus a ete ans patiente douleur depuis sans chez jour jours mais ou nous",
    "de": "der die das und in den von zu mit ist im dem nicht ein eine einer eines auf fur sich des auch"
    " es an als bei nach wurde hat war sie er aus wird patientin schmerzen seit uber oder aber wir keine",
    "it": "il la le di del della dei e che in un una per con non si da al nel sono alla ha piu come anche"
    " lo gli dal dalla paziente anni dolore dopo senza stato giorni ma questo delle nella",
    "pt": "o a os as de do da dos das e que em um uma com por para nao se no na ao mais como foi sua seu"
    " ou ser anos dor paciente apos sem dias desde tem pelo pela mas ele ela esta",
    "nl": "de het een en van in is dat op te met voor niet zijn er aan om bij ook als naar was door maar"
    " uit ze hij of heeft werd patient pijn sinds jaar geen na over nog wordt",
}
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _language, _words in _FREQUENT.items():
    for _word in _words.split():
        _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _language)
_LETTERS = {"es": "ñ¿¡", "de": "ßäöü", "fr": "çœèêùû", "pt": "ãõç", "it": "ìò", "nl": "ĳ"}
_ENOUGH = 2.0  # weight below which English, the default, is not given up
_PLAIN, _BY_FAR = 5.0, 3.0  # weight, and times the declared language's, from which a text speaks for itself


def language_of(text: str) -> str:
    """BCP 47's primary subtag of a text's main language, or "" where there is no evidence for any.

    Latin script is told apart into en, es, fr, de, it, pt and nl, with en as the default.
    """
    sample = text[:LOOKED_AT]
    latin = len(_LATIN.findall(sample))
    if not sample.isascii():
        code, count = _main_script(sample)
        # Chinese notes hold many Latin abbreviations, and one Han character says as much as a word.
        if count and count * 2 >= latin:
            return code
    if not latin:
        return ""
    return _latin(sample)


def _main_script(sample: str) -> tuple[str, int]:
    """The most frequent script that is not Latin. Kana beside Han is Japanese."""
    counts = {code: len(pattern.findall(sample)) for code, pattern in _BY_SCRIPT}
    if counts["ja"] * 10 >= counts["zh"]:
        counts["ja"], counts["zh"] = counts["ja"] + (counts["zh"] if counts["ja"] else 0), 0
    code = max(counts, key=lambda name: counts[name])
    if not counts[code]:
        return "", sum(1 for char in sample if char.isalpha() and not _LATIN.match(char))
    return code, counts[code]


def other_language(text: str, declared: str) -> str:
    """The language of Latin script that a text plainly is in, where that is not the declared one, or "".

    A site's default or a wrong tag must not bring a text to detectors that do not know its language. Names
    and a few words of another language are no evidence.
    """
    weight = _weights(text[:LOOKED_AT])
    best = max(weight, key=lambda language: weight[language])
    plain = weight[best] >= max(_PLAIN, _BY_FAR * weight.get(declared, 0.0))
    return best if plain and best != declared else ""


def _latin(sample: str) -> str:
    """English unless outweighed."""
    weight = _weights(sample)
    best = max(weight, key=lambda language: weight[language])
    if weight[best] < _ENOUGH or weight[best] <= weight["en"]:
        return "en"
    return best


def _weights(sample: str) -> dict[str, float]:
    """The weight of frequent words by language: one that few languages share says more."""
    weight: dict[str, float] = dict.fromkeys(_FREQUENT, 0.0)
    for word, times in Counter(fold(found) for found in _LATIN_WORD.findall(sample)).items():
        languages = _LANGUAGES_OF.get(word, ())
        for language in languages:
            weight[language] += times / len(languages)
    low = sample.lower()
    for language, letters in _LETTERS.items():
        weight[language] += 0.5 * min(6, sum(low.count(letter) for letter in letters))
    return weight
