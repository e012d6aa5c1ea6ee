"""Words of addresses and of organisations' names, folded, and their usual short forms.

Short forms after the postal service's own list (USPS Publication 28, appendices B and C), and common usage
in Spanish, German and French. Imports: the standard library only.
"""

from __future__ import annotations

_SHORT = """
st street str strasse straat; ave avenue av avenida avda avn; rd road; blvd boulevard bulevar boul; dr drive
drv; ln lane; ct court; pl place plaza plaza platz; sq square; ter terrace terr; hwy highway; pkwy parkway;
cir circle circ; trl trail; xing crossing; aly alley; rte route; expy expressway; c calle cl; cra carrera;
pso paseo; cno camino; rue; via; weg; allee; gasse; way; close; row; walk; mews; crescent cres; grove grv;
gardens gdns; hill; park; loop; run; apt apartment appartment apartamento apto depto; ste suite; unit; fl
floor piso planta; rm room; bldg building edificio; no num number numero; po; box; lot; bloc block bloque; n
north norte; s south sur; e east este; w west oeste; ne northeast; nw northwest; se southeast; sw southwest;
saint sainte; mt mount; ft fort; hosp hospital; ctr center centre; med medical; univ university; dept
department; assoc associates association; inc incorporated; corp corporation; co company; ltd limited; intl
international; 1 first; 2 second; 3 third; 4 fourth; 5 fifth; 6 sixth; 7 seventh; 8 eighth; 9 ninth; 10
tenth
"""
CANON = {word: short for short, *words in (entry.split() for entry in _SHORT.split(";")) for word in words}
CANON["saint"] = CANON["sainte"] = "st"
"""Long form -> short form."""

_STREETS = """
st ave rd blvd dr ln ct pl sq ter hwy pkwy cir trl xing aly rte expy c cra pso cno rue via weg allee gasse
way close row walk mews cres grv gdns loop n s e w ne nw se sw th nd rd
"""
_UNITS = "apt ste unit fl rm bldg no po lot bloc"
_ORGANIZATIONS = """
hosp clinic clinica ctr med health healthcare system services service inc llc llp ltd corp co group assoc pc
pllc plc gmbh sa sl foundation trust practice surgery office center hospitals clinics university univ school
dept infirmary hospice pharmacy laboratories laboratory care
"""
_PARTS = "dept office surgery practice laboratory laboratories pharmacy care services service school hospice"
_STOP = "the of and at for in a an de la el los las del y du des le der die das und et"
_BEFORE = "in from of at near to outside around visiting en desde lives born native resident"

STREET_WORDS = frozenset(_STREETS.split())
"""Kinds of streets and directions, in their short forms."""
STREET_KINDS = frozenset(
    ("st", "ave", "rd", "blvd", "dr", "ln", "ct", "pl", "sq", "ter", "hwy", "pkwy", "cir")
)
"""Those that are nothing else right behind a street's name."""
UNITS = frozenset(_UNITS.split())
"""What stands before the number of a flat, a floor or a box."""
ORGANIZATION_WORDS = frozenset(_ORGANIZATIONS.split())
"""What kind of organisation it is; may be there or not."""
SUFFIXES = ORGANIZATION_WORDS - frozenset(_PARTS.split())
"""Those that may stand behind any organisation's name."""
STOP = frozenset(_STOP.split())
PLACE_BEFORE = frozenset(_BEFORE.split())
"""What stands before the name of a town."""
