"""States, street suffixes and postcode areas, as lists of words; `_` stands for a space.

Sources: USPS Publication 28, appendices B and C; Royal Mail's Postcode Address File (areas).
Imports: the standard library only.
"""

from __future__ import annotations

STATE_CODES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR"
    " PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI"
)
STATES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii "
    "Idaho Illinois"
    " Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi "
    "Missouri"
    " Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York North_Carolina North_Dakota "
    "Ohio Oklahoma"
    " Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont Virginia "
    "Washington"
    " West_Virginia Wisconsin Wyoming"
)
SURE_SUFFIXES = (
    "street st avenue ave road rd boulevard blvd lane ln drive highway hwy parkway pkwy court circle terrace"
)
SUFFIXES = (
    "Street St ST Str Avenue Ave AVE Av Road Rd RD Boulevard Blvd BLVD Lane Ln LN Drive Dr DR Court Ct "
    "Circle Cir CIR"
    " Place Pl PL Square Sq Terrace Ter Trail Trl TRL Way WAY Parkway Pkwy PKWY Highway Hwy HWY Plaza "
    "Plz Alley Aly"
    " Crossing Xing Loop Path Pike Run Row Walk Pass Point Pt Ridge Rdg Hill Hills Heights Hts Bend Cove "
    "Cv Creek"
    " Crescent Cres Close Gardens Gdns Grove Grv Mews Green Park View Vw Glen Hollow Meadow Meadows "
    "Expressway Expy"
    " Freeway Fwy Turnpike Tpke Causeway Cswy Bypass Byp Estates Landing Lndg Manor Mnr Mill Mills "
    "Village Vlg Vista"
    " Station Sta Commons Junction Jct STREET AVENUE ROAD BOULEVARD LANE DRIVE COURT CIRCLE PLACE "
    "TERRACE TRAIL"
    " PARKWAY HIGHWAY SQUARE Broadway Quay Parade Rise Vale Wharf Yard"
)
AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH "
    "EN EX FK"
    " FY G GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG "
    "NN NP NR NW"
    " OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS "
    "TW UB W WA"
    " WC WD WF WN WR WS WV YO ZE"
)
