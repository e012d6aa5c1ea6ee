"""Chinese names in records: after a label, a role or a hospital, before a title, a sex, an age.

Law: a name needs a family name and something beside it that tells (a label, a role, a title, a verb), or signs that
transcribe another language's name; what begins as an ordinary word ("白细胞", "时有", "石膏") is none.
Imports: Chinese words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.patterns.chinese_words import NEVER, SURNAME, TRANSCRIBED, WORDS
from gateway.deid.patterns.rules import Scan, rule

_HAN = "[一-鿿]"
_IN_NAME = f"(?:(?![{''.join(sorted(NEVER))}]){_HAN})"
_FOREIGN = f"[{''.join(sorted(TRANSCRIBED))}]{{3,8}}"
_NAME = rf"{SURNAME}{_IN_NAME}{{1,2}}"
_DOTTED = rf"{_HAN}{{1,8}}(?:[·•]{_HAN}{{1,8}}){{1,3}}"
_GAP = r"[ \t]{0,4}"
_WORD_END = r"(?=[\s,.。;、()\[\]【】/<]|男|女|性别|年龄|[0-9]|\Z)"

_NOT_STARTS = re.compile(
    "医师|医生|护士|患者|病人|主任|查房|会诊|不详|本人|健康|体健|均体健|否认|因病|高血压|糖尿病|已故|已亡|死于|有无|无特殊|亲属|家属"
    "|主治|住院|责任|值班|管床|经治|上级|下级|高级|任何|时间|方面|申请|审核|手术|麻醉|查看|陪护|同意|拒绝|签字|知情|身体|良好|详见|同上|同前|待定|待查|交接|完毕"
)
_DRUG = re.compile(
    "(?:西林|匹林|沙星|他汀|地平|洛尔|普利|沙坦|霉素|唑|列净|列汀|格雷|双胍|韦|替尼|单抗|卡因|西泮|酮|酸)\\Z"
)
_MORE_WORDS = frozenset("于向方时任常成文安关管解明左施计强曾尚")


def _a_name(match: re.Match[str]) -> bool:
    """Whether what was captured begins as no word of a report and is no drug."""
    name = match["NAME"]
    return (
        name not in _MORE_WORDS
        and name[:2] not in WORDS
        and not _NOT_STARTS.match(name)
        and not _DRUG.search(name)
    )


def _listed(match: re.Match[str]) -> bool:
    """Whether a label's value without a family name may be a name: none of its signs is strange to names."""
    return _a_name(match) and not NEVER.intersection(match["NAME"])


_ROLES = (
    "患者|病人|患儿|产妇|死者|伤者|孕妇|家属|家长|亲属|监护人|联系人|陪护人?|陪同人?|供史者|妻子?|丈夫|爱人|老伴|配偶|儿子|女儿|儿媳|女婿|母亲|父亲"
    "|爸爸|妈妈|哥哥|弟弟|姐姐|妹妹|兄弟|孙子|孙女|外孙女?|外甥女?|侄子|侄女|叔叔|伯父|舅舅|姑姑|阿姨|邻居|同事|朋友|室友|同学|保姆|护工"
    "|其[子女妻夫母父兄弟姐妹]|长[子女]|次[子女]|随访|抄送|抄报|主管医[师生]|经治医[师生]|主治医[师生]|管床医[师生]|住院医[师生]|值班医[师生]"
    "|责任护士|值班护士|接诊医[师生]|术者|主刀|麻醉医?师|助手|主任医师|交班人?|接班人?"
)
_VERBS = (
    r"诉|称|述|主诉|陈述|代诉|提供|入院|出院|就诊|来诊|来院|送|陪|在|同住|同来|签|电话|手机|于|因|自|经|住|现|今|年龄|表示|要求|同意|拒绝|联系"
    r"|生命体征|病情|一般情况|您好|身份证|转|由|已|曾|向|发现"
)
_TITLES = (
    "副?主任医师|主治医师|住院医师|副?主任|医生|医师|大夫|教授|护士(?!站)长?|主管护师|护师|先生|女士|小姐|同志|太太|阿姨|老师|院长|大爷|大妈"
    "|奶奶|爷爷|您好"
)
_BEFORE_TITLE = (
    rf"(?:(?<!{_HAN})|(?<=[院心室站所科厂由请经为给与和及向致邀随据到找约从日月是属至抄送诊系告知示]))"
)

_LABEL_WORDS = (
    r"(?<![一-鿿])患者|病人|患儿|产妇|患者名称|监护人|医生|护士|父亲|母亲|配偶|丈夫|妻子|儿子|女儿|术者|主刀|助手|抄送|家属|签名|签字|署名|姓\s{0,4}名"
    r"|联系人|者|人|医师|护师|技师|麻醉师"
)
_LABELLED = rule(
    rf"(?:{_LABEL_WORDS})\s?[:]\s{{0,4}}(?P<NAME>{_NAME}|{SURNAME}某{{1,2}}){_WORD_END}", 0.97, check=_a_name
)
_OWN = (
    r"姓\s{0,4}名|患者名称|联系人|家属|监护人|签名|签字|医师|医生|主刀|术者|助手|护士|护师|技师|麻醉师|记录者|记录人|操作者|报告者|审核者|陈述者|供史者"
    r"|随访人|父亲|母亲|配偶|丈夫|妻子|儿子|女儿"
)
_LISTED = rule(
    rf"(?:{_OWN})\s?[:]\s{{0,4}}(?P<NAME>{_DOTTED}|{_FOREIGN}|{_HAN}{{2,4}}){_WORD_END}", 0.9, check=_listed
)
_SPACED = rule(
    rf"(?:姓\s{{0,4}}名|签名|签字|医师|护士)\s?[:]\s{{0,4}}(?P<NAME>{SURNAME}[ ]{{1,2}}{_IN_NAME})(?=\s{{2}}|\s?[,性年0-9]|\s?\n|\s?\Z)",
    0.9,
    check=_a_name,
)
_SPEAKS = rule(rf"(?<!{_HAN})(?P<NAME>{_NAME}?)(?=诉|称|述|主诉|陈述|入院|因)", 0.6, check=_a_name)
_SLASHED = rule(rf"(?<=[/、])\s?(?:{_OWN})\s?[:]\s{{0,4}}(?P<NAME>{_NAME}){_WORD_END}", 0.9, check=_a_name)
_MASKED = rule(rf"(?P<NAME>{SURNAME}(?:某某|某|××|×|\*{{1,2}}|[xX]{{2}}))", 0.93)
_OF_ROLE = rule(
    rf"(?:{_ROLES}){_GAP}(?P<NAME>{_NAME})(?=[\s,.。;:、()\[\]/]|\Z|[0-9]|男|女|{_VERBS})",
    0.85,
    check=_a_name,
)
_FOREIGN_OF_ROLE = rule(
    rf"(?:{_ROLES}){_GAP}(?P<NAME>{_FOREIGN}|{_DOTTED})(?=[\s,.。;:、()\[\]/]|\Z|[0-9]|男|女|{_VERBS})",
    0.85,
    check=_listed,
)
_TITLED = rule(
    rf"{_BEFORE_TITLE}(?P<NAME>{_NAME}|{SURNAME}|{_FOREIGN}|{_DOTTED})(?={_TITLES})", 0.88, check=_a_name
)

_TELLS = (
    r"[ \t]{0,4}(?:[,、(]|[ \t]{1,4}){1,2}[ \t]{0,2}(?:男|女|[0-9]{1,3}\s?(?:岁|床|月龄)|住院号|门诊号|病案号|病历号|就诊号|身份证|出生|(?:19|20)[0-9]{2}"
    r"[-年./]|联系?电话)"
)
_PERSON = rule(rf"(?<!{_HAN})(?P<NAME>{_NAME}|{_FOREIGN}|{_DOTTED})(?={_TELLS})", 0.85, check=_listed)
_SIGNED = rule(
    rf"(?<=[院心室站所科]) {{1,3}}(?P<NAME>{_NAME}|{_FOREIGN}|{_DOTTED})(?= {{0,4}}(?:\n|\Z|(?:19|20)[0-9]{{2}}))", 0.85,
    check=_listed,
)  # fmt: skip
_ENDS_LINE = rule(
    rf"(?:^|\n)(?P<NAME>{_NAME}|{_FOREIGN})(?= {{0,4}}\n? {{0,4}}(?:19|20)[0-9]{{2}}[-年./])",
    0.7,
    check=_listed,
)

_SIGN = re.compile("[名者人师生儿士任员授妇夫某手父母偶子女属送弟姐妹哥友居事长访志爷奶好]")


def _may_name(text: str) -> bool:
    return not text.isascii() and _SIGN.search(text) is not None


def _wide(text: str) -> bool:
    return not text.isascii()


SCANS = (
    *(
        Scan(_may_name, one)
        for one in (_LABELLED, _LISTED, _SPACED, _SLASHED, _MASKED, _OF_ROLE, _FOREIGN_OF_ROLE, _TITLED)
    ),
    *(Scan(_wide, one) for one in (_PERSON, _SIGNED, _ENDS_LINE, _SPEAKS)),
)
