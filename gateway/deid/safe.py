"""The safe list: words of medicine that the model takes for people, and that are none.

For NAME, and for what is taken for an institution and has no name in it ("walk-in clinic", a degree):
dropping places and institutions by a list costs far more recall than it gains. A title beside, or a name
that is not on the list, keeps the whole.
Imports: domain; the siblings clinical_words and common_words.
"""

from __future__ import annotations

import re

from gateway.deid.clinical_words import (
    CLINICAL,
    EPONYM_NOUNS,
    EPONYM_NOUNS_BEFORE,
    EPONYMS,
    EPONYMS_ALONE,
)
from gateway.deid.common_words import ordinary
from gateway.domain.deid import IdentifierType, Span

SURE = 0.9
"""From this score on, an ordinary word is believed to be somebody's name."""

_CREDENTIALS = """
aprn aprn-bc arnp bcps bsn ccrn cna cnm cns cpnp crna cwocn dc ddm dds dmd dnp do dpm dpt dvm emt
emt-p facc facep facog facp facr facs faafp faan frcp frcpc frcs fnp fnp-bc lcsw lmft lmsw lpc lpn lvn mbbs
mbchb md mph mrcp msn msw np np-c od ot otr otr/l pa pa-c pharmd phd pmhnp pt psyd rd rdn rn rph rrt rt slp
"""
_ABBREVIATIONS = """
a/p abd abg abx adls afib aki anc aox3 bmi bmp bnp bp bph bun bx c/o ca cabg cad cbc cc chf ckd ckd-epi cmp
cns copd cpap cpr crp ct cta ctab cva cvs cxr d/c dka dnr dob dvt dx ecg ed eeg egd egfr ekg ent eomi esr
esrd ext f/u fen fh fhx flacc foley fu fx gcs gerd gi gu gyn hb hba1c hct hctz hd heent hfref hgb hlp hpi hr
hsm htn hx i/o ibs icd icu ild im inr iop iud iv ivf jvd jvp kub lad lbbb lbp ldl le les lfts lle llq lmp loc
los lue luq lv lvad lvedd lvef lvh lytes map mcv mi mmse moca mri mrsa msk mvr nad nc/at ncat neuro nibp nka
nkda npo nsaid nsr nstemi ntg ntnd oob osa o2 pacu pasi pcp pe peep perl perrl perrla pfts ph phq phq-9 plt
pmh pmhx pmi pna pnd po pod ppd ppi ppx prbc prn psa psh pshx pt ptt pud pvd r/o ra rbbb rbc rle rll rlq rml
ros rom rr rrr rsv rue rul ruq rvu rx s1s2 sah sbo sbp sdh shx si sle sob spo2 ssri stemi sx t2dm tah tavr tb
tee tia tib tid tkr tlc tmj tpn tsh tte turp tx uop uri us uti vad vss vte wbc wnl wt
"""
_RARE_WORDS = """
alzheimer alzheimers apgar babinski bazett bosniak brudzinski chvostek crohn doppler duchenne dupuytren
fallot framingham fridericia giemsa guillain heimlich hirschsprung hodgkin kaposi karnofsky kegel kernig
korsakoff lachman mallampati mantoux meckel papanicolaou parkinson parkinsons purkinje raynaud romberg
snellen tinel tourette trendelenburg trousseau valsalva virchow waldeyer wernicke
"""
_RARE = frozenset(_RARE_WORDS.split())
"""Eponyms that hardly anybody bears."""
_BORNE_WORDS = """
adams albright amsler arnold ashworth bankart barton beau beighton biot blumberg borg buck budd burch
canavan caplan castleman cobb codman colles courvoisier cozen cruveilhier dalrymple danis darier dercum
devic dix eaton ebstein edwards erb fabry felty fleischner forrest froment garden goldmann gorlin gottron
gower gustilo haglund hallpike hamman hardy hawkins hesselbach hoffa horton hunter janeway jefferson jobe
jones kallmann keith kienbock kimmelstiel leriche lisfranc lloyd ludwig milroy mirizzi morgagni morison
munchausen myerson neer oddi ogilvie osler pancoast peutz phelps pick plummer poland quincke ramsay rathke
rockall rovsing russell salter sever simmonds simpson smith spetzler stewart still sudeck takayasu thompson
todd toldt turcot vater waterhouse watson weil wiskott yergason
"""
_BORNE = EPONYMS | frozenset(_BORNE_WORDS.split())
"""Eponyms that people bear too: no names before a noun that eponyms go with."""
_MEASURED = (
    "biplane chorea fat formula method correction equation view views chart paresis pad procedure repair"
)
_GENERIC_WORDS = """
a acute admission all ambulance and any assisted bone care center centre change clinic clinics community
confidential day department dialysis emergency facility facilities health home hospice hospital hospitals
imaging in intensive lab laboratory labs living mental of or outpatient outside pharmacy physical practice
private rehab rehabilitation room sexual shift shop skilled nursing sleep surgery telehealth the therapy
travel unit urgent van walk walk-in ward wound
"""
_JOINING = "and of the at to for with from in on by or an drs dr mr mrs ms lic med dept"

_FAMILY_WORDS = "an do ha im le les od pa pe ra sa si so su uri van"
_FAMILIES = frozenset(_FAMILY_WORDS.split())
"""Short forms that are families' names as well."""
_SAFE = (CLINICAL | frozenset((_CREDENTIALS + _ABBREVIATIONS).split())) - _FAMILIES
_EMPTY = frozenset((_CREDENTIALS + _JOINING + _GENERIC_WORDS).split())
"""Of nothing but these an institution's name is not made."""
_FORM = re.compile(
    r".{2,}(?:[ts]ions?|ments?|ness|olog(?:y|ic|ical|ists?)|[io]tis|oses|osis|[ae]mi[ac]|uria|algia"
    r"|rrh(?:o?ea|agi[ac])|ectomy|os?tomy|oscop(?:y|ic)|plasty|graph(?:y|ic)|grams?|path(?:y|ies|ic)|ally|ously|ively|ably|ible|able|ility"
    r"|cillins?|mycin|olol|pril|sartan|statin|azole|parin|xaban|gliptin|umab|zumab|ximab|azepam|setron|ine|social)s?"
)
"""Forms of words of medicine and of English that hardly any name has."""
_NOUNS = EPONYM_NOUNS | frozenset(_MEASURED.split())
_WORD = re.compile(r"[^\W_]+(?:[-/'][^\W_]+)*")
_TITLE = re.compile(
    r"(?:\b(?:drs?|mr|mrs|ms|miss|mx|prof|professor|doctor|sra?|nurse|rev|sir|dame)\b\.?,?\s*)$",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"([^\W_]+)\s{1,2}$")
_AFTER = re.compile(r"[\s(-]*(?:and\s+[^\W\d_]+[\s-]+)?([^\W\d_]+)")
_BEFORE = re.compile(r"([^\W\d_]+)\s+(?:de|del)\s+$")
_NEAR = 32


def safe(text: str, span: Span) -> bool:
    """Whether a span of the model is no identifier. Looks at no more than a line's worth beside it."""
    words = [_bare(word) for word in _WORD.findall(text[span.start : span.end].casefold())]
    if span.type is IdentifierType.ORGANIZATION:
        return all(word in _EMPTY for word in words) and not _goes_on(text, span.start)
    if span.type is not IdentifierType.NAME or _titled(text, span.start):
        return False
    if all(word in _RARE or word in _SAFE for word in words):
        return True
    if all(word in _BORNE or word in _SAFE for word in words):
        return _eponymous(text, span) or (words[-1] in EPONYMS_ALONE and span.score < SURE)
    if words[0] in _BORNE and all(word in _NOUNS for word in words[1:]) and len(words) > 1:
        return True
    return span.score < SURE and _plain(text, span) and all(_ordinary(word) for word in words)


def _goes_on(text: str, start: int) -> bool:
    """Whether a capitalised word that is no ordinary one stands right before: the rest of a name."""
    before = _LAST_WORD.search(text[max(0, start - _NEAR) : start])
    return before is not None and before[1][0].isupper() and not _ordinary(before[1].casefold())


def _ordinary(word: str) -> bool:
    return ordinary(word) or word in _SAFE or word in _NOUNS or _FORM.fullmatch(word) is not None


def _bare(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word


def _titled(text: str, start: int) -> bool:
    return _TITLE.search(text[max(0, start - 12) : start]) is not None


def _eponymous(text: str, span: Span) -> bool:
    """Before a noun that eponyms go with, or after one that Spanish puts there."""
    after = _AFTER.match(text[span.end : span.end + _NEAR].casefold().removeprefix("'s"))
    if after is not None and after[1].casefold() in _NOUNS:
        return True
    before = _BEFORE.search(text[max(0, span.start - _NEAR) : span.start])
    return before is not None and before[1].casefold() in EPONYM_NOUNS_BEFORE


def _plain(text: str, span: Span) -> bool:
    """Written as ordinary words are: small, all capitals, or a capital where a sentence begins."""
    said = text[span.start : span.end]
    if said == said.lower() or said == said.upper():
        return True
    before = text[max(0, span.start - 3) : span.start].rstrip(" \t")
    return said[1:] == said[1:].lower() and (not before or before[-1] in ".:;!?\n\r/")
