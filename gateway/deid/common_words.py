"""Ordinary words of English and Spanish, folded: what a name must not be guessed from.

A name of the record that is one of them needs company (a title, its partner name) to be taken for a name,
and a word of the text that is one of them is never taken for a misspelt name. Written for this project.
May import: clinical words.
"""

from __future__ import annotations

from gateway.deid.clinical_words import CLINICAL

_ENGLISH = """
able about above absence absent accept access accident according account across action active activity acute
adapt add added adding addition address adequate adjust admit admits admitted adult adults advance advice
advise advised affect african after again against age aged agent ages agree agreed ahead aid aids aim air
alarm alert alike alive all allow allowed almost alone along already also alter although always amber
american among amount anger angle angry ankle annual another answer any anyone anything apart appear
appeared apple apply april arab area areas arm armed arms army around arrange arrive arrived arrow art
article asian ask asked asking asleep aspect assess assist assume ate attack attempt attend august aunt
author avenue average avoid awake aware away baby back backs bad badly bag bake baker balance ball band bank
bar bare barely bark barn barrier base based basic basis basket bath bathe bathing bay bayview beach beam
bean bear beard beat beating became because become bed beds bedside bee been beer before began begin behalf
behave behind being belief bell belly below belt bench bend beneath benefit benign bent berry beside best
better between beyond bid big bike bill bind bird birth bit bite bites biting bitter black blade blame blank
bless blind blink blister block blocked blocker blocks blood bloody bloom blow blue board boat bodies body
boil bold bolt bond bone bones bonus book boost boot border bore boring born both bother bottle bottom bound
bow bowel bowl box boy boys brace brain brake branch brave bread break breast breath breathe brick bride
bridge brief bright bring brink brisk broad broke broken brook brother brought brown bruise brush buck bud
build built bulb bulk bull bump bunch burden burn burning burns burst bus bush business busy but butcher
butler butter button buy cab cabin cage cake call called calls calm came camp can cancel cancer cane cannot
cap capable car card cards care careful cares carrier carry cart carter carver case cases cash cast castle
cat catch catholic caucasian cause caused causes caution cell cells cent center central centre certain chain
chair challenge chamber chance chandler change changed changes channel chapel chapter charge chart charts
chase cheap check checked checks cheek cheer chef cherry chest chew chewing chief child children chill
chills chin china chinese choice choke choking choose chose chosen christian christmas church circle city
civil claim clam clark class clay clean cleaned clear cleared clearly clerk clever cliff climb clinic clip
clock close closed closely closer closing closure cloth clothes cloud cloudy club clue coach coast coat code
codes cold collar collect college color colour column combine come comes comfort coming common compare
complete comply concern conduct confirm conscious consent consider consist constant contact contain content
continue contour control convert cook cooked cooks cooper copy cord core corn corner correct cost costs
cotton cough could council count counts county couple courage course court cousin cover covered crack cramp
crane crash crawl crazy cream create credit creek crisis crisp cross crossed crowd crown crush crust cry
crying cup cups cure current curve custom cut cuts cutting cycle cycles daily damage damp dance dancer
danger dark data date dated dates daughter dawn day days dead deaf deal dean dear death deaths decay
december decide decline decrease deep deeper deeply deer defect defer degree delay delayed deliver demand
dense dental deny depend depth derive desert deserve design desire desk detail detect develop device devote
dew diamond diary dictate did die died dies diet differ dig digest dim dinner direct dirt dirty disc discuss
disease dish disk display distal dive divide divine divorce dock doctor does dog doing dollar dome done
donor door dose doses dosing dots double doubt dove down dozen draft drag drain drains drake draw drawer
drawn dream dress dressed drew dried drift drill drink drinks drive driver drives driving drop drops drove
drug drugs drum drunk dry dryer duck due dull dump during dusk dust dutch duty dwell dying each eager eagle
ear earl earlier early earn ears earth ease easily east easter eastern easy eat eaten eating edge edges edit
effect effort egg eight either elbow elder elderly elect eleven else email emerge empty enable end ended
ends enemy energy engage english enjoy enlarge enough enroll ensure enter entire entry equal error errors
escape even evening event events ever every evident exact exam example exams except excess exchange excuse
exist exit expand expect expert explain explore expose extend extent extra eye eyed eyes face faces facial
fact factor facts fail failed fails faint fair fairly faith fall fallen falling falls false family famous
far farm farmer fast faster fasting fat fatal fate father fatty fault favor fear fears feature february feed
feeding feeds feel feeling feels fees feet fell fellow felt female fence ferry fetal fever fevers few fewer
field fields fifth fifty fig fight figure file files fill filled filling film filter final finally find
finding fine finger fingers finish fire firm firmly first fish fisher fist fit fits five fix fixed flag
flank flare flash flat flea flesh flew flex flexed flight flint float floor floors flow flower flowers fluid
flush flute fly focal focus fold folds folk follow follows food foods fool foot forbid force forced forces
ford foreign forest forget form formal former forms fort forth fortune forward foster found four fourth
fowler fox frame frames frank free freely freeze french frequent fresh friday friend friends from front
frost frown frozen fruit full fuller fully fun function fund fur furry further future gain gained gains gait
gallon game gap garden gardener gas gate gates gather gave gay gel gender general gentle gently german gift
girl girls give given gives giving glad gland glands glass glasses globe glover glow glue goal goals goat
goes going gold golden gone good goods goose gown grab grace grade grades grain grams grand grant grape
graph grass grave graves gray great greater greek green greet grew grey grief grip grocery groin gross
ground group groups grove grow growing grown growth guard guess guest guide gum gums gun gut guy habit
habits had hair half hall halt hand handed handle hands handy hang happen happy harbor hard harder hardly
hardy harm harsh has haste hat hate have haven having hawk hay head heads heal healed healing health healthy
heap hear heard hearing heart heat heath heather heavily heavy heel heels height held hello help helped
helper helps hence her herb herbs here hers herself hidden high higher highly hill hills him himself hint
hip hips hire his hispanic hit hobby hold holding holds hole holes holiday hollow holly holy home homes
honest honey honor hood hook hooker hop hope hopes hoping horn horse hose host hot hotel hour hourly hours
house houses how howl hug huge human hung hunger hungry hunt hunter hurry hurt hurts husband hyper ice idea
ideal ideas idle ill illness image images imaging impact impair imply import impose improve inch inches
include income indeed index india indian infant infect inform initial inject injure injury inner input
inside insist instead insure intact intake intend intent inter into invite irish iron irons island issue
issues italian item items itself ivory ivy jack jacket jam january jar jasmine jaw jay jelly jet jewel
jewish job jobs join joined joint joints joke joker jolly journal journey joy judge juice july jump jumped
june junior jury just keen keep keeping keeps kept key keys kick kid kids kill killed kind kinds king kings
kiss kit kitchen knee knees knew knife knight knock knot know knowing known knows korea korean label labels
labor lack lacks lad ladder lady lake lamb lamp land lane language lap large largely larger largest laser
last lasted lasting lasts late later latest latino laugh laundry laurel law lawn laws lawyer lay layer
layers lead leader leading leads leaf leak leaks lean learn learned least leather leave leaves leaving led
left leg legal legs lemon length lens less lesser lesson let lets letter level levels liberty lie lies life
lift lifted lifting light lightly like liked likely likes lily limb limbs lime limit limited limits limp
line lined lines link lion lips liquid list listed listen lists little live lived liver lives living load
lobby lobe lobes local locate lock locked locks locus lodge long longer look looked looking looks loop loose
lord lose loses losing loss lost lot lots lotus loud love loved lovely lover loves low lower lowest luck
lucky lump lumps lunch lung lungs lying machine mad made magic maid mail main mainly maintain major make
makes making male man manage manner manor many map maple marble march margin mark marked marker markers
marks marry marsh mask mason mass masses massive master match matched mate matter mature may maybe mayor
meal meals mean means meant measure meat media medial median medical meet meeting meets melt member members
memorial memory men mend mental mention menu merchant mercy mere merely merge merit merry mess met metal
meter method middle midst might mild mildly mile miles milk mill miller million mills mind mine mineral
minor mint minus minute minutes mirror miss missed missing mistake mix mixed mixing mobile mode model models
modern modest moist moment monday money monitor month monthly months mood moon moral more morning most
mostly mother motion motor mount mouse mouth mouths move moved moves moving much mud multi muscle music
muslim must mute myself nail nails name named names narrow nasal nation native nature near nearby nearly
neat neck need needed needle needs negative neighbor nerve nerves nest net never new newer newly news next
nice niece night nights nine ninth noble noise none noon nor normal north nose not note noted notes nothing
notice notify novel november now numb number numbers nurse nurses nut nuts oak oath obese object observe
obtain obvious occur ocean october odd odds odor off offer offered office often oil old older olive omit
once one ones only onset open opened opening openly opens opera opinion optic oral orally orange order
ordered orders ordinary organ organs origin other others otherwise ought our ours out outer output outside
over overall owe owen own owned owner oxygen pace paced pack packed packer packs pad page pages paid pain
pained painful pains paint painter pair pale palm palms pan panel panels panic pants paper papers parent
parents park parker parking parks parson part partly partner parts party pass passed passes past paste patch
patches path patience patient patients pattern patterns pause pay peace peach peak pear pearl peck pedal
peel pelvis pen penny people pepper per perfect perform perhaps period permit person pet phase phone photo
phrase physical piano pick picked picture piece pieces pierce pig piles pill pillow pills pilot pin pine
pink pins pint pipe piper pit pitch pity place placed places plain plan plane plans plant plants plate
plates play played player plaza please plenty plot plug plum plus pocket point points poison pole police
policy polish polite pond pool poor poorer poorly pop pope porch port porter portion ports pose post posted
pot potato potter pouch pound pounds pour power powers practice pray precise prefer prepare present press
pressure pretty prevent price pride priest primary prime prince print prior private prize probe process
produce product profile program prompt prone proof proper property protect proud prove proven provide prune
public pull pulled pulse pulses pump punch pupil pupils pure purple purpose purse pursue push pushed put
puts quality quarter queen quest question quick quickly quiet quit quite quote rabbit race races rack rain
raise raised raises ran range ranges ranging rank rapid rapidly rare rarely rash rashes rate rated rates
rather rating ratio raw ray rays reach reached react read reader reading ready real really rear reason
recall receive recent record records recover red redness reduce reed refer refers refill reflex refuse
regain regard region regional regular reject relapse relate release relief rely remain remark remind remote
remove renal rent repair repeat replace reply report reports request require rescue rescued reserve resolve
respect rest rested resting result results resume retain retire return reveal review revise reward rice rich
rid ride rider rides ridge riding right rights rigid ring rings rinse rise rises rising risk risks river
road roads roast rob robe robin rock rocks rod role roll rolled roman roof room rooms root roots rope rose
roses rot rotate rough roughly round rounded rounds route routes routine row royal rub rubs ruby rude rule
ruled rules run running runs rupture rural rush russian rust sac sad saddle safe safely safety sage said
sail sailor saint salad sale saline salt salts same sample samples sand sandy sane sank sat saturday sauce
savage save saved saves saving saw say saying says scale scales scalp scan scans scar scare scared scars
scene school science scope score scored scores scream screen script sea seal search season seat seated
second seconds secret section secure see seed seeds seeing seek seem seems seen sees seize seldom select
self sell send sends senior sense sensor sent september serial series serious serum serve served serves
service session set sets setting settle seven several severe severely sew sex sexual shade shadow shaft
shake shakes shaking shall sham shape shaped share shared sharp sharply shave she shed sheep sheet sheets
shell shepherd shield shift shifts shine ship shirt shock shoe shoes shook shoot shop shops shore short
shorter shortly shot shots should shoulder show showed shower showers shown shows shrink shunt shut shy sick
sickle side sided sides sight sign signed signs silent silk silver similar simple simply since sing singer
single sink sinus sip sips sir sister sit site sites sits sitting six sixth size sized sizes skill skills
skin skip skipped skull sky slack slave sleep sleeps sleepy slice slide slides sliding slight slightly slim
sling slip slipped slope slow slowed slower slowly slurred small smaller smart smear smell smells smile
smiles smoke smoked smoker smokers smokes smoking smooth smoothly snack snacks snake snore snoring snow soak
soap sober social sock socks sodium soft solar sold sole solid solo solve some son song sons soon sooner
sore sores sorry sort sought soul sound sounds soup sour source south space spaces span spanish spare spark
sparrow speak speaker speaks special specific speech speed spell spells spend spent spice spicy spill spin
spinal spine spiral spit split spoke spoken spoon sport sports spot spots spouse spray spread spring springs
sputum square squat stab stable stack staff stage stages stain stair stairs stamp stand standard standing
stands star stare stark stars start started starting starts starve state stated states static station statue
status stay stayed staying stays steady steal steam steel steep stem stems stent stents step steps stern
steward stick sticks stiff still stir stitch stock stoma stomach stone stones stood stool stools stop
stopped stops store stores storm story stout stove straight strain strains strange strap straw stream street
strength stress stretch strict stride strike strip strips stroke strokes strong strongly struck structure
stuck student studies study stuff stump sturdy style subject submit substance succeed success such sudden
suffer sugar suggest suit suite sum summary summer summers sun sunday sung sunken superb supple supply
support suppose sure surely surface surgery surprise surround survey suspect sustain swab swabs swallow swan
sway sweat sweats sweet swell swelling swift swim swing switch swollen sword symptom syrup system table
tables tablet tablets tail take taken takes taking tale talent talk talked talks tall tan tank tape taper
tapered tapers target task tasks taste tastes taught tax tea teach teacher team teams tear tears teen teeth
tell teller tells ten tend tender tends tense tent tenth term terms terry test tested testing tests text
than thank thanks that the their them then there these they thick thicker thigh thighs thin thing things
think thinks thinner third thirst thirty this thorn thorns those though thought thread threat three threw
throat through throw thrown thrush thumb thursday thus tick ticket tide tie tied tiger tight tightly tile
till tilt timber time timed timely times timing tin tiny tip tips tire tired tissue title toast tobacco
today toe toes together toilet told tolerate tone tones tongue tonic too took tool tools tooth top topic
tort total totally touch touched tough tour toward towel tower town toxic trace traces track tracks tract
trade train trained trains transfer trap trash trauma travel travels tray treat treated tree trees tremor
trial trials tried trigger trim trip triple trips troop trouble truck true truly trunk trust truth try
trying tub tube tubes tuck tucker tuesday tug tumor tumors tunnel turn turned turner turning turns twelve
twenty twice twin twins twist two type types typical ulcer ulcers uncle under undergo union unique unit
units unknown unless until unusual upon upper upright upset urban urge urgent urine use used useful user
users uses using usual usually vague valid valley value values valve valves van vapor varied varies vary
vast vault vein veins verbal version very vessel vessels vest via victor view viewed views village vine
violet viral virgin virtue virus vision visit visited visits vital vitals vivid voice voices void voided
volume volunteer vomit vote wade wage wait waited waiting wake waked wakes waking walk walked walker walking
walks wall waller walls want wanted wants war ward wards warm warmer warmth warn warned warren wash washed
washer washing waste watch watched water waters wave waves wax way ways weak weaker weakly weakness wealth
wean weaned weaning weapon wear wearing wears weather weaver web wed wednesday week weekly weeks weigh
weighed weight weights weird welcome well wells went were west western wet whale what wheat wheel wheels
wheeze wheezes wheezing when where whether which while white whites who whole whom whose why wide widely
wider widow wife wild wilder will willing win wind window wine wing wings winter winters wipe wire wires
wisdom wise wish wished wishes wit witch with within without witness woke wolf woman women wood wooden woods
wool word words wore work worked worker workers working works world worms worn worried worry worse worst
worth would wound wounds wrap wrapped wrist wrists write writer writes writing written wrong yard yarn year
yearly years yeast yellow yes yesterday yet yield york you young younger your yours yourself youth zero zone
zones
"""

_SPANISH = """
abril adulto agosto agua ahora algo alguna alguno alta alto ambos ante antes apoyo aquel arriba asma
asociado aunque azul bajo bastante beber blanca blanco boca brazo buen buena bueno cabeza cada calle calor
cama cambio campo cara casa caso causa cerca cinco clara claro clinica clinico codo comer como con corazon
corta corto costa cruz cual cuando cuatro cuello cuenta cuerpo dado dale datos debe debido dedo dedos dejar
del dentro derecha derecho desde despues dias dicha dicho diente dieta diez doce dolor dolores domingo donde
dosis dura durante edad ella ellos enero entre epoca espalda esposa esposo esta estado este esto estos
examen falta familia fecha fiebre fin firma flores fondo forma fosa fuente fuerte fuerza gastos gran grande
grasa grupo haber habla hace hacia hallazgo hasta herida hermana hermano higado hija hijo hombre hombro hora
horas hoy hueso huesos iglesia igual infancia ingresa ingreso inicia inicio izquierda izquierdo jueves julio
junio lado largo lavado leche lecho leon leve libre linea lobo luego lugar luna lunes luz madre mano manos
martes marzo masa mayo medico medida medio mejor mejora menor menos mesa meses metro mientras miercoles
mismo mitad modo momento monte mucha mucho muerte mujer muslo nada nariz negra negro nervio nerviosa nieve
ninguna ninguno nivel noche nombre norte noviembre nueva nueve nuevo nunca octubre oido ojos oreja orina
otra otras otro otros paciente padre palma para pared parte parto paso pasos pauta pecho peor pequeno
perdida pero peso pico piel pierna pies poca poco porque posible previa previo primer primera primero prueba
puente puerta pulmon pulso punto quien rama rasgos reposo resto riesgo rios ritmo rodilla rojo sabado salida
salud sangre santa santo seis semana semanas sentido septiembre serie sexo sierra siete signos silla sino
sobre soto sueno suero tabla tanto tarde tejido tiempo tiene tipo toda todo todos torax torres tos tras
tratamiento tres trigo ultima ultimo unas unos urgencias usted valle valor varias varios varon veces vena
verde vida viernes vino visita vista vive zona
"""

COMMON = frozenset((_ENGLISH + _SPANISH).split()) | CLINICAL

_ENDINGS = ("s", "es", "ed", "ing", "ly", "er", "ness", "ful", "al", "d", "r")


def ordinary(word: str) -> bool:
    """Whether a folded word is an ordinary one, or a usual form of one ("tolerated", "swellings")."""
    if word in COMMON:
        return True
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if len(stem) >= 4 and word.endswith(ending) and (stem in COMMON or stem + "e" in COMMON):
            return True
    return False
