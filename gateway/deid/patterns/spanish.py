"""Spanish forms: labels of reports, titles, streets, towns, hospitals.

Law: as in English; a label's value ends with its line or sentence. Sources: the usual heads of Spanish reports,
Correos' kinds of streets and postal codes (01001 to 52999).
Imports: common words, names' cut, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.rules import Family, after, any_of, at_words, rule

_I = re.IGNORECASE
_CAP = (
    r"(?:[A-ZÁÉÍÓÚÑÜ][a-záéíóúñüç]{1,20}(?:-[A-ZÁÉÍÓÚÑÜ][a-záéíóúñü]{1,20})?|[A-ZÁÉÍÓÚÑÜ]{2,20}"
    r"|[A-ZÁÉÍÓÚÑ]\.|M[ªa]\.?)"
)
_JOIN = r"(?:de la|de los|de las|del|de|da|dos|y|i|la|van|von)"
_NAME = rf"{_CAP}(?:[ ]{{1,2}}(?:{_JOIN}[ ])?{_CAP}){{0,4}}"
_NAME_OR_JOINED = rf"(?:(?:De la|De los|De|Del|La|de la|del|de)\s)?{_NAME}(?:,\s{_NAME})?"

_FIRST = frozenset(
    [
        "presenta",
        "acude",
        "ingresa",
        "refiere",
        "varón",
        "mujer",
        "niño",
        "niña",
        "paciente",
        "sexo",
        "edad",
        "fecha",
        "nº",
        "num",
        "hombre",
    ]
)


def _a_name(match: re.Match[str]) -> bool:
    """Whether a labelled value begins with a name and no word of a report."""
    first = re.split(r"[\s,.]", match["NAME"].lower(), maxsplit=1)[0]
    if first in _FIRST:
        return False
    return (
        " " in match["NAME"] or not ordinary(first) or re.match(r"(?i:nombre|apellido)", match[0]) is not None
    )


_ENDS = re.compile(
    r"\s(?:Servicio|SERVICIO|Hospital|HOSPITAL|Sección|SECCIÓN|Unidad|UNIDAD|Departamento|Dpto|Centro"
    r"|Clínica|Médico|NºCol|Nº"
    r"|Email|E-mail|Correo|Tel|Teléfono|Avda|Calle|Paseo|Plaza|Facultad|Universidad|Edad|Sexo|Fecha)\b"
)


def _name(text: str, start: int, end: int) -> tuple[int, int]:
    """The name up to where the signature goes on with a place."""
    more = _ENDS.search(text, start, end)
    return start, more.start() if more else end


_NAME_LABELS = (
    "nombre nombre_y_apellidos nombre_completo apellidos apellido primer_apellido segundo_apellido "
    "nombre_del_paciente"
    " paciente médico medico médica médico_responsable médico_remitente responsable_clínico facultativo "
    "doctor doctora "
    "remitido_por firmado"
    " fdo firma enfermera enfermero cirujano anestesista responsable autor autores madre padre esposa "
    "esposo marido"
    " hija hijo hermana hermano familiar contacto persona_de_contacto tutor remitente atendido_por "
    "realizado_por"
)
_LABELLED = rule(
    rf"(?i:{any_of(_NAME_LABELS)})(?:/a|\(a\))?\.?\s?:\s{{0,4}}(?:(?:Dra?|DRA?|Sra?|D|Dña|Don"
        rf"|Doña)\.?\s)?(?P<NAME>{_NAME_OR_JOINED})",
    0.95, check=_a_name, cut=_name,
)  # fmt: skip
_TITLED = rule(
    rf"(?:Dra|DRA|Dres|Sra|Sr|Srta|SRA|SR|Dña|Doña|Don|Prof|Profesora?|Doctora?|Señora?|Lic|Lda|Ldo)(?:\."
        rf"|\b)\s{{0,2}}(?:(?:D|Dña|Dra?)\.\s?)?(?P<NAME>{_NAME})",
    0.95, check=_a_name, cut=_name,
)  # fmt: skip
_DON = rule(rf"D\.ª?\s(?P<NAME>{_CAP}(?:\s(?:{_JOIN}\s)?{_CAP}){{1,3}})", 0.85, check=_a_name, cut=_name)
_LOWER_TITLED = rule(r"(?:dra|sra|srta|dña|doña|don)\.?\s(?P<NAME>[a-záéíóúñü]{3,20}(?:\s[a-záéíóúñü]{3,20"
    r"})?)(?![a-záéíóúñü])", 0.8,
                     check=lambda m: not any(ordinary(word) for word in m["NAME"].split()))  # fmt: skip

_WAYS = (
    "calle c/ cl. avenida avda avda. av. avd. paseo pº p.º pza pza. plaza plazuela carretera ctra ctra. "
    "camino ronda travesía"
    " glorieta urbanización urb. rambla pasaje vía bulevar cuesta callejón polígono partida carrer barrio"
)
_PART = r"[A-ZÁÉÍÓÚÑÜ0-9][\wáéíóúñüç'.-]{0,20}"
_MORE = r"[A-ZÁÉÍÓÚÑÜ][\wáéíóúñüç'.-]{0,20}"
_STREET = rule(
    rf"(?P<STREET>(?i:{any_of(_WAYS)})\s?(?:(?:de la|de los|de las|del|de|la|las|los|el"
        rf"|d')\s?)?{_PART}(?:\s(?:(?:de la|de los|del|de|y)\s)?{_MORE}){{0,4}}"
    r"(?:,?\s?(?:n[º°.]?\s?|núm\.?\s?|número\s)?[0-9]{1,4}(?:\s?(?:bis"
        r"|[A-Z]))?(?![0-9])(?:\s?[-,]?\s?(?:[0-9]{1,2}\s?[ºª°.]?\s?-?(?:[A-Z]|izq\.?|izda\.?|dcha\.?"
        r"|izquierda|derecha)?|bajo|piso\s?[0-9]{1,2}|puerta\s?[0-9A-Z]{1,3}|portal\s?[0-9]{1,2}"
        r"|esc\.?\s?[0-9A-Z])(?![\w])){0,3})?)",
    0.9, check=lambda m: not re.match(r"(?:plaza|vía|camino|ronda|paseo|partida|cuesta|calle"
        r"|barrio)\s(?:[a-z]|oral|aérea)", m["STREET"]) and (
        any(c.isdigit() for c in m["STREET"]) or not re.match(r"(?i:vía|partida|cuesta|camino|ronda|plaza)", m["STREET"])),
)  # fmt: skip
_VALUE = r"[A-ZÁÉÍÓÚÑÜ][^\n.;:,]{1,40}"
_HOME = rule(
    r"(?:domicilio|dirección|direccion)\s?:\s{0,3}(?P<STREET>[^\n;:]{3,70}?)(?=\.?\s?(?:\n|\Z"
    r"|Localidad|CP|Tel|Teléfono|Población|Provincia|\.\s))",
    0.96,
    flags=_I,
)
_TOWN = rule(rf"(?i:localidad\s?/\s?provincia|localidad|población|poblacion|municipio|ciudad|provincia"
    rf"|lugar de nacimiento|natural de|procedencia|residente en|reside en|vecino de|vecina de"
    rf"|procedente de)\s?:?\s{{0,3}}(?P<LOCATION>{_VALUE}?)(?=[\n.;:,(]|\Z|\s(?:con|que|por|sin|y|en"
    rf"|de edad|desde)\s)", 0.9,
             check=lambda m: m["LOCATION"].lower() not in ("urgencias", "españa", "consultas"))  # fmt: skip
_POSTAL = rule(
    r"(?:c\.?p\.?|código postal|codigo postal|cod\.? postal)\s?:?\s{0,3}(?P<ZIP>(?:0[1-9]"
    r"|[1-4][0-9]|5[0-2])[0-9]{3})(?![0-9])",
    0.96,
    flags=_I,
)
_POSTAL_TOWN = rule(r"(?<![0-9A-Za-z.,/])(?P<ZIP>(?:0[1-9]|[1-4][0-9]"
    r"|5[0-2])[0-9]{3})\s(?:\()?(?P<LOCATION>[A-ZÁÉÍÓÚÑ][a-záéíóúñü]{2,20}(?:\s(?:de|del"
    r"|la)\s[A-ZÁÉÍÓÚÑ][a-záéíóúñü]{2,20}|\s[A-ZÁÉÍÓÚÑ][a-záéíóúñü]{2,20})?)(?=[\s.,;)(\n]|\Z)", 0.6, digits=(5, 5), then=" ",
                    check=lambda m: not ordinary(m["LOCATION"].split()[0].lower()) and not re.match(r"\s?[0-9<>]", after(m)), cut=_name)  # fmt: skip

_KINDS = (
    "hospital hospitales clínica clinica centro_de_salud centro_médico centro_de_especialidades "
    "ambulatorio consultorio"
    " residencia instituto universidad facultad colegio policlínica policlínico sanatorio fundación "
    "complejo_hospitalario"
    " complejo_asistencial consorcio_hospitalario consorcio farmacia institut hospital_universitario "
    "hospital_general"
    " unidad_docente escuela"
)
_ORG = rule(
    rf"(?P<ORGANIZATION>(?:Hospital|Clínica|Clinica|Centro de Salud|Centro Médico|Centro de Especialidades"
        rf"|Ambulatorio|Residencia|Instituto|Universidad|Colegio|Policlínic[ao]|Sanatorio|Fundación"
        rf"|Complejo Hospitalario|Complejo Asistencial|Consorcio|Farmacia|Institut|Fundació|Facultad "
        rf"de Medicina|Corporació|Centre|Parc)"
    rf"(?:\s(?:de la|de los|de las|de l'|del|de|la|las|el|y|i|d'|en|San|Santa|Ntra\.|Sra\.|Dr\."
        rf"|{_PART}))*?\s?(?:{_PART})(?:\s(?:(?:de la|de los|de las|del|de|la|y|i|d')\s)*(?:San\s"
        rf"|Santa\s)?{_PART}){{0,5}})".replace(")*?", "){0,4}?"),
    0.85, check=lambda m: _a_place(m["ORGANIZATION"]),
)  # fmt: skip
_SHARED = frozenset(
    [
        "hospital",
        "clínica",
        "centro",
        "salud",
        "médico",
        "de",
        "la",
        "del",
        "los",
        "las",
        "el",
        "y",
        "general",
        "universitario",
        "universitaria",
        "regional",
        "comarcal",
        "provincial",
        "medicina",
        "cirugía",
        "pediatría",
        "instituto",
        "colegio",
        "residencia",
        "consorcio",
        "farmacia",
        "facultad",
        "fundación",
        "nacional",
        "dr",
        "sra",
        "ntra",
        "complejo",
        "hospitalario",
        "asistencial",
        "hospitalaria",
        "universidad",
        "servicio",
        "urgencias",
        "referencia",
        "día",
    ]
)


def _a_place(name: str) -> bool:
    """Whether the name has a word of its own beside its kind."""
    words = [word.strip(".,").lower() for word in name.split()]
    joined = any(word in ("de", "del", "la", "san", "santa") for word in words)
    return any(word not in _SHARED and (joined or not ordinary(word)) for word in words[1:] if len(word) > 2)


_STEMS = " ".join(sorted({re.split(r"[^\w]", way)[0] for way in _WAYS.split() if re.split(r"[^\w]", way)[0]}))
_LABEL_STEMS = " ".join(sorted({label.split("_")[0] for label in _NAME_LABELS.split()}))

FAMILY = Family(
    words=at_words(
        (_LABEL_STEMS, _LABELLED),
        ("dra dres sra sr srta dña doña don prof profesor profesora doctor doctora señor señora lic lda "
            "ldo", _TITLED),
        ("d", _DON),
        ("dra sra srta dña doña don", _LOWER_TITLED),
        (_STEMS, _STREET),
        ("domicilio dirección direccion", _HOME),
        ("localidad población poblacion municipio ciudad provincia lugar natural procedencia residente "
            "reside vecino vecina procedente", _TOWN),
        ("cp c código codigo cod", _POSTAL),
        ("hospital clínica clinica centro ambulatorio residencia instituto universidad colegio "
            "policlínica policlínico sanatorio"
         " fundación complejo consorcio farmacia institut fundació facultad corporació centre parc", _ORG),
    ),
    numbers=(_POSTAL_TOWN,),
)  # fmt: skip

ONLY_IN_SPANISH = Family(
    numbers=(
        rule(
            r"(?<![A-Za-z0-9_.,/-])(?P<PHONE>[679][0-9]{8})(?![A-Za-z0-9_]|[.,/-][0-9])", 0.7, digits=(9, 9)
        ),
    )
)
"""Telephone numbers in one piece, which elsewhere are any number."""
