"""Words of clinical notes, folded: anatomy, findings, drugs; and surnames that became clinical words.

Written for this project. Imports: the standard library only.
"""

from __future__ import annotations

_CLINICAL = """
abdomen abdominal abilify ablation abnormal abrasion abscess abuse accupril acid acidosis acne actonel actos
acyclovir adenoma adherent adhesion adipose admission adrenal advair advil afebrile albumin albuterol
alcohol aldactone aleve algia allegra allergic allergies allergy alopecia altace alveolar amaryl ambien
ambulate amiodarone amlodipine amputation amylase anal analgesia ancef anemia anemic anesthesia aneurysm
angina angio anion ankles anorexia anterior antibiotic antibody antral antrum anxiety anxious aorta aortic
apex aphasia apical apnea apneic appendix aranesp aricept arimidex arixtra aspirate aspirin assay asthma
ataxia atenolol ativan atrial atrium atrophy atrovent atypical auditory augmentin aura avandia avapro
avastin avelox avodart axial axilla axillary baclofen bacteria bactrim bands basal baseline basilar bedrest
benadryl benicar bicarb biceps bilateral bile biliary bilirubin biopsy bipolar bladder blast bleed bleeding
bleeds bloating bolus boniva bony bowels brachial brady breasts bronchi bronchus buccal bumex bundle byetta
bypass calcium calculi calf callus calorie calories calves canal cannula capillary caplet capsule carbon
carboplatin carcinoma cardiac cardiology cardizem caries carotid carpal carvedilol catapres catheter caudal
cava cavity cecal cecum celebrex celexa celiac cellulitis cerebral cervical cervix cesarean chemo chole
chorea chronic cialis cipro cirrhosis cisplatin claritin clonidine clonus clot clots clotting coccyx
cogentin colace colic colitis colon colonic coma comatose combivent compazine complaint concussion condyle
congestion contrast contusion coreg cornea corneal coronal coronary cortex cortical costal coughing coumadin
cozaar crackle crackles cranial cranium creatinine crepitus crestor cuff culture cultures curettage cyanosis
cymbalta cyst cystic cysts debris decadron deficit dehiscence delirium delivery deltoid demadex dementia
denial denied denies depakote dermal dermis detrol diabetes diabetic diagnosis dialysis diarrhea diastole
differential diflucan digoxin dilantin dilated dilaudid diltiazem diovan diploid diplopia diplopic discharge
disorder distress ditropan diuresis diuretic dizziness dizzy dobutamine dopamine dorsal dosage dressing
dressings duct ductal ducts dulcolax duodenal dural dysuria ectopy eczema edema effexor effusion elective
eliquis embolic embolism embolus emesis emetic enamel enbrel endoscopy enema enteral enteric enzyme enzymes
epidural epigastric epogen erosion erosions erythema esophagus ethanol etomidate extubate exudate exudates
fascia febrile fecal feces femara femoral femur fentanyl fetus fiber fibers fibrin fibroid fibroids fibrosis
fibrous fibula fissure fistula flaccid flagyl flares flatus flexeril flexion flexor flomax flonase flu
fluids flutter foci foley foramen fosamax fossa fracture fractures fragmin frontal fundal fundus fungal
fungus fusion gallop ganglion gastric gastritis gastro genital geodon gingival globulin glottis glucose
glucotrol gluteal goiter gonad gout graft grafts gravid groins guarding gyrus haldol hematoma hemoglobin
hemorrhage heparin hepatic hepatitis heplock herceptin hernia hernias herpes hiatal hilar hilum hives
hormone hospice hospital humalog humeral humerus humira hydralazine hydrate hygiene hymen hypertension
hypoxia hypoxic icteric icterus idiopathic ileal ileum ileus iliac imdur immune implant incision indigo
induced infarct infection inferior infusion inguinal inhaler insulin intern intubate invasion iodine
ischemia ischemic isordil itching januvia jaundice jejunum jugular keflex keloid keppra ketamine ketone
ketones kidney kidneys klonopin labia labile labs laceration lactate lactose lamictal laminar lantus lasix
lateral lavage laxative lesion lesions lethal lethargic leukemia levaquin levitra levophed lexapro ligament
lingual lipase lipid lipids lipitor lisinopril liter liters lithium lobar lobule lordosis losartan lovenox
lucid lumbar lumen lupus luteal lymph lymphoma lyrica macula macular malaise malar malaria malleolus mammary
mandible manic manual marrow maxilla meatus medrol melena meninges menses menstrual mesh metabolic
metastasis metformin metoprolol micardis midazolam migraine milligram milrinone miralax mirapex mitral molar
molars morbid morbidity morphine motility motrin mucinex mucosa mucosal mucous mucus murmur murmurs myeloma
myoma myopia namenda nares naris nausea nauseous nebs necrosis necrotic neonatal nephrology neupogen neural
neuro neurology neuron neurontin nexium niaspan nipple nipples nitro nocturia nodal node nodes nodular
nodule nodules norco norvasc nosocomial novolog nuchal nursing obesity oblique occlusion occult ocular
oncology opioid optical orbit orbital oropharynx ostomy otitis ovarian ovaries ovary ovum pacer pacing
palatal palate pallor palmar palpable palsy pancreas papule papules paresis paretic parietal parotid patella
patellar patent pathology paxil pelvic penile penis pepcid peptic percocet percussion perineal perineum
peripheral peritoneal petechiae pharmacist pharmacy pharynx phenergan phlegm physician placebo placenta
plantar plaque plaques plasma platelet plavix pleura pleural plexus pneumonia polyp polyps polyuria
popliteal portal posterior posture potassium pradaxa prandial prednisone pregnant prenatal pressor pressors
prilosec procedure procrit prognosis prolapse propofol proscar prostate protein proteins protonix provider
proximal prozac pruritus psoas psych ptosis pubic pubis pulmonary pulp puncture purulent pustule pyloric
pylorus quad quads radial radiology radius rales rectal rectum reflexes reflux regimen reglan rehab
rehabilitation relapses remeron remicade remission requip residual respiratory retina retinal retract
rhinitis rhonchi rigor rigors risperdal rituxan rocephin ruptured sacral sacrum saliva sarcoma satiety
scalpel scaphoid scapula sciatic sclera sclerae scleral sclerosis sclerotic scrotal scrotum sebum secretion
sedated sedation seizure seizures semen senna sepsis septal septic septum sequela seroquel sessile shunts
sigmoid sinemet singulair sinuses skelaxin smears solumedrol soma soreness spasm spasms spastic specimen
sphenoid sphincter spinous spiriva spleen splenic splint sponge statin stenosis stenotic sterile sternal
sternum steroid steroids stitches stoic stricture stridor stupor subdural sulci supine surgeon suture
sutured sutures symptoms syncope syndrome synovial synthroid syringe systole systolic tachy talar talus
tamiflu tamoxifen tampon tarsal taut taxol tegretol tendon tendons tenting testes testicle testis tetanus
thalamus therapist therapy thermal thoracic thorax thorazine throats thrombus thymic thymus thyroid tibia
tibial tinea tinnitus titer titers toenail tonsil tonsils topamax topical toprol toradol torn torsion torso
trachea traction tramadol transfuse trapezius trazodone triage triceps tricor trocar trochanter tropical
troponin tumour turgor tylenol ulcerated ulna ulnar unasyn uremia uremic ureter ureteral urethra urgency
uric urinary urology urticaria uterine uterus uvula vaccine vagal vagina vaginal vagus valgus valium valtrex
vanco variceal varices varix varus vascular vasotec venous ventral ventricle versed vertebra vertex vertigo
vesicle vestibular viagra vicodin victoza villous viscera viscous visual vitreous vocal volvulus vomiting
vulva warfarin warts watery wellbutrin wheal xanax xarelto xerosis zantac zaroxolyn zetia zocor zofran
zoloft zoster zosyn zyprexa zyrtec
"""

_EPONYMS = """
addison adson allen allis alport alzheimer alzheimers apgar apley asperger ayrton babinski baker barlow
barrett barthel bartter basedow beck becker behcet bell bence berg berger binet bishop blalock bosniak
bouchard bovie bowen braden bradford braun breslow broca bruce brudzinski buerger burkitt byrne carnett carr
chagas charcot cheyne chiari child christmas chvostek clark coombs cooper crohn cullen cushing dandy delorme
doppler douglas down dressler duchenne duke dupuytren ehlers eisenmenger epstein ewing fallot fanconi fick
finkelstein fitzpatrick fogarty foley forrester fowler frank fuhrman gage galen gardner gaucher giemsa
gilbert glasgow gleason goodpasture gram graves grey guillain hamilton hartman hartmann hashimoto heberden
heimlich henoch hickman hicks hill hippocrates hirschsprung hodgkin hoffmann holter homan homans hoover
horner hounsfield humphrey hunt huntington hutchinson jackson jevity johnson kaposi kawasaki kegel kelly
kerley kernig kidd killip klinefelter koch kocher korsakoff kussmaul lachman lambert langerhans lasegue
leiden leopold levine lewy lou lowe luer lyme lynch maddox mallampati mallory mantoux marfan mcburney mcgill
mcmurray meckel meigs menard meniere mohs monro montgomery morse morton mueller murphy murray neelsen nissen
noonan norton osgood paget pap papanicolaou parkinson parkinsons perthes peyronie phalen pott potter prader
pringle pugh purkinje quincke ranson raynaud reed reiter reye richter ringer rinne romberg rorschach
rouleaux roux salk sanders schatz schatzki schilling schiotz schmorl scribner sertoli sheehan shiley sims
sjogren snellen spurling starling sternberg stevens stokes stryker swan sydenham tanner tenckhoff thomas
tinel tinetti tourette trendelenburg trousseau turner tzanck valsalva virchow von waldenstrom weber wegener
weiss wells wernicke whipple whitmore willis wilms wilson wolff wood wright yankauer zenker ziehl
"""

_ALONE = """
addison alzheimer alzheimers apgar asperger babinski barrett barthel bell bovie braden broca burkitt chagas
crohn cushing doppler down duchenne dupuytren fallot fogarty foley glasgow gram graves hashimoto hickman
hirschsprung hodgkin holter kegel kerley kernig klinefelter lachman lyme marfan mcburney meniere pap
parkinson parkinsons raynaud romberg shiley sims stryker tourette trendelenburg valsalva wernicke yankauer
"""

_NOUNS = """
agar anemia aneurysm angle area attack balance blot bodies body breathing catheter cell cells circle
classification coma contracture criteria criterion cyst deformity degeneration dementia disease diverticulum
drain drip duct dystrophy encephalopathy enfermedad esophagus fibers fracture gland grade grading index line
lines lymphoma maneuver melanosis murmur needle negative negativo node nodes nodules osteotomy ovary palsy
panel paralysis patch patches phenomenon placed point position positive positivo posture procedure
pseudocyst reaction reflex removed rule sarcoma scale score severity sign signs sindrome solution spots
stage stain stockings symptom syndrome test tetralogy thyroiditis tube tumor tumour type ulcer unit units
wrap
"""

_NOUNS_BEFORE = """
clasificacion contractura criterio criterios enfermedad escala fractura hernia indice linea mal maniobra
nodulo nodulos poligono punto quiste signo sindrome test tumor
"""

CLINICAL = frozenset(_CLINICAL.split())
EPONYMS = frozenset(_EPONYMS.split())
"""Surnames that are parts of diseases, signs, scores, tests and devices; no names before one of the nouns."""
EPONYMS_ALONE = frozenset(_ALONE.split())
"""Those that stand for the disease or the device by themselves ("Foley in place")."""
EPONYM_NOUNS = frozenset(_NOUNS.split())
EPONYM_NOUNS_BEFORE = frozenset(_NOUNS_BEFORE.split())
"""Nouns of Spanish that an eponym follows: signo de Murphy."""
