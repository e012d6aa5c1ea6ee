"""Spanish streets, towns, postal codes, hospitals and employers by form.

Law: a street that is an everyday word (vía, camino, polígono) needs its number; a town needs a word for living
there, its postal code or a street before it; an institution ends with its line or sentence; a country is none.
Sources: Correos' kinds of streets and postal codes (01001 to 52999).
Imports: common words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.rules import Family, after, any_of, at_words, rule

_I = re.IGNORECASE
_WAYS = (
    "calle c/ cl. avenida avda avda. av. avd. paseo pº p.º pza pza. plaza plazuela carretera ctra ctra. "
    "camino ronda travesía"
    " glorieta urbanización urb. rambla pasaje vía bulevar cuesta callejón polígono partida carrer barrio"
)
_PART = r"[A-ZÁÉÍÓÚÑÜ0-9][\wáéíóúñüç'.-]{0,20}"
_MORE = r"[A-ZÁÉÍÓÚÑÜ][\wáéíóúñüç'.-]{0,20}"
_NUMBER = (
    r"(?:,?\s?(?:n\.?\s?[º°o]\.?\s?|núm\.?\s?|número\s|N\.?\s?[º°O]\.?\s?)?[0-9]{1,4}(?:\s?(?:bis|[A-Z]))?(?![0-9])"
    r"(?:\s?[-,]?\s?(?:[0-9]{1,2}\s?\.?[ºª°]?\.?\s?-?(?:[A-Z](?![a-záéíóú])|izq\.?|izda\.?|dcha\.?|izquierda|derecha)?|bajo"
    r"|(?:piso|puerta|portal|esc\.?|escalera|planta|bloque|bl\.?)\s?[0-9A-Z]{1,3})(?![\w])){0,3})?"
)
_TOWN_WORD = r"[A-ZÁÉÍÓÚÑ](?:[a-záéíóúñü]{2,20}|[A-ZÁÉÍÓÚÑ]{2,20})(?:-[A-ZÁÉÍÓÚÑ][a-záéíóúñü]{2,20})?"
_PLACE = rf"{_TOWN_WORD}(?:[ ](?:de la|de los|de las|de|del|la|el|DE LA|DE LOS|DEL|DE)(?=[ ][A-ZÁÉÍÓÚÑ])|[ ]{_TOWN_WORD}){{0,4}}"
_NEEDS_NUMBER = re.compile(r"(?i:vía|partida|cuesta|camino|ronda|plaza|polígono)")
_ACCESS = re.compile(r"(?i:vía)\s(?i:perif|central|venosa|oral|aérea|clínica|biliar|endo|intra|sub|par)")
_NO_STREET = re.compile(
    r"(?:plaza|vía|camino|ronda|paseo|partida|cuesta|calle|barrio|polígono)\s(?:[a-z]|oral|aérea)"
)


def _a_street(match: re.Match[str]) -> bool:
    street = match["STREET"]
    numbered = any(sign.isdigit() for sign in street)
    if (not numbered and _NEEDS_NUMBER.match(street)) or re.match(r"(?i:av|cl)\.?\s?[0-9]", street):
        return False
    if _ACCESS.match(street):
        return False
    return numbered or not _NO_STREET.match(street)


_STREET_FORM = (
    rf"(?P<STREET>(?i:{any_of(_WAYS)})\s?(?:(?:de la|de los|de las|del|de|la|las|los|el|DE LA|DE LOS|DE LAS|DEL|DE|LA|LAS|LOS"
    rf"|d')\s?)?{_PART}(?:\s(?:(?:de la|de los|del|de|y|DE LA|DE LOS|DEL|DE|Y)\s)?{_MORE}){{0,4}}{_NUMBER})"
)
_STREET = rule(_STREET_FORM, 0.9, check=_a_street)
_STREET_TOWN = rule(
    rf"{_STREET_FORM},\s{{1,2}}(?:[0-9]{{5}}\s)?(?P<LOCATION>{_PLACE})(?=[,.;()\n]|\Z| con\b| CON\b| y\b| Y\b)", 0.85,
    check=lambda m: any(sign.isdigit() for sign in m["STREET"]) and not _starts_ordinary(m["LOCATION"]),
)  # fmt: skip
_VALUE = r"[A-ZÁÉÍÓÚÑÜ][^\n.;:,]{1,40}"
_HOME = rule(
    r"(?:domicilio|dirección|direccion)\s?:\s{0,3}(?P<STREET>[^\n;:]{3,70}?)(?=\.?\s?(?:\n|\Z"
    r"|Localidad|CP|Tel|Teléfono|Población|Provincia|\.\s))",
    0.96,
    flags=_I,
)
_COUNTRIES = frozenset(
    (
        "urgencias españa consultas argentina bolivia brasil chile china colombia cuba ecuador el_salvador francia alemania"
        " guatemala honduras italia marruecos méxico nicaragua panamá paraguay perú portugal rumanía rumania senegal ucrania"
        " uruguay venezuela pakistán india filipinas reino_unido república_dominicana estados_unidos polonia bulgaria rusia"
        " argelia nigeria gambia mali guinea bangladesh casa domicilio planta quirófano residencia"
    )
    .replace("_", "·")
    .split()
)


def _no_country(match: re.Match[str]) -> bool:
    place = match["LOCATION"].lower()
    return place.replace(" ", "·") not in _COUNTRIES and not re.match(
        "domicilio|casa|residencia|planta", place
    )


def _town(text: str, start: int, end: int) -> tuple[int, int]:
    """The town alone where the sentence goes on in capitals."""
    more = re.compile(r"\s(?:y|con|que|por|sin|en|desde|ingresa|acude)\s", _I).search(text, start, end)
    return start, more.start() if more else end


def _starts_ordinary(place: str) -> bool:
    """Whether a place begins with an everyday word and nothing makes it one of several words."""
    words = place.lower().translate(str.maketrans("áéíóúüñ", "aeiouun")).split()
    return ordinary(words[0]) and len(words) < 3


_TOWN = rule(
    r"(?i:localidad\s?/\s?provincia|localidad|población|poblacion|municipio|ciudad|provincia"
    r"|lugar de nacimiento|natural de|procedencia|residente en|reside en|vecino de|vecina de"
    rf"|procedente de)\s?:?\s{{0,3}}(?P<LOCATION>{_VALUE}?)(?=[\n.;:,(]|\Z|\s(?:con|que|por|sin|y|en"
    r"|de edad|desde)\s)",
    0.9,
    check=_no_country,
    cut=_town,
)
_DWELLS = rule(
    r"(?i:residía|residió|reside|residen|residente|vive|vivía|viven|nació|nacid[oa]|empadronad[oa]|domiciliad[oa]|visita a su [a-zñ]+"
    r"|visitando a su [a-zñ]+|viaje reciente|jubilad[oa])\s(?:en|EN)\s(?!(?i:calle|c/|avda|avenida|plaza|pza|paseo|camino|residencia|centro|casa|piso)\b)"
    rf"(?P<LOCATION>{_PLACE})",
    0.85,
    check=lambda m: _no_country(m) and not _starts_ordinary(m["LOCATION"]),
    cut=_town,
)
_DATED = rule(
    rf"(?P<LOCATION>{_PLACE}), a (?=[0-9]{{1,2}}(?: de |[/.-]))",
    0.8,
    check=lambda m: not _starts_ordinary(m["LOCATION"]),
)
_POSTAL = rule(
    r"(?:c\.?p\.?|código postal|codigo postal|cod\.? postal)\s?:?\s{0,3}(?P<ZIP>(?:0[1-9]"
    r"|[1-4][0-9]|5[0-2])[0-9]{3})(?![0-9])",
    0.96,
    flags=_I,
)
_POSTAL_TOWN = rule(
    rf"(?<![0-9A-Za-z./])(?<![0-9],)(?P<ZIP>(?:0[1-9]|[1-4][0-9]|5[0-2])[0-9]{{3}})\s\(?(?P<LOCATION>{_PLACE})(?=[\s.,;)(\n]|\Z)",
    0.6,
    digits=(5, 5),
    then=" ",
    check=lambda m: not _starts_ordinary(m["LOCATION"]) and not re.match(r"\s?[0-9<>]", after(m)),
)

_KINDS = (
    "Hospital|Clínica|Clinica|Centro de Salud|Centro Médico|Centro de Especialidades|Centro de Diálisis|Centro de Rehabilitación"
    "|Ambulatorio|Consultorio|Residencia|Instituto|Universidad|Colegio|Policlínic[ao]|Sanatorio|Fundación|Complejo Hospitalario"
    "|Complejo Asistencial|Consorcio|Farmacia|Institut|Fundació|Facultad de Medicina|Corporació|Centre|Parc|Laboratorios?|Mutua"
    "|Hospice|Balneario|Centro Penitenciario|Centro de Día|Unidad de Diálisis"
)
_FIRMS = (
    "Bodegas?|Cerámicas?|Autobuses|Autocares|Conservas|Talleres|Taller|Panadería|Carpintería|Construcciones|Transportes|Supermercados?|Muebles"
    "|Ferretería|Papelería|Imprenta|Viveros|Granja|Cooperativa|Hotel|Restaurante|Gestoría|Asesoría|Seguros|Textiles|Industrias"
    "|Almacenes|Astilleros|Fundiciones|Hilaturas|Lácteos|Cárnicas|Limpiezas|Peluquería|Librería|Academia|Ayuntamiento de|IES|CEIP|Guardería"
)
_PROPER = r"(?:[A-ZÁÉÍÓÚÑÜ][\wáéíóúñüç'-]{1,24}|(?:Sta|Sto|Ntra|Sra|Dr|Dra|S)\.|[A-ZÁÉÍÓÚÑÜ](?=[\s]))"
_OF = (
    r"(?:de la|de los|de las|de l'|del|de|la|las|los|el|y|i|d'|en|DE LA|DE LOS|DE LAS|DEL|DE|LA|LAS|LOS|EL|Y)"
)
_BODY = rf"(?:\s(?:{_OF}[ ]){{1,2}}{_PROPER}|[ ]{_PROPER}|(?<=\w)\n(?![A-ZÁÉÍÓÚÑÜ][\wáéíóú]*:){_PROPER})"
_STOPS = re.compile(
    r"\s(?:[yY]\s(?i:dad[oa]|fue|se|remitid[oa]|alta)\b|(?:del?|el|en)\s[0-9]|(?:EN|POR|CON|DESDE|EL|PARA|A|QUE|SIN|INFORME|TRAÍDO|HASTA|PARA|FUE|SE)\b|(?i:servicio|sección|unidad|planta|paciente"
    r"|nombre|asunto|informe|fecha|motivo|copia|dirección|teléfono|tel|vive|viudo|viuda|nota|hoja|evolución)\b)"
)


def _institution(text: str, start: int, end: int) -> tuple[int, int]:
    """Up to where a report goes on; over a line end only to a word that is no head of a report."""
    more = _STOPS.search(text, start, end)
    end = more.start() if more else end
    line = text.find("\n", start, end)
    while line > 0:
        following = re.compile(r"\s*([^\W\d_]+)").match(text, line, end)
        if following is None or text[following.end() : following.end() + 1] == ":" or _heads(following[1]):
            end = line
            break
        line = text.find("\n", line + 1, end)
    return (start, end) if _a_place(text[start:end]) else (start, start)


def _heads(word: str) -> bool:
    """Whether a word after a line end is one that reports begin lines with; particles and kinds are none."""
    plain = word.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
    if plain in (
        "de",
        "del",
        "la",
        "los",
        "las",
        "general",
        "dental",
        "universitario",
        "comarcal",
        "salud",
        "san",
    ):
        return False
    return ordinary(plain)


_KINDS_BROKEN = _KINDS.replace(" ", r"\s")
_ORG = rule(rf"(?P<ORGANIZATION>(?:{_KINDS_BROKEN}){_BODY}{{1,6}})", 0.85, cut=_institution)
_UPPER_ORG = rule(
    rf"(?P<ORGANIZATION>(?:{_KINDS.replace('[ao]', 'A').upper()}){_BODY}{{1,6}})", 0.85, cut=_institution
)
_FIRM = rule(
    rf"(?P<ORGANIZATION>(?:{_FIRMS})(?: (?:de|del|la|y))?(?: [A-ZÁÉÍÓÚÑÜ][\wáéíóúñüç'-]{{2,24}}){{1,3}})",
    0.75,
    cut=_institution,
)
_WORKS = rule(
    rf"(?i:trabaja|trabajaba|trabajó|trabajador[a]?|emplead[oa]|operari[oa])\s(?:en|de|para|EN|PARA)\s(?P<ORGANIZATION>{_PROPER}(?: {_PROPER}){{1,3}})", 0.8,
    cut=_institution,
)  # fmt: skip
_SHARED_WORDS = (
    "hospital clinica centro salud medico de la del los las el y general universitario universitaria regional comarcal"
    " provincial medicina cirugia pediatria instituto colegio residencia consorcio farmacia facultad fundacion nacional"
    " dr sra ntra complejo hospitalario asistencial hospitalaria universidad servicio urgencias referencia dia dialisis"
    " consultorio ambulatorio especialidades diurno privada privado publico habitual cabecera mayores medica social"
)
_SHARED = frozenset(_SHARED_WORDS.split())


def _a_place(name: str) -> bool:
    """Whether the name has a word of its own beside its kind."""
    plain = name.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
    words = [word.strip(".,") for word in plain.split()]
    joined = any(word in ("de", "del", "la", "san", "santa", "virgen") for word in words)
    return any(word not in _SHARED and (joined or not ordinary(word)) for word in words[1:] if len(word) > 2)


_STEMS = " ".join(sorted({re.split(r"[^\w]", way)[0] for way in _WAYS.split() if re.split(r"[^\w]", way)[0]}))
_KIND_STEMS = (
    "hospital clínica clinica centro ambulatorio consultorio residencia instituto universidad colegio policlínica"
    " policlínico sanatorio fundación complejo consorcio farmacia institut fundació facultad corporació centre parc"
    " laboratorio laboratorios mutua hospice balneario unidad"
)
_FIRM_STEMS = " ".join(
    sorted(
        {re.sub(r"\W.*", "", firm.lower()) for firm in _FIRMS.replace("s?", "").split("|")}
        | {"bodegas", "cerámicas", "supermercados"}
    )
)

PLACES = Family(
    words=at_words(
        (_STEMS, _STREET),
        (_STEMS, _STREET_TOWN),
        ("domicilio dirección direccion", _HOME),
        (
            "localidad población poblacion municipio ciudad provincia lugar natural procedencia residente "
            "reside vecino vecina procedente",
            _TOWN,
        ),
        (
            "residía residió reside residen residente vive vivía viven nació nacido nacida empadronado empadronada"
            " domiciliado domiciliada visita visitando jubilado jubilada",
            _DWELLS,
        ),
        ("cp c código codigo cod", _POSTAL),
        (_KIND_STEMS, _ORG),
        (_KIND_STEMS, _UPPER_ORG),
        (_FIRM_STEMS, _FIRM),
        (
            "trabaja trabajaba trabajó trabajador trabajadora empleado empleada operario operaria",
            _WORKS,
        ),
    ),
    numbers=(_POSTAL_TOWN,),
)
DATED = _DATED
