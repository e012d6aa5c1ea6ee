"""Words around names: labels, titles' followers, relatives, degrees, and the words that end a name in a form.

Imports: the standard library only.
"""

from __future__ import annotations

_ENDS = """
date dob age sex gender male female phone tel address ssn mrn admission admit admitted room bed account acct
id no number md do rn np pa the and is was has had have with presents denies
reports seen on at in for to from of by provider
attending physician patient pt doctor nurse dr mr mrs ms service unit dept department chief
complaint history hx diagnosis dx clinic hospital time signed electronically race ethnicity language insurance
pcp referring location facility birth birthdate reason visit encounter type status report exam note summary
allergies medications meds assessment plan impression findings technique comparison indication procedure
surgeon anesthesia preoperative postoperative he she they his her him it this that these please thank thanks
family medicine cardiology neurology radiology oncology surgery emergency internal pediatrics psychiatry
resident fellow intern author relationship contact home cell work fax email medical record none unknown nkda
fecha edad sexo médico nhc nombre apellidos domicilio localidad cp nº dni teléfono informe servicio mother
en por desde con fue under according
father wife husband son daughter sister brother or discharge cc re subject name names consult practitioner assistant
"""
_BEFORE = """
dear hello hi thanks seen discussed spoke per via attn contact called reviewed dictated transcribed cosigned
attested addendum when if as an all not any what where how our your my we you i notify call
"""
_AFTER_TITLE = """
contin angiography angiogram enterography urography venography spectroscopy elastography arthrogram imaging
changes severity visit appt appointment office note notes said told recommended for to in on at and or who is
was will has had did does from with about if as the a an of says stated wants prescribed ordered order orders
advised called please referral bag scholl scholls pepper phil apt stenosis regurgitation nurse practitioner
specialist manager assistant team station driver home aware notified informed
"""
ENDS = frozenset(_ENDS.split())
"""A name ends before one of these."""

BEFORE = ENDS | frozenset(_BEFORE.split())
"""Words that may stand before a name, capital as it is, and are no part of it."""

AFTER_TITLE = frozenset(_AFTER_TITLE.split())
"""What follows "dr", "mr" or "ms" and is no name."""

LABELS = """
patient_name pt_name name_of_patient full_name legal_name first_name last_name middle_name given_name
family_name surname maiden_name preferred_name birth_name mother's_name father's_name mothers_name
guardian_name subscriber_name policy_holder policyholder member_name client_name resident_name provider_name
physician_name doctor's_name emergency_contact next_of_kin nok contact_name alias aka a.k.a. also_known_as
known_as formerly nickname signature attending_physician attending_provider attending_md attending
referring_physician referring_provider referring_md ordering_physician ordering_provider
primary_care_physician primary_care_provider primary_physician pcp admitting_physician consulting_physician
operating_surgeon primary_surgeon surgeon assistant_surgeon anesthesiologist radiologist pathologist
cardiologist interpreting_physician dictating_physician dictated_by transcribed_by signed_by
electronically_signed_by reviewed_by approved_by verified_by performed_by author resident intern fellow
consultant provider physician doctor nurse case_manager social_worker care_manager therapist technologist
technician witness informant historian interpreter translator guardian caregiver poa hcp health_care_proxy
healthcare_proxy spouse wife husband partner mother father son daughter brother sister parent parents contact
employee student attn attention cc to from re subject reviewed_with discussed_with
"""
DONE = """
signed dictated reviewed transcribed seen evaluated examined performed authored entered verified interpreted
read cosigned co-signed ordered referred prepared completed authenticated approved reported attested collected
administered assessed accompanied interviewed followed treated witnessed scheduled discussed brought written
created modified obtained confirmed notified supervised staffed managed requested checked relieved handed accepted called faxed updated escorted
"""
RELATIVES = """
mother father mom dad mum wife husband son daughter sister brother grandmother grandfather grandson
granddaughter aunt uncle niece nephew cousin friend neighbor neighbour partner spouse girlfriend boyfriend
fiancé fiancée fiance guardian caregiver caretaker roommate stepmother stepfather stepson stepdaughter
stepbrother ex-wife ex-husband mother-in-law father-in-law daughter-in-law son-in-law twin nurse pastor rabbi
imam aide midwife doula interpreter coach
"""
DEGREES = """
MD DO RN NP PA-C PhD LPN LVN PharmD DDS DMD DPM LCSW MSW CRNA CNM MBBS FRCP FRCS DNP APRN ARNP FNP MSN BSN RPh
MPH CNA FACS FACP FACC DVM PsyD
"""
