"""Ordinary words of English and Spanish, folded: what a name must not be guessed from.

A name of the record that is one of them needs company (a title, its partner name) to be taken for a name,
and a word of the text that is one of them is never taken for a misspelt name. Written for this project.
May import: clinical and Spanish words.
"""

from __future__ import annotations

from gateway.deid.clinical_words import CLINICAL
from gateway.deid.spanish_words import SPANISH

_ENGLISH = """
able about above absence absent accept access accident according account across action active activity acute
adapt add added adding addition address adequate adjust admit admits admitted adult adults advance advice
advise advised affect african after again against agar age aged agent ages agree agreed ahead aid aids aim
air alarm alert alike alive all allow allowed almost alone along alpha already also alter although always
amber american among amount anger angle angry ankle annual another answer anti any anyone anything apart
appear appeared apple apply april arab area areas argon arm armed arms army around arrange arrive arrived
arrow art article asian ask asked asking asleep aspect assess assist assume ate attack attempt attend august
aunt author avenue average avoid awake aware away baby back backs bad badly bag bake baker balance ball band
bank bar bare barely bark barn barred barrel barrier base based basic basin basins basis basket bath bathe
bathing battle bay bayview beach beam bean bear beard beat beating became because become bed beds bedside
bee been beer before began begin behalf behave behind being belief bell belly below belt bench bend beneath
benefit benign bent berries berry beside best beta better between beyond bid big bike bill bind binder bird
birth bit bite bites biting bitter black blade blame blank bless blind blink blister blisters bloat block
blocked blocker blocks blood bloody bloom blow blue blurry board boat bodies body boil bold bolt bond bone
bones bonus book boost boot border bore boring born both bother bottle bottom bound bow bowed bowel bowl box
boxer boy boys brace braces bracing brain braise brake branch brander brave bread break breast breath
breathe brick bride bridge brief bright bring brink brisk broad broke broken brook broom broth brother
brought brown bruise bruit bruits brush buck buckle bud budge build built bulb bulk bull bump bunch burden
burn burner burning burns burrow burst bus bush business busy but butcher butler butter button buy cab cabin
cabinet cage cake call called calls calm came camp can cancel cancer candy cane cannon cannot canter canyon
cap capable caper capped car card cards care careful cares carious carrier carries carry cart carter carton
carve carver case cases cash casing cast castle castor cat catch cath catholic caucasian caulk cause caused
causes caution cedar cell cello cells cent center central centre certain chain chair chalk challenge chamber
chance chandler change changed changes channel chapel chapter charge charm charms chart charts chase cheap
check checked checks cheek cheer cheese chef cherry chest chew chewing cheyne chief child children chili
chill chills chilly chimney chin china chinese chip chips chloride choice choke choking choose chopped chops
chord chose chosen christian christmas church circle city civil claim clam clamp clamps clap clark class
claws clay clean cleaned clear cleared clearly cleat clerk clever cliff climb cling clinic clinics clip
cloak clock close closed closely closer closing closure cloth clothes cloud cloudy clover club clue coach
coal coarse coast coat coats cobble code codes coffee coil coils coin cold colds collar collect college
collie color colour column comb combine come comes comet comfort coming common compare complete comply
compress concern condo conduct cone cones confirm conscious consent consider consist constant contact
contain content continue contour control convert cook cooked cooks cooper copy coral cord core corn corner
correct cost costs cotton cough could council count counts county couple courage course court cousin cover
covered cozy crabs crack cradle cramp crane crash crate craves crawl crazy cream creams creases create
credit creek cribs crisis crisp cross crossed crowd crown crush crust crusts cry crying cubes cup cups curb
cure curl curls current curtain curve custom cut cuts cutter cutting cycle cycles daily dairy daisy damage
damp dance dancer danger dangle dark darker darn data date dated dates daughter dawn day days dead deaf deal
dealer dean dear death deaths debit decay december decide deck decline decrease deep deeper deeply deer
defect defer degree delay delayed deliver delta demand dense dental denture deny depend depth derby derive
desert deserve design desire desk detail detect develop device devote dew diamond diaper diary dice dictate
did die died dies diet differ dig digest dim diners dinner direct dirt dirty disc discuss disease dish disk
display distal ditch divan dive divide divine divorce dock docks doctor does dog doing dollar dome done
donor donut door dose dosed doses dosing dots double doubt douche dove down dozen draft drag drain drains
drake drape drapes draw drawer drawn dream dress dressed drew dried drift drill drink drinks drive driver
drives driving drool drop drops drove drowsy drug drugs drum drunk dry dryer dual duck due dull dump during
dusk dust dusty dutch duty dwell dye dyes dying each eager eagle ear earl earlier early earn ears earth ease
easel easily east easter eastern easy eat eaten eating echo edge edges edit effect effort egg eight either
elastic elbow elder elderly elect eleven elm else email embers emerge empty enable end ended ends enemy
energy engage english enjoy enlarge enough enroll ensure enter entire entrees entry equal equate errand
error errors escape even evening event events ever every evident exact exam example exams except excess
exchange excuse exhale exist exit expand expect expert explain explore expose extend extent extra eye eyed
eyes fabric face faces facial fact factor facts fade fades fail failed fails faint fair fairly faith fall
fallen falling falls false family famous fan fans far farm farmer farther fast faster fasting fat fatal fate
father fatigue fatty faucet fault fauna favor fear fears feast feat feather feature february feed feeding
feeds feel feeling feels fees feet fell fellow felon felt female fence ferry fetal fetch fever fevers few
fewer fiddle field fields fifth fifths fifty fig fight figure file files fill filled filling film filter
final finally find finding fine finger fingers finish fire firm firmly first fish fisher fist fit fits five
fix fixed flag flair flakes flank flap flaps flare flash flasks flat flea fleet flesh flew flex flexed flier
flight flint flipped float floor floors floss flour flow flower flowers fluent fluid flush flute fly foam
focal focus foggy foil fold folds folic folk follicle follow follows food foods fool foot foray forbid force
forced forceps forces ford foreign forest forget fork forks form formal former forms fort forth fortune
forward foster foul found four fourth fowler fox frail frame frames frank freak freckle free freely freeze
freight french frequent fresh friction friday fried friend friends from front frost frown frozen frugal
fruit fry fuel full fuller fully fumes fun function fund fur furry further fuse fuses fussy future fuzzy gag
gage gagging gain gained gains gait gallon game gamma gap garden gardener garlic gas gate gates gather gauze
gave gay gear gel gender general genes gentle gently germ german germs gift ginger girl girls give given
gives giving glad gland glands glare glass glasses glaze glide globe glover glow glue gluten gluteus gnaw
goal goals goat goes goggles going gold golden gone good goods goose gown gowns grab grace grade grades
grain grainy grams grand grant grape grapes graph grasp grasps grass grave gravel graves gravy gray graze
greasy great greater greek green greet grew grey grief grind grinder grip grips groan grocery groggy groin
groove gross ground group groups grove grow growing grown growth growths grunt grunts guard guess guest
guide guided guilt gulp gulps gum gums gun gurgle gusts gut guy habit habits had hail hair half hall halt
hammer hamper hamster hand handed handle handout hands handy hang hangs happen happy harbor hard harder
hardly hardy harm harsh has haste hat hate have haven having hawk hay hazard hazel hazy head headed heads
heal healed healer healing health healthy heap hear heard hearing heart hearts heat heater heath heather
heavily heavy hedge heel heels height held hello help helped helper helps hemp hence her herb herbs here
hers herself hiccup hidden high higher highly highs hike hiker hiking hill hills hilly him himself hinge
hint hip hips hire his hispanic hit hoarse hobbies hobby hoist hold holding holds hole holes holiday hollow
holly holy home homes honest honey honor hood hook hooker hooks hop hope hopes hoping horn horse hose host
hot hotel hour hourly hours house houses hovers how howl hug huge hugs human humid hump hunch hung hunger
hungry hunt hunter hurdle hurry hurt hurting hurts husband husky hut hyper ice idea ideal ideas idle igloo
ill illness image images imaging impact impair imply import impose improve inch inches include income indeed
index india indian infant infect inform inhale inhaled initial inject injure injury inked inks inner input
insect insert inside insist instead insure intact intake intend intent inter into invite irish iron irons
island issue issues italian itch itchy item items itself ivory ivy jack jacket jackets jag jagged jam
january jar jars jasmine jaw jay jean jeans jello jelly jerk jerks jerky jet jewel jewish job jobs jogger
join joined joint joints joke joker jolly jolt journal journey joy judge juice juices july jump jumped
jumper june junior junk jury just karma keen keep keeping keeps kept kernel kettle key keys kick kid kids
kill killed kilo kilos kind kinds king kings kiosk kiss kit kitchen kitten knead knee kneel knees knew knife
knight knob knock knot know knowing known knows korea korean label labels labor lace lack lacks lactic lad
ladder lady lake lamb lamp lance lancet land lane lanes language lap lapse lapses large largely larger
largest laryngeal laser lashes last lasted lasting lasts latch late latent later latest latex latino laugh
laundry laurel lava law lawn laws lawyer lay layer layers lead leader leading leads leaf leaflet leaflets
leak leaks leaky lean leaning learn learned leash least leather leave leaves leaving led ledge leech left
leg legal legs lemon lemons lends length lens less lesser lesson let lets letter lettuce level levels lever
liberty lids lie lies life lift lifted lifting light lightly like liked likely likes lily limb limber limbs
lime limit limited limits limp limps line lined linen liner lines linger link lint lion lips liquid liquor
list listed listen listless lists little live lived liver lives livid living load loan lobby lobe lobes
local locate lock locked locker locket locks locus lodge loft login logs loin lone long longer look looked
looking looks loop loose lord lordotic lose loses losing loss lost lot lotion lots lotus loud lounge love
loved lovely lover loves low lower lowest lows luck lucky lump lumps lumpy lunch lunches lung lunge lungs
lurch lush lusty lying mache machine mad made magic magnet maid mail main mainly maintain major make makes
making malady male man manage mango mangos mania manner manor mantle many map maple marble march margin mark
marked marker markers marks maroon marry marsh mask mason mass masses massive master match matched mate mats
matter mature mauve may maybe mayor maze meal meals mealy mean means meant measure meat media medial median
medic medical meet meeting meets mellow melon melt member members memo memorial memory memos men menace mend
mends mental mention menu menus merchant mercury mercy mere merely merge merit merry mess met metal metals
meter meters method middle midst might mild mildly mile miles milk mill miller million mills mind mine
mineral mingle minks minor mint mints minus minute minutes mirror miss missed missing mistake misty mitten
mix mixed mixing moan moaning moans mobile mode model models modern modest moist molds moldy mole moles
moment monday money monitor month monthly months mood moon mop moped mops moral morals more morning mortar
mossy most mostly motel moth mother moths motion motor mound mounds mount mourn mouse mouth mouths move
moved moves moving much mud muddy muffin muffle mule multi mums mundane mural muscle mushy music muslim must
musty mute myself nagging nail nails name named names nanny nap napkin naps narrate narrow nasal nation
native nature navel near nearby nearly neat neck nectar need needed needle needs needy negative neighbor
nerve nerves nest net never new newer newly news next nice nicks niece nifty night nights nine ninth noble
nodding noise noisy none noon nor normal north nose not note noted notes nothing notice notify novel
november now nozzle nuclei numb number numbers numbing nurse nurses nut nutmeg nuts nutty oak oasis oath
oats obese object observe obtain obvious occur ocean october odd odds odor off offer offered office often
oil oily old older olive olives omega omit once one ones onion onions only onset onward ooze oozing open
opened opening openly opens opera opinion optic optics oral orally orals orange orbits order ordered orders
ordinary organ organs origin other others otherwise ought our ours out outer output outside oven ovens over
overall overt owe owen owl own owned owner oxide oxygen oyster pace paced pack packed packer packs pad
paddle page pages paid pain pained painful pains paint painter pair pale pallid palm palms pan panel panels
panic panting pantry pants papaya paper papers parcel parch parent parents park parker parking parks parson
part partly partner parts party pass passed passes past paste pastor patch patches patchy path pathway
patience patient patients patio pattern patterns patty pause pave paw pay peace peach peak pear pearl peas
pecan peck pedal peel pegs pellet pelvis pen penny people pepper per perc perch perfect perform perhaps peri
peril period permit perrla person pesky pet petal petals petite pets phase phone photo phrase physical piano
pick picked pickle picks picture piece pieces pierce pies pig piles pill pillar pillow pills pilot pilots
pimple pin pinch pine pink pins pint pipe piper pit pitch pity pivot pixel place placed places plaid plain
plan plane plank plans plant plants plate plates play played player plaza please pleat plenty plot plug plum
plumber plump plus pocket pods point points poison poke pokes pole police policy polio polish polite polka
pond pool poor poorer poorly pop pope poppy porch pork port porter portion ports pose post posted posts pot
potato pots potter potty pouch pouches pound pounds pour powder power powers practice prank pray precise
prefer prep prepare preps present press pressure pretty prevent price prick prickly pride priest primary
prime prince print prior prism private prize probe process produce product profile program prompt prone
prongs proof proper property props protect proud prove proven provide prudent prune prunes public pucker
pudding puff puffs puffy pull pulled pulse pulses pump pumpkin pumps punch punctate pupil pupils pure puree
purge purple purpose purse pursue push pushed put puts putty puzzle quake quality quarry quarter queasy
queen quest question quick quickly quiet quit quite quiver quote rabbit race races rack radar radio radios
radon rafts ragged rags rain raise raised raises ramp ramps ran rancid randy range ranges ranging rank rants
rapid rapidly rare rarely rash rashes rasp raspy rate rated rates rather rating ratio ration raw ray rays
razor reach reached reacher reaches react read reader reading ready real really realm reaps rear reason
rebate recall receive recent record records recover red redness reduce reed reels refer refers refill reflex
refuse regain regard region regional regular reject relapse relate relay release relief relish rely remain
remark remedies remedy remind remote remove renal renew rent repair repeat replace reply report reports reps
request require rescue rescued reserve resin resolve respect rest rested resting result results resume
retain retch retches retire return reveal review revise reward rhythm rib ribs rice rich rid ride rider
riders rides ridge riding right rights rigid rims rind ring ringing rings rinse rinses ripe ripped rise
risen rises rising risk risks ritual river rivet road roads roams roast rob robe robes robin rock rocks rod
rods role roll rolled roller roman roof room rooms roomy root rooting roots rope ropes rosary rose roses rot
rotary rotate rotated rouge rough roughly round rounded rounds rousable route routes routine rover row
rowing royal rub rubber rubs ruby rude rugs ruins rule ruled rules rumen rumors run rungs running runny runs
rupture ruptures rural rush russian rust rusty sac sacks sad saddle safe safely safety sage said sail sailor
saint salad salads salami sale saline sallow salmon salt salts salty salve same sample samples sand sander
sandy sane sank sashes sat satin saturday sauce sauna savage save saved saver saves saving savory saw say
saying says scabies scabs scale scales scalp scaly scan scans scant scar scare scared scarf scars scatter
scene scents school science scoop scoot scope score scored scores scrapes scream screen script scrub scrubs
sea seal seams search season seat seated second seconds secret section sector secure sedan see seed seeds
seeing seek seem seems seen seeps sees seize seizes seldom select self sell send sends senior sense sensor
sensory sent septa september serene serial series serious serum serve served serves service session set sets
setting settle seven several severe severed severely sew sewer sex sexual shade shadow shaft shaggy shake
shakes shaking shaky shall sham shape shaped shards share shared sharp sharply sharps shave she sheath shed
sheep sheet sheets shelf shell shells shelter shepherd shield shift shifts shine shins shiny ship shirt
shiver shock shoe shoes shook shoot shop shops shore short shorter shortly shot shots should shoulder show
showed shower showers shown shows shred shrimp shrink shrub shrug shunt shut shy sick sickle side sided
sides sieve sigh sighs sight sigma sign signed signs silent silk silver similar simple simply since sinew
sing singer single sink sinus sip sips sir siren sister sit site sites sits sitter sitting six sixth size
sized sizes sizing skate skater sketch skill skills skim skin skinny skip skipped skirt skull sky slack
slant slap slate slave sleep sleeps sleepy sleet slender slice slick slid slide slides sliding slight
slightly slim sling slip slipped slippers slit slope sloped sloppy slot slouch slow slowed slower slowly
sludge sluggish slump slur slurred slurs smack small smaller smart smear smell smells smile smiles smog
smoke smoked smoker smokers smokes smoking smooth smoothly smudge snack snacks snake snaps sneak sneer
sneeze sniff snore snoring snow snug soak soaks soap soapy sob sober sobs soccer social sock socks soda
sodium sofa soft softer soggy solar sold solder sole soles solid solo solve solvent some son sonar song sons
soon sooner soot soothe sore sorely sores sorry sort sought soul sound sounds soup sour source south soy spa
space spaces spam span spanish spare spark sparrow spat speak speaker speaks special specific speech speed
spell spells spend spent spice spicy spikes spill spin spinach spinal spine spiral spit splash splints split
spoiled spoke spoken sponges spool spoon spore spores sport sports spot spots spotty spouse sprain sprains
spray spread spree spring springs sprout spur spurs sputum square squat squeeze squint stab stable stack
staff stage stages stagger stain stains stair stairs stale stalk stall stamina stamp stand standard standing
stands stapled staples star starch stare stark stars start started starting starts starve stash state stated
states static station statue status stay stayed staying stays steady steaks steal steam steamy steel steep
stem stems stent stents step steps stern steward stick sticks stiff stiffen stiffly still sting stings stink
stint stir stitch stock stoke stoma stomach stone stones stood stool stools stoop stop stopped stops store
stores storm story stout stove straight strain strains strange strap straps straw straws streak streaks
stream street strength strep stress stressor stretch strict stride strides strike string strings strip
strips stroke strokes stroll strong strongly struck structure stub stubs stuck student studies study stuff
stuffy stumble stump stunt sturdy sty style subject submit substance subtle succeed success such suction
sudden suds suffer sugar suggest suit suite sulfa sum summary summer summers sun sunday sung sunken sunny
superb supper supple supply support suppose sure surely surf surface surge surgery surly surprise surround
survey suspect sustain swab swabs swallow swan sway sweat sweats sweet swell swelling swift swim swing
swings swipe swirl swish switch swollen sword symptom syrup system table tables tablet tablets tacky taco
tail take taken takes taking talc tale talent talk talked talks tall tallow tan tangle tank tape taper
tapered tapers tapped taps target tarry tart task tasks taste tastes taught tavern tax taxi tea teach
teacher team teams tear tearful tearing tears tease teen teeth tell teller tells tempo ten tenant tend
tender tends tenor tense tent tenth tents tepid term terms terrace terry tesla test tested testing tests
text than thank thanks that thaw the their them then there these they thick thicker thigh thighs thin thing
things think thinks thinner third thirds thirst thirty this thorn thorns thorny those though thought thread
threat three threw thrill throat throb throbs through throw thrown thrush thud thumb thump thursday thus
thyme tick ticket tics tidal tide tidy tie tied tiger tight tightly tile tiles till tilt timber time timed
timely times timing tin tingle tinted tinting tiny tip tips tire tired tissue title titrate toast toasty
tobacco today toddler toe toes together toil toilet told tolerate tomato tomb tone tones tongue tonic too
took tool tools tooth top topic toque tort tossed total totally touch touched tough tour toward towel towels
tower town toxic trace traces track tracks tract trade trailer train trained trains trance transfer trap
trapped trash trauma travel travels tray trays treads treat treated tree trees tremor trench trend trends
tress trial trials trickle tried trigger trill trim trims trio trip triple tripped trips trismus troop trots
trouble trough trousers truck trudge true truly trunk trust truth try trying tub tube tubes tuck tucker
tuesday tug tumble tumor tumors tuna tunes tunnel turkey turn turned turner turning turnip turns tutor tweak
tweed twelve twenty twice twin twinge twins twist twitch two tying type types typical udder ulcer ulcers
umber unable uncle unclear under undergo uneven unfit union unique unit units unknown unless unload unripe
unsafe until unusual unwell upon upper upright upset uptake urban urge urgent urine use used useful user
users uses usher using usual usually utensil vacuum vague valid valley value values valve valves van vanilla
vapor vapors varied varies vary vast vault veggie veil vein veins velvet vendor vent vents verbal verge
version very vessel vessels vest vests vexed via vial vials vibrate victor view viewed views vigor village
vine vinyl violet viral virgin virtue virus vision visit visited visits vista vital vitals vitamin vivid
voice voices void voided volume volunteer vomit vomits vote wade wades waffle wage wager wagon waist wait
waited waiting wake waked wakes waking walk walked walker walkers walking walks wall waller walls walnut
wander wanders wane waned wanes want wanted wants war ward wards warm warmer warmth warn warned warren wary
wash washed washer washing wasp waste watch watched water waters watts wave waves wax waxy way ways weak
weaken weaker weakly weakness wealth wean weaned weaning weapon wear wearing wears weary weather weaver web
wed wednesday week weekly weeks weigh weighed weight weights weird welcome weld welder well wells welt welts
went were west western wet whale what wheat wheel wheels wheeze wheezes wheezing wheezy when where whether
whey which while whine whirl whisk whisky white whites who whole whom whose why wide widely widen wider
widow wield wife wiggle wild wilder will willing wilt win wince wind window wine wines wing wings winter
winters wipe wipes wire wires wisdom wise wish wished wishes wit witch with within without witness wobble
wobbly woke wolf woman women wood wooden woods wool woozy word words wore work worked worker workers working
works world worms worn worried worry worse worst worth would wound wounds wrap wrapped wrench wrestle wring
wrinkle wrist wrists write writer writes writing written wrong yam yams yard yarn yawn yawns year yearly
years yeast yellow yells yes yesterday yet yield yogurt yolk york you young younger your yours yourself
youth zero zesty zinc zipper zone zones
"""

COMMON = frozenset(_ENGLISH.split()) | SPANISH | CLINICAL

_ENDINGS = {
    "s": ("s", "es", "ness"),
    "d": ("d", "ed"),
    "g": ("ing",),
    "y": ("ly",),
    "r": ("r", "er"),
    "l": ("al", "ful"),
}


def ordinary(word: str) -> bool:
    """Whether a folded word is an ordinary one, or a usual form of one ("tolerated", "swellings")."""
    if word in COMMON:
        return True
    for ending in _ENDINGS.get(word[-1:], ()):
        stem = word[: -len(ending)]
        if len(stem) >= 4 and word.endswith(ending) and (stem in COMMON or stem + "e" in COMMON):
            return True
    return False
