"""What stands around two numbers with a slash and says score, dose or day.

Law: the patterns are tried on a few lower-case characters before or after the numbers, never on a text.
Imports: the standard library only.
"""

from __future__ import annotations

import re

_SCALE = (
    r"bipap|cpap|bilevel|avaps|vent|settings?|pressures?|ipap|i/o|i&o|intake|nights?|shift|sats?|strength|power|motor|pain|scores?|scored|scale|rated|rates|apgars?|gleason|murmur|grade|graded|bp"
    r"|vision|va|acuity"
    r"|reflex(?:es)?|dtrs?|pulses?|ratio|gcs|level|severity|stage|step|phase|dose|fraction|nihss|phq|gad"
    r"|mmse|moca"
    r"|kps|ecog|mrs|bishop|asa|strengths|sensation|edema|visual|tone|distress|fuerza|dolor|eva|escala"
    r"|puntuaci[oó]n|fr"
    r"|score of|extremit(?:y|ies)|flexion|extension|grip|flexors?|extensors?|hpi|l|r|rue|lue|rle|lle|ue|le"
    r"|bue|ble"
)
BEFORE_SCALE = re.compile(
    rf"(?:^|[^a-z])(?:{_SCALE})\b[^a-z0-9\n]{{0,3}}(?:(?:is|was|of|at|were|were all|de|a|from"
    rf"|to)\s)?[^a-z0-9\n]{{0,2}}\Z"
)
AFTER_SCALE = re.compile(
    r"\W{0,2}(?:strength|tab|cup|pill|mg|ml|cc|mm|cm|pain|murmur|systolic|diastolic|sem|hsm|in\b|inch"
    r"|out\b|bilat|through"
    r"|power|motor|lb|hpf|positive|negative|pulses|reflex|intensity|weak|dose|scale|years|months|weeks"
    r"|days|hrs?\b|hours"
    r"|normal|ns\b|dtr|extrem|upper|lower|right|left|[rl](?:[ul]e)?\b|blood cultures|bottles|samples|nodes"
    r"|cultures|sets"
    r"|biops|cores|questions|criteria|points|stars|way|full|of\b|ths?\b|mile|hour|teaspoon|tsp|severity"
    r"|fuerza|dolor"
    r"|at rest|distress|cycles|doses|puntos|horas|h\b|litro|comprimido)"
)
SAYS_DATE = re.compile(
    r"(?:^|[^a-z])(?:on|since|until|till?|by|dated?|dob|d\.o\.b|seen|admit(?:ted)?|admission|discharged?"
    r"|started|last|next"
    r"|appt|appointment|visit|labs?|week of|mon|tues?|wed|thurs?|fri|sat|sun|monday|tuesday|wednesday"
    r"|thursday|friday"
    r"|saturday|sunday|before|after|expires?|born|birthday|surgery|el|d[ií]a|fecha|desde|hasta|lunes"
    r"|martes|jueves"
    r"|viernes|effective|lmp|edd|edc|due|as of|died|returned?|through|thru|between|exam|scan|mri|ct|cxr"
    r"|x-?ray|echo"
    r"|note|seen|dos|doa|dod|f/u|follow-?up|rtc|collected|received|resulted|updated|signed|placed|removed"
    r"|completed)"
    r"[^a-z0-9\n]{1,4}\Z|(?:^|\n)[ \t*-]{0,4}\Z"
)
TIME_FOLLOWS = re.compile(
    r"\s?(?:@|at)\s?[0-9]|,? [0-2]?[0-9]:[0-5][0-9]|\s?[:-] ?[a-z]|\s(?:visit|appt|appointment|note|labs)"
)
