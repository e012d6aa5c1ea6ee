"""Words that stand around names, and short forms of given names; folded.

Imports: the standard library only.
"""

from __future__ import annotations

_TITLES = """
attending aunt brother caregiver client cousin dad dame daughter doctor doctora don dona dr dra esposa
esposo father frau friend granddaughter grandfather grandmother grandson guardian hermana hermano herr hija
hijo husband madame madre miss mme mom monsieur mother mr mrs ms mum mx name neighbor neighbour nephew niece
nombre nurse paciente padre partner patient physician prof professor pt pte resident rev senor senora sir
sister son spouse sr sra srta surgeon surname uncle wife
"""
_PARTICLES = """
abd abu af al av ben bin bint d da das de del den der di do dos du e el ibn la las le los mac mc o san st
ten ter van von y zu zur
"""
_VERBS = """
agreed appeared appears arrived called came complained complains consented continues declined denied denies
described describes did does feels felt had has is lived lives needs presented presents recently remains
reported reports returned said says stated states takes tolerated took understands underwent verbalized
wants was went worked works
"""
_NOT_MID_SENTENCE = """
april asian august autumn black brown can class day do east english french general german grade he high
hispanic july june long low march may medical might no north old she short so south spring stage still
summer west white will winter young
"""
_SHORT_FORMS = """
abigail abby gail; albert bert; alexander alex alec sandy; alexandra alex sandra; alfred fred; alice ali;
amanda mandy; andrew andy drew; angela angie; anita ani; anna annie; anne annie; anthony tony; antonio tonio
tony; antonia toni; arthur art artie; barbara barb barbie babs; beatrice bea; benjamin ben benny; bernard
bernie; bradley brad; caroline carol carrie; carolyn carol carrie; catherine cathy kate katie cat; charles
charlie chuck chas; charlotte lottie; christina chris tina; christine chris tina; christopher chris topher;
clifford cliff; cynthia cindy; daniel dan danny; david dave davey; deborah deb debbie; dolores lola; dominic
dom; donald don donny; dorothy dot dottie; douglas doug; edward eddie ted ned; edwin eddie; eleanor ellie
nell; elizabeth liz beth betty eliza lizzie betsy; emily emmy; eugene gene; evelyn evie; florence flo;
frances fran frannie; francis frank fran; francisco paco pancho; franklin frank; frederick fred freddie;
gabriel gabe; gerald gerry jerry; gregory greg; guadalupe lupe; harold hal harry; helen nell; henry hank
harry; isabel isa bel; jacob jake; jacqueline jackie; james jim jimmy jamie; janet jan; jeffrey jeff;
jennifer jen jenny; jeremy jerry; jessica jess jessie; jesus chuy; joan joanie; john johnny jack; jonathan
jon john; jose pepe; joseph joe joey; josefa pepa; josephine josie; joshua josh; judith judy; julia julie;
karen kari; katherine kathy kate katie kat; kathleen kathy kate; kenneth ken kenny; kimberly kim; lawrence
larry; leonard len lenny leo; lillian lily; louis lou louie; luis lucho; madeline maddie; manuel manny
manolo; manuela lola; margaret maggie meg peg peggy marge; maria mari; marjorie marge margie; martha marty;
martin marty; mary molly polly; matthew matt; melissa missy lissa; michael mike mick mickey; michelle
shelly; mildred millie; miguel migue; nancy nan; nathan nate; nathaniel nate nat; nicholas nick nicky;
oliver ollie; pamela pam; patricia pat patty trish tricia; patrick pat paddy; pedro perico; peter pete;
philip phil; phillip phil; priscilla cilla; rafael rafa; raymond ray; rebecca becky becca; regina gina;
richard rick dick rich richie; robert bob bobby rob robbie; roberta bobbie; roberto beto; rodney rod; roger
rog; ronald ron ronnie; rosario charo; rosemary rose; russell russ; samantha sam; samuel sam sammy; sandra
sandy; sebastian seb; stephanie steph; stephen steve; steven steve; stuart stu; susan sue susie suzy;
suzanne sue suzy; teresa terry tere; theodore ted teddy theo; theresa terry tess; thomas tom tommy; timothy
tim timmy; tobias toby; valerie val; vernon vern; victor vic; victoria vicky tori; vincent vince vinny;
virginia ginny; walter walt wally; wendy wen; wilhelmina mina; william bill billy will willie liam; zachary
zach zack
"""

TITLES = frozenset(_TITLES.split())
"""What stands before a name: titles, kin, and the words for a patient."""
PLAIN_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "pt", "patient", "paciente", "sr", "sra", "srta"))
"""Those that stand before a patient's initials."""
PARTICLES = frozenset(_PARTICLES.split())
"""Parts of names that are no names by themselves."""
VERBS = frozenset(_VERBS.split())
"""What a person does in a note, right behind the name."""
NOT_MID_SENTENCE = frozenset(_NOT_MID_SENTENCE.split())
"""Words that often have a capital in the middle of a sentence of notes without being names there."""
MONTH_NAMES_TOO = frozenset(
    ("may", "march", "april", "june", "august", "july", "jan", "mar", "abril", "julio", "avril")
)
"""Names that are a month beside a number."""
SHORT_FORMS = {name: tuple(short) for name, *short in (entry.split() for entry in _SHORT_FORMS.split(";"))}
"""Given name -> what people are called by it."""
