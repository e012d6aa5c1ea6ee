"""Chinese addresses, towns, hospitals, schools and employers by form.

Law: a province alone is none, nor is it part of an address; a kind of hospital ("上级医院", "社区卫生服务中心") is no
name. Sources: the usual kinds of administrative divisions and institutions.
Imports: rules.
"""

from __future__ import annotations

import re

from gateway.deid.patterns.rules import Scan, rule

_HAN = "[一-鿿]"
_STOPS = "收入住于在至到址为是从由自往请致转送曾因拟赴经诊居过籍即去原邀"
_BEGINS = f"(?:(?<!{_HAN})|(?<=[{_STOPS}日月年]))"
_PLACED = f"(?:(?![{_STOPS}])[一-鿿])"
_PROVINCE = re.compile(r"(?:[一-鿿]{2,3}?省|[一-鿿]{2,5}?自治区)")


def _without_province(text: str, start: int, end: int) -> tuple[int, int]:
    """A place without its province, which identifies nobody."""
    province = _PROVINCE.match(text, start, end)
    return (province.end(), end) if province else (start, end)


_WAY = "(?:路|街|大街|大道|道|巷|弄|胡同|里|村|社区|小区|花园|家园|公寓|屯|组)"
_ROAD = f"{_PLACED}{{2,30}}{_WAY}"
_COUNT = "[0-9一二三四五六七八九十]{1,5}"
_ESTATE = f"(?:{_HAN}{{2,8}}(?:小区|花园|家园|公寓|大厦|新村|苑|轩|府|园|城|里|庭|湾))?"
_PART = "(?:[0-9A-Za-z一二三四五六七八九十甲乙丙]{1,4}(?:栋|幢|座|单元|号楼|楼|层|室|号|户|组|队)-?)"
_ROOMS = rf"{_PART}{{0,4}}(?:[0-9]{{1,4}}(?:-[0-9]{{1,4}}){{0,3}}室?)?"
_STREET = rule(
    f"{_BEGINS}(?P<STREET>{_ROAD}{_COUNT}(?:号院?楼?|弄|栋|幢|组|队|室)(?:附{_COUNT}号)?{_ESTATE}{_ROOMS})",
    0.9,
    cut=_without_province,
)
_ESTATE_ROOM = rule(
    f"{_BEGINS}(?P<STREET>{_PLACED}{{2,12}}(?:小区|花园|家园|公寓|大厦|新村){_COUNT}(?:号楼|栋|幢|座|单元|室)-?{_ROOMS})",
    0.85,
)
_ADDRESS = rule(
    rf"(?:家庭住址|家庭地址|现住址|住址|住\s?址|地址|户籍地址|户口地址|联系地址|通讯地址|工作地址|现住地)\s?[:]\s{{0,3}}"
    rf"(?P<STREET>{_HAN}[^\n,。;:\s]{{2,50}})",
    0.97,
    cut=_without_province,
)
_ZIP = rule(r"(?:邮编|邮政编码)\s?[:为]?\s{0,3}(?P<ZIP>[0-9]{6})(?![0-9])", 0.97)

_BIRTHPLACE = rule(
    rf"(?:籍贯|出生地|户籍地?|民族地|出生地点|原籍)\s?(?:[:]\s{{0,3}}|(?<=原籍))(?P<LOCATION>{_HAN}[^\n,。;:()\s]{{1,20}})",
    0.95,
    cut=_without_province,
)
_FROM = rule(
    rf"(?:生于|来自|家住|出生于|居住于|长居|久居|居住在|户籍|迁居|迁至|现住|原住|到过|去过|途经|暂住)(?:原籍)?"
    rf"(?P<LOCATION>{_PLACED}{{2,12}}?(?:市|县|区|镇|乡|村|街道)(?:{_PLACED}{{1,5}}(?:区|县|镇|乡|村|街道))?)",
    0.85,
    cut=_without_province,
)
_TOWN = rule(
    f"{_BEGINS}(?P<LOCATION>(?:{_PLACED}{{2,3}}省|{_PLACED}{{2,5}}自治区)?{_PLACED}{{2,4}}市"
    f"(?:{_PLACED}{{1,4}}(?:区|县|镇|乡|村|街道))?)(?![场售政民值面立级])",
    0.7,
    cut=_without_province,
)

_PLACES = (
    "医院|卫生院|卫生室|卫生所|医务室|医学中心|诊所|门诊部|卫生服务中心|卫生服务站|服务站|透析中心|体检中心|康复中心|急救中心|疗养院|养老院"
    "|敬老院|福利院|保健院|保健所|防治院|防治所|疾控中心|护理院"
)
_SHARED = re.compile(
    "当地|附近|外地|我|外|本|该|某|上级|下级|综合|专科|三甲|三级|二级|一级|甲等|社区|基层|其他|其它|就诊|各|大|小|乡镇|乡|县级|市级|省级|县|市|省|区"
    "|村|镇|私人|民营|公立|此|出|人民|中医|中西医结合|妇幼|儿童|肿瘤|胸科|骨科|口腔|眼科|精神|传染病|心血管|第[一二三四五六七八九十]+|附属|大学|医学院|院"
    "|血液|康复|急救|疾病|预防|控制|中心|卫生|定点|原|在|及|或|至|的|家"
)
_BEFORE_PLACE = re.compile(
    r".*(?:收入|进入|申请|上级|要求|患者|家属|联系|建议|前来|返回|下|家中|急诊|拟行|抄送|抄报|自行|已|被|随访|就近|前|予|后|嘱|日|时)"
)


def _named_place(text: str, start: int, end: int) -> tuple[int, int]:
    """The institution without the words of a sentence before it; nothing where only its kind is left."""
    lead = _BEFORE_PLACE.match(text, start, end)
    start = lead.end() if lead else start
    return (
        (start, end)
        if len(_SHARED.sub("", re.sub(f"(?:{_PLACES})\\Z", "", text[start:end]))) > 1
        else (end, end)
    )


_HOSPITAL = rule(
    f"{_BEGINS}(?P<ORGANIZATION>{_PLACED}{{2,24}}(?:{_PLACES})(?:{_PLACED}{{1,4}}(?:院区|分院))?)",
    0.85,
    cut=_named_place,
)
_EMPLOYER_KINDS = (
    "小学|中学|大学|学院|学校|幼儿园|公司|集团|工厂|厂|银行|研究所|研究院|事务所|合作社|超市|酒店|饭店|商场"
)
_EMPLOYER = rule(
    rf"(?:原|系|为|在|于|就职于|任职于|供职于|就读于|退休前在|单位[:]?)\s?(?P<ORGANIZATION>{_PLACED}{{2,14}}(?:{_EMPLOYER_KINDS}))"
    r"(?=退休|职工|工人|教师|员工|学生|老师|上班|工作|就读|任职|干部|司机|会计|保安|[,。;)\s]|\Z)",
    0.8,
    cut=lambda text, start, end: (start, end) if end - start > 3 else (end, end),
)
_WORKPLACE = rule(
    rf"(?:工作单位|单位名称|单位|学校|就读学校)\s?[:]\s{{0,3}}(?P<ORGANIZATION>{_HAN}[^\n,。;:\s]{{2,30}})",
    0.95,
    check=lambda m: not re.match("无|不详|退休|务农|自由", m["ORGANIZATION"]),
)
_ROAD_SIGN = re.compile("[路街道巷弄村区市县址贯生来住籍居过]")


def _may_place(text: str) -> bool:
    return not text.isascii() and _ROAD_SIGN.search(text) is not None


SCANS = (
    *(Scan(_may_place, one) for one in (_STREET, _ESTATE_ROOM, _ADDRESS, _BIRTHPLACE, _FROM, _TOWN)),
    Scan(lambda text: "邮" in text, _ZIP),
    Scan(lambda text: "单位" in text or "学校" in text, _WORKPLACE),
    Scan(lambda text: any(sign in text for sign in "厂学司园集行所社市店场"), _EMPLOYER),
    Scan(lambda text: any(sign in text for sign in "院所室站心部"), _HOSPITAL),
)
