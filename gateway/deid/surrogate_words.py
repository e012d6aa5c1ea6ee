"""Words of which surrogates of places, streets and institutions are made, and the words that are generic.

Places are composed, so that most of them are nowhere; whatever exists by the same name is so by chance.
Generic words say what kind of thing a name names; they stay, as they point at nobody.
Sources: the words were put together for this project; street types after USPS Publication 28, appendix C1,
the types of institutions after what FHIR R4 Organization.type and China's rules on naming medical
institutions (1994, article 40) list.
"""

from __future__ import annotations


def listed(text: str, separator: str | None = None) -> tuple[str, ...]:
    """The words of a list that is written as one text."""
    return tuple(text.split(separator))


EN_PLACE_HEADS = listed(
    "Alder Amber Ash Aspen Barley Beech Birch Bracken Bram Brindle Briar Calder Cedar Clover Copper Corn "
    "Cray Dun Elder Elm Ember Fallow Fern Flax Gorse Hart Hazel Heather Holm Juniper Kestrel Lark Laurel "
    "Linden Lock Mallow Maple Marl Merle Moss Oaken Osprey Pine Quarry Raven Reed Rowan Sedge Slate "
    "Sorrel Tamar Teal Thistle Vale Wheat Willow Wren Yarrow"
)
EN_PLACE_TAILS = listed(
    "bridge brook bury combe dale field ford gate ham haven hollow hurst ley mere mont mouth port ridge "
    "side stead stone ton view ville wick wood worth"
)
EN_PLACE_TYPES = frozenset(
    listed(
        "city town township village borough parish county district island lake river valley beach bay creek "
        "heights park station springs falls"
    )
)
EN_STREET_TYPES = frozenset(
    listed(
        "street st avenue ave road rd drive dr lane ln boulevard blvd court ct circle cir place pl way "
        "terrace ter parkway pkwy highway hwy square sq trail trl crescent close alley row walk loop"
    )
)
EN_UNITS = frozenset(listed("apt apartment unit suite ste room rm floor fl bldg building box po p.o lot"))
EN_DIRECTIONS = frozenset(listed("n s e w ne nw se sw north south east west"))
EN_INSTITUTION = frozenset(
    listed(
        "hospital hospitals clinic clinics center centre centers medical general memorial regional community "
        "university school elementary middle high academy pharmacy practice associates partners group "
        "college health healthcare system systems institute inc llc ltd corp corporation company "
        "department church surgery surgical hospice nursing home rehabilitation laboratory laboratories "
        "labs children's "
        "cancer heart eye dental family care facility infirmary trust foundation services service "
        "bank hotel restaurant store factory of the and for at in"
    )
)

ES_PLACE_HEADS = listed(
    "Villanueva Villar Valle Puebla Torre Fuente Castillo Aldea Peña Puerto Robledo Campo Molino Vega "
    "Huerta Ribera Cerro Puente Prado Monte Riba Arroyo Pozo Cañada Loma Mesón"
)
ES_PLACE_TAILS = listed(
    "del Olmo|del Enebro|de la Encina|del Fresno|de los Álamos|de la Dehesa|del Almendro|"
    "de los Cerezos|del Romeral|de la Retama|del Jaral|de las Golondrinas|del Halcón|de la Alondra|"
    "del Tomillo|del Acebo|de los Juncos|de la Higuera|del Laurel|de las Moreras|del Castañar|"
    "del Pinar|de la Umbría|del Cantueso",
    "|",
)
ES_STREET_TYPES = frozenset(
    listed(
        "calle c/ avenida avda av paseo pº plaza plza pza camino carretera ctra ronda travesía callejón "
        "glorieta vía bulevar rambla pasaje urbanización"
    )
)
ES_STREET_NAMES = listed(
    "de los Tilos|del Jazmín|de las Acacias|del Alfarero|de la Mimosa|de los Arrayanes|del Tejedor|"
    "de las Hortensias|del Cedro|de la Magnolia|del Herrero|de los Naranjos|de las Azucenas|"
    "del Ruiseñor|de la Golondrina|del Abedul|de los Lirios|de la Madreselva|del Olivar|de la Cigüeña|"
    "del Nogal|de las Adelfas|del Espliego|de la Noria|del Batán|de las Cigarras|del Sauce|"
    "de los Almendros|de la Buganvilla|del Carpintero|de las Violetas|del Granado|de la Abubilla|"
    "del Pintor|de los Cipreses",
    "|",
)
ES_UNITS = frozenset(
    listed("piso puerta bloque portal escalera esc planta nº núm número bajo izq dcha local apartado")
)
ES_ARTICLES = frozenset({"la", "el", "los", "las"})
ES_INSTITUTION = frozenset(
    listed(
        "hospital clínica clinica centro salud de del la el los las universidad universitario universitaria "
        "colegio instituto residencia farmacia ambulatorio consultorio general empresa laboratorio "
        "laboratorios médico medico comarcal provincial regional clínico clinico escuela facultad fundación "
        "fundacion servicio servicios sanatorio policlínica policlinica materno infantil banco hotel fábrica "
        "y sa sl"
    )
)

ZH_PLACE_HEADS = listed(
    "青云 白石 清水 东篱 南屏 碧溪 松岭 竹溪 梅岭 枫林 桂岭 兰亭 荷塘 柳岸 杏坞 桐川 榆关 槐荫 梧岗 枣园 "
    "桃源 橘洲 杉岭 樟坪 云栖 石桥 芦荡 茶岭 麦积 稻香"
)
ZH_PLACE_TAILS = tuple("岭川塘湾浦陵坪洲泉峰冈源岸台坝港")
ZH_PLACE_TYPES = "省市县区镇乡村州旗盟屯庄"
ZH_STREET_TYPES = ("大道", "大街", "胡同", "路", "街", "巷", "弄", "里")
ZH_INSTITUTION = (
    r"(?:第[一二三四五六七八九十]+)?(?:附属|人民|中心|中医|中西医结合|妇幼|儿童|肿瘤|口腔|眼科|精神卫生|综合|社区|专科|职业|实验|"
    r"医科|科技|工业|大学|医学|卫生|服务|有限|股份)*"
    r"(?:医院|诊所|卫生院|卫生室|保健院|中心|门诊部|大学|学院|学校|中学|小学|公司|工厂|药房|药店|幼儿园|养老院|敬老院|研究所|银行|酒店)"
)

PARTICLES = frozenset(
    listed(
        "de del della di da do dos das du la las le los van von der den ten ter zu bin ibn al el abu y e i "
        "san"
    )
)

GENERIC = (
    EN_PLACE_TYPES
    | EN_STREET_TYPES
    | EN_UNITS
    | EN_DIRECTIONS
    | EN_INSTITUTION
    | ES_STREET_TYPES
    | ES_UNITS
    | ES_INSTITUTION
    | PARTICLES
)
"""Words, case folded, that stay in or return with a surrogate without telling anything."""
