"""Words of dates in notes, folded: months, days of the week, and what stands between, before and around.

Imports: the standard library only.
"""

from __future__ import annotations

_MONTHS = """
january jan enero ene janvier janv januar gennaio gen janeiro januari
february feb febrero fevrier fev februar febbraio fevereiro februari
march mar marzo mars marz mrz maerz marco maart mrt
april apr abril abr avril avr aprile
may mayo mai maggio mag maio mei
june jun junio juin juni giugno giu junho
july jul julio juillet juil juli luglio lug julho
august aug agosto ago aout augustus
september sep sept septiembre setiembre septembre settembre set setembro
october oct octubre octobre oktober okt ottobre ott outubro out
november nov noviembre novembre novembro
december dec diciembre dic decembre dezember dez dicembre dezembro december
"""
MONTH_OF = {
    name: number
    for number, names in enumerate(_MONTHS.strip().splitlines(), start=1)
    for name in names.split()
}
"""Month by its names in English, Spanish, French, German, Italian, Portuguese and Dutch."""
_ROMAN_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii"
ROMAN = {name: number for number, name in enumerate(_ROMAN_NUMERALS.split(), start=1)}
_WEEKDAYS = """
the monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
lunes martes miercoles jueves viernes sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche
montag dienstag mittwoch donnerstag freitag samstag sonntag
"""
_DATE_WORDS = "on dob born birth birthday date dated since until from admitted seen discharged"
_SCORE_WORDS = "pain strength score scored rated power grade scale murmur reflexes apgar gcs"

BEFORE = frozenset(_WEEKDAYS.split())
"""What may stand right before a date and goes with it."""
LINKS = frozenset(("of", "de", "del", "the", "st", "nd", "rd", "th", "er", "do", "den", "le", "o", "a", "e"))
"""What may stand between the parts of a date."""
DATE_WORDS = frozenset(_DATE_WORDS.split())
"""What makes two numbers behind it a day."""
SCORE_WORDS = frozenset(_SCORE_WORDS.split())
"""What makes two numbers near it a score or a grade."""
