"""Spanish names: after a label, a title, a verb of handing over or a relative, before an age, a sex or a number.

Law: a label alone makes no name of an ordinary word; a name ends where the sentence goes on, also in capitals
("DR. OTXOA EN CLÍNICA"). An eponym ("síndrome de Sjögren Larsson") is none. Sources: the usual heads of Spanish
reports.
Imports: common words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.rules import Family, Scan, any_of, at_words, before, rule

_CAP = (
    r"(?:[A-ZÀ-Þ][a-zß-ÿ]{1,20}(?:[-'][A-ZÀ-Þ]?[a-zß-ÿ]{1,20})?|[A-ZÀ-Þ]{2,20}(?:-[A-ZÀ-Þ]{2,20})?"
    r"|[A-ZÀ-Þ]\.(?!º)|M[ªa]\.?)(?![A-Za-zÀ-ÿ])"
)
_JOIN = r"(?:[Dd]e la|[Dd]e los|[Dd]e las|[Dd]el|[Dd]e|da|dos|y|i|la|van|von|DE LA|DE LOS|DEL|DE|Y)"
_SPACE = r"(?:[ ]{1,2}|[ ]?\n[ ]{0,4})"
_NAME = rf"{_CAP}(?:{_SPACE}(?:{_JOIN} )?{_CAP}){{0,4}}"
_TWO = rf"{_CAP}(?:{_SPACE}(?:{_JOIN} )?{_CAP}){{1,4}}"
_IN_LINE = rf"{_CAP}(?: {{1,2}}(?:{_JOIN} )?{_CAP}){{1,4}}"
_LAST_FIRST = rf"{_CAP}(?: (?:{_JOIN} )?{_CAP}){{0,2}},\s{_CAP}(?:{_SPACE}{_CAP}){{0,2}}"
_ANY_NAME = rf"(?:(?:De la|De los|De|Del|La|de la|del|de)\s)?(?:{_LAST_FIRST}|{_NAME})"

_STOPS_LISTED = """
en por desde con fue es ha sin para que se su sus al a el los las un una nº no nhc col colegiado dni nif nie nass tel
telefono telf tfno servicio hospital seccion unidad departamento dpto centro clinica medico numcol email correo avda
calle paseo plaza facultad universidad edad sexo fecha nombre apellidos domicilio paciente historia varon mujer hombre
niño niña años natural residente ingresa ingreso presenta acude refiere lo le solicita valora indica pauta explica
informe motivo diagnostico asunto indicacion tratamiento evolucion exploracion conclusiones firmado fdo ref cama
habitacion episodio localidad provincia alergias antecedentes medicacion recomendaciones nacimiento nacido nacida
pasaporte poliza sr sra dr dra doctor doctora don doña enfermera enfermero cirujano radiologo consultorio ambulatorio
medicina cirugia interconsulta protocolo resonancia ecografia sindrome enfermedad signo escala test indice
tarjeta acompaña deja
urgencias planta turno alta juicio plan
"""
_ACCENTS = str.maketrans("áéíóúüñç", "aeiouunc")
_STOPS = frozenset(_STOPS_LISTED.translate(_ACCENTS).split())
_PIECE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_HEAD = re.compile(r"[^\n:,.]{1,24}:")
_PARTICLES = frozenset(("de", "del", "la", "los", "las", "y", "i", "da", "dos", "van", "von", "el"))


_TECHNICAL = re.compile(
    r"(?:log[ií]a|itis|osis|ectom[ií]a|pat[ií]a|emias?|scop[ií]as?|graf[ií]as?|tom[ií]a|ci[oó]n|ciones|miento|omas?|uria|algia|plastia|iatr[ií]a|cirug[ií]a"
    r"|ectasia|megalia|pen[ií]a|plej[ií]a|cida|cilina|micina|pril|sartan|statina|prazol|azol|mente|ncia|nica|nico|gica|gico|tica|tico)\Z"
)


def _plain(word: str) -> str:
    return word.lower().translate(_ACCENTS)


def _name(text: str, start: int, end: int) -> tuple[int, int]:
    """The name up to where a form or sentence goes on; over a line end only where no head of a form follows."""
    last = start
    for piece in _PIECE.finditer(text, start, end):
        word = _plain(piece[0])
        if word in _PARTICLES:
            continue
        broken = "\n" in text[last : piece.start()]
        if word in _STOPS or (broken and (ordinary(word) or _HEAD.match(text, piece.start()))):
            break
        last = piece.end()
    dotted = text[last : last + 1] == "." and re.fullmatch(r"[A-Z]|Mª?|Ma", text[max(start, last - 1) : last])
    return start, min(end, last + bool(dotted))


def _sure(text: str, start: int, end: int) -> tuple[int, int]:
    """A name whose first word is no ordinary one, where it has no second that is none either."""
    start, end = _name(text, start, end)
    words = [word for word in _PIECE.findall(text[start:end]) if word.lower() not in _PARTICLES]
    if not words or all(ordinary(_plain(word)) for word in words[:2]):
        return start, start
    return (start, start) if len(words) == 1 and technical(words[0]) else (start, end)


def technical(word: str) -> bool:
    """Whether a word ends as those of diseases, drugs, departments and participles do."""
    return len(word) > 5 and _TECHNICAL.search(_plain(word)) is not None


def _surely_two(text: str, start: int, end: int) -> tuple[int, int]:
    """As `_sure`, where two words or more are left and none is ordinary."""
    start, end = _sure(text, start, end)
    words = [word for word in _PIECE.findall(text[start:end]) if word.lower() not in _PARTICLES]
    strange = len(words) > 1 and not any(ordinary(_plain(word)) for word in words)
    return (start, end) if strange and not any(map(technical, words[-1:])) else (start, start)


_LABELS = (
    "nombre nombre_y_apellidos nombre_completo apellidos apellido primer_apellido segundo_apellido nombre_del_paciente"
    " paciente médico medico médica médico_responsable médico_remitente responsable_clínico facultativo doctor doctora"
    " remitido_por firmado fdo firma enfermera enfermero cirujano anestesista responsable autor autores madre padre"
    " esposa esposo marido hija hijo hermana hermano familiar contacto persona_de_contacto tutor remitente atendido_por"
    " realizado_por radiólogo radióloga patólogo patóloga médico_de_cabecera médico_de_familia pulsera"
    " comprobada_pulsera titular asegurado informante acompañante cuidador cuidadora"
)
_TITLE = r"(?:(?:Dra?|DRA?|Sra?|SRA?|D|Dña|DÑA|Don|Doña|DON|DOÑA)\.?ª?\.?\s)?"
_LABELLED = rule(
    rf"(?i:{any_of(_LABELS)})(?:/a|\(a\))?\.?\s?:\s{{0,4}}{_TITLE}(?P<NAME>{_ANY_NAME})", 0.95, cut=_sure
)
_LETTER_HEAD = rule(
    rf"(?:De|Para|Asunto|DE|PARA|ASUNTO)\s?:\s{{0,4}}{_TITLE}(?P<NAME>{_ANY_NAME})", 0.9, cut=_sure
)
_FORM = rule(
    rf"(?i:nombre(?: y apellidos| completo| del paciente)?|primer apellido|segundo apellido|apellidos?)\s?:?[ \t]{{1,4}}"
    rf"(?P<NAME>{_ANY_NAME})",
    0.95,
    cut=_name,
    check=lambda m: ":" in m[0] or " " in m["NAME"],
)
_TITLED = rule(
    r"(?:Dra|DRA|Dres|DRES|Sra|Sr|Srta|SRA|SR|SRTA|Dña|DÑA|Doña|DOÑA|Don|DON|Prof|Profesora?|Doctora?|Señora?|Lic|Lda|Ldo)(?:\."
    rf"|\b)\s{{1,2}}(?:(?:D|Dña|Dra?)\.\s?)?(?P<NAME>{_ANY_NAME})",
    0.95,
    cut=_sure,
)
_DOCTOR = rule(
    rf"(?:Dr|DR)\.?\s{{1,2}}(?P<NAME>(?:(?:De la|De|Del|de la|del|de)\s)?{_NAME})", 0.95, cut=_sure
)
_DON = rule(rf"D\.(?:ª|a)?\.?\s(?P<NAME>{_TWO})", 0.9, cut=_sure)
_DOCTORS = rule(
    rf"(?:Dres|DRES|Dras|DRAS)\.?\s{_NAME}(?:,\s(?P<NAME_2>{_NAME}))?\s(?:y|e|Y|E)\s(?P<NAME_3>{_NAME})",
    0.95,
    cut=_name,
)
_LOWER_TITLED = rule(
    r"(?:dra|sra|srta|dña|doña|don)\.?\s(?P<NAME>[a-záéíóúñü]{3,20}(?:\s[a-záéíóúñü]{3,20})?)(?![a-záéíóúñü])",
    0.8,
    check=lambda m: not any(ordinary(_plain(word)) for word in m["NAME"].split()),
)

_DONE_BY = rule(
    r"(?i:firmado|atendid[oa]|valorad[oa]|traíd[oa]|trasladad[oa]|remitid[oa]|derivad[oa]|acompañad[oa]|realizad[oa]|informad[oa]|validad[oa]"
    r"|dictad[oa]|transcrit[oa]|redactad[oa]|revisad[oa]|solicitad[oa]|intervenid[oa]|operad[oa]|explorad[oa]|entrevistad[oa]|seguid[oa]"
    r"|avisad[oa]|relevad[oa]|sustituid[oa])(?i:\selectrónicamente|\sdigitalmente)?\s(?i:por|de|a)\s?:?\s(?i:su [a-záéíóú]{3,10},?\s)?"
    rf"{_TITLE}(?P<NAME>{_NAME})",
    0.85,
    cut=_sure,
)
_TOLD = rule(
    r"(?i:(?:informa|informó|avisa|avisó|entrega|entregó|comunica|comunicó|explica|llama|llamó|consulta|deriva|remite)"
    r"(?: (?:(?:el |la )?(?:copia|resultados?|informe|alta|turno)))?(?: por teléfono| telefónicamente)? a)"
    rf"\s{_TITLE}(?P<NAME>{_NAME})",
    0.85,
    cut=_sure,
)
_HANDED = rule(
    r"(?i:copias? para|a cargo de|(?:recibe|entrega|deja) el turno(?: a)?|se presenta|llamado|llamada|llamarse|apellidad[oa]|con el turno de"
    rf"|según(?: refiere| cuenta)?|comentado con|consensuado con|pactado con|hablado con|acude con|vive con|convive con)\s{_TITLE}"
    rf"(?P<NAME>{_NAME})",
    0.8,
    cut=_sure,
)
_CLOSING = rule(
    rf"(?i:atentamente|cordialmente|un saludo|saludos(?: cordiales)?|fdo),?\.?[ ]?\n\s{{0,4}}{_TITLE}(?P<NAME>{_IN_LINE}|{_CAP})(?=[ ]?(?:\n|,|\Z))",
    0.9,
    cut=_sure,
)
_SAYS = (
    "comenta|refiere|pregunta|dice|cuenta|explica|niega|acude|ingresa|vive|trabaja|permanece|permaneció|consulta|vuelve|regresa|recuerda|prefiere"
    "|solicita|acepta|rechaza|tolera|camina|firma|entiende|relata|llega|llegó|fue|queda|presenta|precisa|mejora|quiere"
)
_SPEAKS = rule(rf"(?<![\w-])(?P<NAME>{_IN_LINE})\s(?:{_SAYS})", 0.75, behind=True, cut=_surely_two)
_ONE_SPEAKS = rule(
    r"(?<=[.\n] )(?P<NAME>[A-ZÀ-Þ][a-zß-ÿ]{2,20})\s(?:comenta|pregunta|dice|cuenta)",
    0.6,
    behind=True,
    cut=_sure,
)
_RELATIVES = (
    "madre|padre|esposa|esposo|marido|mujer|hija|hijo|hermana|hermano|sobrina|sobrino|nieta|nieto|abuela|abuelo|tía|tío|prima|primo|cuñada|cuñado"
    "|suegra|suegro|nuera|yerno|pareja|novia|novio|vecina|vecino|amiga|amigo|cuidadora|cuidador|tutora|tutor|compañera|compañero"
)
_RELATIVE = rule(
    rf"(?i:{_RELATIVES})(?:,|\s\(|\s?:)?\s(?:(?:llamad[oa]|de nombre)\s)?(?P<NAME>{_NAME})", 0.8, cut=_sure,
    check=lambda m: m["NAME"][:2].istitle() or m[0].isupper(),
)  # fmt: skip
_PATIENT = rule(rf"(?i:paciente|médic[oa]|enfermer[oa]|celador[a]?|cirujan[oa]|fisioterapeuta|auxiliar|trabajador[a]? social),?\s(?P<NAME>{_TWO})", 0.85,
                cut=_surely_two)  # fmt: skip

_AGED = rule(
    rf"(?<![\w-])(?P<NAME>{_LAST_FIRST}|{_IN_LINE}),?\s(?:de\s)?[0-9]{{1,3}}\s(?i:años)",
    0.85,
    behind=True,
    cut=_surely_two,
)
_SEXED = rule(
    rf"(?<![\w-])(?P<NAME>{_LAST_FIRST}|{_IN_LINE}),\s(?i:var[oó]n|mujer|hombre|niñ[oa]|enfermer[oa]|médic[oa]|celadora?|auxiliar"
    r"|(?:n\.?\s?[ºo]\.?\s)?col|nhc|dni|nie|radiólog[oa]|cirujan[oa])",
    0.85,
    behind=True,
    cut=_surely_two,
)
_ONE_SEXED = rule(
    rf"(?<![\w-])(?P<NAME>{_CAP}),\s(?i:enfermer[oa]|celadora?|col|nhc)", 0.8, behind=True, cut=_sure
)

_NUMBERED = rule(rf"(?<![\w-])(?P<NAME>{_LAST_FIRST}|{_TWO})\s\((?P<MRN>[0-9]{{5,9}})\)", 0.85)
_BEFORE_EPONYM = re.compile(
    r"(?:s[ií]ndrome|enfermedad|signo|test|escala|índice|criterios?|maniobra|fractura|clasificaci[oó]n|tinci[oó]n|anemia|virus|bacilo|prueba"
    r"|tumor|ley|mal|punto|triángulo|ligamento|prótesis|sonda|catéter|stent|pinza|técnica|reflejo|hospital|clínica|centro|calle|avda|plaza"
    r"|instituto|universidad|fundación|residencia|colegio|paseo|camino|avenida)\s(?:de |del |de la |la |el )?\Z"
)
_THREE = rule(
    r"(?<![\w./-])(?P<NAME>[A-ZÁÉÍÓÚÑÜ][a-záéíóúñüç]{2,20}(?: (?:(?:de la|de|del|y) )?[A-ZÁÉÍÓÚÑÜ][a-záéíóúñüç]{2,20}){2,4})(?![\wáéíóú:-])",
    0.6,
    cut=_surely_two,
    check=lambda m: not _BEFORE_EPONYM.search(before(m)) and _none_ordinary(m["NAME"]),
)


def _none_ordinary(name: str) -> bool:
    return not any(ordinary(_plain(word)) for word in _PIECE.findall(name) if word.lower() not in _PARTICLES)


_LABEL_STEMS = " ".join(sorted({label.split("_")[0] for label in _LABELS.split()}))
_DONE_WORDS = (
    "firmado atendido atendida valorado valorada traído traída trasladado trasladada remitido remitida derivado derivada"
    " acompañado acompañada realizado realizada informado informada validado dictado transcrito redactado revisado"
    " solicitado solicitada intervenido intervenida operado operada explorado explorada entrevistado entrevistada"
    " seguido seguida avisado avisada relevado relevada sustituido sustituida"
)

NAMES = Family(
    words=at_words(
        (_LABEL_STEMS, _LABELLED),
        ("nombre primer segundo apellido apellidos", _FORM),
        (
            "dra dres sra sr srta dña doña don prof profesor profesora doctor doctora señor señora lic lda ldo",
            _TITLED,
        ),
        ("d", _DON),
        ("dres dras", _DOCTORS),
        ("dra sra srta dña doña don", _LOWER_TITLED),
        (_DONE_WORDS, _DONE_BY),
    ),
)
"""What Spanish words give away in a text of any language."""

ONLY_IN_SPANISH = Family(
    words=at_words(
        (
            "informa informó avisa avisó entrega entregó comunica comunicó explica llama llamó consulta deriva remite",
            _TOLD,
        ),
        (
            "copia copias a recibe entrega deja se llamado llamada llamarse apellidado apellidada con según comentado"
            " consensuado pactado hablado acude vive convive",
            _HANDED,
        ),
        ("atentamente cordialmente un saludos fdo", _CLOSING),
        (_SAYS.replace("|", " "), _SPEAKS),
        ("comenta pregunta dice cuenta", _ONE_SPEAKS),
        (_RELATIVES.replace("|", " "), _RELATIVE),
        (
            "paciente médico médica enfermera enfermero celador celadora cirujano cirujana fisioterapeuta auxiliar"
            " trabajador trabajadora",
            _PATIENT,
        ),
        ("de para asunto", _LETTER_HEAD),
        ("dr", _DOCTOR),
        ("años", _AGED),
        (
            "varón varon mujer hombre niño niña enfermera enfermero médico médica celador celadora auxiliar col nhc dni"
            " nie radiólogo radióloga cirujano cirujana",
            _SEXED,
        ),
        ("enfermera enfermero celador celadora col nhc", _ONE_SEXED),
    ),
    scans=(Scan(lambda text: "(" in text, _NUMBERED),),
)
"""What is too loose in another language."""

THREE_CAPITALS = Family(scans=(Scan(lambda text: text != "", _THREE),))
"""Three capital words in a row, which mean something only where capitals were written."""
