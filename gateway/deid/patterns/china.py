"""Chinese forms: resident identity number, names, dates, record labels, addresses, hospitals.

Law: a name needs a label, a title or "某"; a province, a bed, a span of months and a year alone are none.
Sources: GB 11643-1999 (identity number), GB/T 39725-2020 (health data), the usual labels of Chinese records.
Imports: check_digits, rules.
"""

from __future__ import annotations

import re

from gateway.deid import check_digits
from gateway.deid.patterns.rules import Family, Scan, rule

_SURNAME = (
    "(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|皇甫|公孙|慕容|令狐|司徒|宇文|长孙"
    "|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪"
    "严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴"
    "席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强丘褚娄晏])"
)
_HAN = "[一-鿿]"
_GIVEN = rf"(?:某某|某|×+|[xX*＊]{{1,2}}|{_HAN}{{1,2}})"
_NUMERAL = "[〇零一二三四五六七八九十廿]"
_ENDS = r"(?=[\s,，.。;；:：、()（）\[\]【】/\n]|男|女|性别|年龄|[0-9]|\Z)"
_LABEL = r"\s?[:：为是]?\s{0,3}"

_NAME_LABELS = (
    "患者姓名|病人姓名|姓\\s{0,4}名|患者名称|联系人姓名|联系人|家属姓名|家属|监护人|签名|医师签名|医生签名|医师|医生|主治医师"
    "|住院医师|主任医师|副主任医师|经治医师|上级医师|记录者|记录人|记录医师|护士|责任护士|审核医师|报告医师|检查医师|申请医师"
    "|手术者|术者|主刀|助手|麻醉师|麻醉医师|父亲|母亲|配偶|丈夫|妻子|儿子|女儿|陈述者|供史者|病史陈述者|送检医师|审核者|报告者|会诊医师"
)
_NOT_NAMES = frozenset(
    [
        "签名",
        "查房",
        "会诊",
        "不详",
        "本人",
        "未婚",
        "已婚",
        "良好",
        "健康",
        "体健",
        "高血",
        "否认",
        "患有",
        "因病",
        "去世",
        "死亡",
        "交代",
        "嘱咐",
        "建议",
        "同意",
    ]
)
_NOT_STARTS = "医师|医生|护士|患者|病人|主任|查房|会诊|不详|本人|健康|体健|均体健|否认|因病|高血压|糖尿病|已故|已亡|死于|有无|无特殊|亲属"


def _a_name(match: re.Match[str]) -> bool:
    return not re.match(_NOT_STARTS, match["NAME"])


_LABELLED_NAME = rule(
    rf"(?:{_NAME_LABELS})\s?[:：]\s{{0,3}}(?P<NAME>{_SURNAME}{_GIVEN}(?:[·•]{_HAN}{{1,6}})?){_ENDS}",
    0.97,
    check=_a_name,
)
_LISTED_NAME = rule(
    rf"(?:{_NAME_LABELS})\s?[:：]\s{{0,3}}(?P<NAME>{_HAN}{{2,4}}(?:·{_HAN}{{1,6}})?)(?=[\s,，"
    rf"。;；、\n]|\Z)",
    0.9,
    check=_a_name,
)
_MASKED_NAME = rule(rf"(?P<NAME>{_SURNAME}(?:某某|某|××|×|\*{{1,2}}|[xX]{{2}}))", 0.93)
_PATIENT_NAME = rule(
    rf"(?:患者|病人|患儿|产妇|死者)(?P<NAME>{_SURNAME}{_HAN}{{1,2}}){_ENDS}", 0.85, check=_a_name
)
_TITLES = "先生|女士|小姐|医生|医师|主任|副主任|护士|护士长|教授|大夫|同志|太太|阿姨|老师|院长|大爷|大妈|奶奶|爷爷|家属"
_TITLED_NAME = rule(
    rf"(?<![一-鿿])(?P<NAME>{_SURNAME}{_HAN}{{0,2}}?)(?:{_TITLES})"
        rf"|(?<=[由请经为给与和及,、。:：])(?P<NAME_2>{_SURNAME}{_HAN}{{0,2}}?)(?:{_TITLES})",
    0.88, check=lambda m: not re.match(rf"(?:{_NOT_STARTS}|主治|住院|责任|值班|管床|经治|上级|高级|任何|时间|方面|于|文|成|强|安|时|向|任"
        rf"|常规|单纯|关注|管理|解释|左|查|经|明|方)", m[0]),
)  # fmt: skip

_YEAR = r"(?:(?:19|20)[0-9]{2}|[〇零一二三四五六七八九]{4})"
_MONTH_N = rf"(?:1[0-2]|0?[1-9]|{_NUMERAL}{{1,3}})"
_DAY_N = rf"(?:3[01]|[12][0-9]|0?[1-9]|{_NUMERAL}{{1,3}})"
_DATE = rule(
    rf"(?<![0-9])(?P<DATE>{_YEAR}\s?年\s?{_MONTH_N}\s?月(?:\s?{_DAY_N}\s?[日号])?"
    rf"|{_MONTH_N}\s?月\s?{_DAY_N}\s?[日号]|(?:(?<=[去今明前本昨])年)?{_MONTH_N}月份"
    rf"|(?:农历|阴历|正月)(?:{_MONTH_N}月)?初?{_NUMERAL}{{1,3}}|除夕|春节|中秋节?|国庆节?|元旦|端午节?|清明节?)",
    0.95,
)  # fmt: skip
_LAST_YEAR = rule(rf"(?:去年|今年|前年|本年|明年)(?P<DATE>{_MONTH_N}月)(?!份)", 0.85)

_IDENTITY = rule(
    r"(?<![0-9A-Za-z])(?P<NATIONAL_ID>[1-9][0-9]{16}[0-9Xx])(?![0-9A-Za-z])", 0.985, digits=(17, 18),
    check=lambda m: check_digits.resident_identity(m["NATIONAL_ID"]),
)  # fmt: skip
_IDENTITY_LABELLED = rule(
    rf"(?:身份证号?码?|证件号码?|公民身份号码|身份证件号码?)(?:\([^()]{{1,8}}\))?{_LABEL}(?P<NATIONAL_ID>["
    rf"0-9]{{15}}(?:[0-9]{{2}}[0-9Xx])?|[0-9]{{4,8}}[*xX]{{4,12}}[0-9Xx]{{2,6}})",
    0.98,
)
_CODE = r"[A-Za-z]{0,4}-?[0-9][0-9A-Za-z-]{2,24}"
_RECORD = rule(
    rf"(?:住院号|病历号|病案号|门诊号|就诊号|登记号|住院病历号|患者ID|病人ID|患者编号|就诊卡号|(?<![保障行记])卡号|ID号|检查号|影像号|X线号|CT号|超声号|病理号|标本号"
        rf"|条码号?|检验号|流水号"
        rf"|急诊号|挂号)(?:码)?{_LABEL}(?P<MRN>{_CODE})",
    0.98,
)  # fmt: skip
_PLAN = rule(
    rf"(?:社保卡号?|社会保障卡号?|社会保障号码?|医保卡号?|医保号|医疗保险号|医保编号|新农合号?)(?:码)?{_LABEL}(?P<HEALTH_PLAN>{_CODE})",
    0.98,
)
_PASSPORT = rule(rf"(?:护照号?码?|港澳通行证号?码?|通行证号?码?){_LABEL}(?P<PASSPORT>{_CODE})", 0.98)
_BANK = rule(
    rf"(?:银行卡号?|银行账号|账号|开户账号|借记卡号?){_LABEL}(?P<ACCOUNT>[0-9](?:[ -]?[0-9]){{7,20}})", 0.98
)
_LICENCE = rule(
    rf"(?:执业证书?编?号|医师资格证书?编?号|工号|驾驶证号?|驾照号?){_LABEL}(?P<LICENSE>{_CODE})", 0.97
)
_PLATE = rule(
    r"(?P<VEHICLE>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·\s]?[A-Z0-9]{5,6})(?![A-Z0-9])",
    0.95,
)
_OTHER = rule(rf"(?:编号|序列号|批号|设备号|登记编号){_LABEL}(?P<ID>{_CODE})", 0.9)
_QQ = rule(r"(?:QQ|qq|微信|微信号)(?:号码?)?\s?[:：]\s{0,3}(?P<ID>[A-Za-z0-9_-]{5,20})", 0.95)

_BEGINS = "(?:(?<![一-鿿])|(?<=[住于在至到址为是从由自往]))"
_PLACED = "(?:(?![住于在至到址为是从由自往])[一-鿿])"
_ROAD = f"{_PLACED}{{2,30}}(?:路|街|大道|道|巷|弄|胡同|里|村|社区|小区|花园|家园|公寓)"
_COUNT = "[0-9一二三四五六七八九十]{1,5}"
_ROOMS = "(?:[0-9A-Za-z一二三四五六七八九十甲乙丙]{1,4}(?:栋|幢|座|单元|号楼|楼|层|室|号|户)-?){0,4}(?:[0-9]{3,4})?"
_STREET = rule(f"{_BEGINS}(?P<STREET>{_ROAD}{_COUNT}(?:号院?楼?|弄|栋|幢|组|队|室){_ROOMS})", 0.9)
_ADDRESS = rule(
    rf"(?:家庭住址|家庭地址|现住址|住址|住\s?址|地址|户籍地址|户口地址|联系地址|通讯地址"
    rf"|工作地址)\s?[:：]\s{{0,3}}(?P<STREET>{_HAN}[^\n,，。;；:：]{{2,50}})",
    0.97,
)
_WORKPLACE = rule(rf"(?:工作单位|单位名称|单位|学校|就读学校)\s?[:：]\s{{0,3}}(?P<ORGANIZATION>{_HAN}[^\n,，。;；:：\s]{{2,30}})", 0.95,
                  check=lambda m: not re.match("无|不详|退休|务农|自由", m["ORGANIZATION"]))  # fmt: skip
_BIRTHPLACE = rule(
    rf"(?:籍贯|出生地|户籍地?|民族地|出生地点)\s?[:：]\s{{0,3}}(?P<LOCATION>{_HAN}[^\n,，。;；:：\s]{{1,20}})",
    0.95,
)
_FROM = rule(
    rf"(?:生于|来自|家住|出生于|居住于|长居|久居|居住在|户籍)(?:原籍)?(?P<LOCATION>{_HAN}{{2,12}}?(?:市|县|区|镇|乡|村))",
    0.85,
)
_TOWN = rule(
    f"{_BEGINS}(?P<LOCATION>(?:{_PLACED}{{2,3}}(?:省|自治区))?{_PLACED}{{2,4}}市(?:{_PLACED}{{1,4}}(?:区"
    f"|县))?)(?![场售政民值面立级])",
    0.7,
)
_HOSPITAL = rule(
    f"{_BEGINS}(?P<ORGANIZATION>{_PLACED}{{2,24}}(?:医院|卫生院|医学中心|诊所|卫生服务中心|疗养院|养老院|福利院|保健院)"
    f"(?:{_PLACED}{{1,4}}(?:院区|分院))?)",
    0.85, check=lambda m: _a_hospital(m["ORGANIZATION"]),
)  # fmt: skip
_SHARED_HOSPITALS = re.compile(
    r".{0,8}(?:我院|当地|外院|本院|该院|某|上级|下级|综合|专科|三甲|三级|二级|一级|社区|基层|其他|到|去|至|往|于|在|来|就诊|住|转|各|大|小|乡镇|县级|市级|省级|私人"
    r"|附近|该|本|此|出|入)"
    r"(?:医院|卫生院|诊所|卫生服务中心|医学中心|养老院)|医院|卫生院|诊所"
)


def _a_hospital(name: str) -> bool:
    return not _SHARED_HOSPITALS.fullmatch(name)


def _wide(text: str) -> bool:
    return not text.isascii()


def _has(signs: str) -> re.Pattern[str]:
    return re.compile(f"[{signs}]")


_YEAR_SIGN, _NAME_SIGN, _PLACE_SIGN = (
    _has("年月节夕旦"),
    _has("名者人师生儿士任员授妇夫某手父母偶子女"),
    _has("路街道巷弄村区市县址贯生来住"),
)

FAMILY = Family(
    numbers=(_IDENTITY,),
    scans=(
        *(Scan(lambda text: _wide(text) and _YEAR_SIGN.search(text) is not None, one) for one in (_DATE, _LAST_YEAR)),
        *(
            Scan(lambda text: _wide(text) and _NAME_SIGN.search(text) is not None, one)
            for one in (_LABELLED_NAME, _LISTED_NAME, _MASKED_NAME, _PATIENT_NAME, _TITLED_NAME)
        ),
        *(
            Scan(lambda text: _wide(text) and ("号" in text or "码" in text or "卡" in text or "证" in text or "ID" in text), one)
            for one in (_IDENTITY_LABELLED, _RECORD, _PLAN, _PASSPORT, _BANK, _LICENCE, _OTHER)
        ),
        *(
            Scan(lambda text: _wide(text) and _PLACE_SIGN.search(text) is not None, one)
            for one in (_STREET, _ADDRESS, _BIRTHPLACE, _FROM, _TOWN)
        ),
        Scan(lambda text: "单位" in text or "学校" in text, _WORKPLACE),
        Scan(lambda text: "院" in text or "诊所" in text or "中心" in text, _HOSPITAL),
        Scan(_wide, _PLATE),
        Scan(lambda text: "QQ" in text or "qq" in text or "微信" in text, _QQ),
    ),
)  # fmt: skip
