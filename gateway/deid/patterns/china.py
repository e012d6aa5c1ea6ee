"""Chinese forms: resident identity number, dates, record labels, plates; names and places are beside.

Law: a bed, a span of months and a year alone are none.
Sources: GB 11643-1999 (identity number), GB/T 39725-2020 (health data), the usual labels of Chinese records.
Imports: check_digits, Chinese names and places, rules.
"""

from __future__ import annotations

import re

from gateway.deid import check_digits
from gateway.deid.patterns import chinese_names, chinese_places
from gateway.deid.patterns.rules import Family, Scan, rule

_NUMERAL = "[〇零一二三四五六七八九十廿]"
_LABEL = r"\s?[:为是]?\s{0,3}"

_YEAR = r"(?:(?:19|20)[0-9]{2}|[〇零一二三四五六七八九]{4})"
_MONTH_N = rf"(?:1[0-2]|0?[1-9]|{_NUMERAL}{{1,3}})"
_DAY_N = rf"(?:3[01]|[12][0-9]|0?[1-9]|{_NUMERAL}{{1,3}})"
_DATE = rule(
    rf"(?<![0-9])(?P<DATE>{_YEAR}\s?年\s?{_MONTH_N}\s?月(?:\s?{_DAY_N}\s?[日号])?"
    rf"|[0-2][0-9]年{_MONTH_N}月{_DAY_N}[日号]|{_MONTH_N}\s?月\s?{_DAY_N}\s?[日号]|(?:(?<=[去今明前本昨])年)?{_MONTH_N}月份"
    rf"|(?:农历|阴历|正月)(?:{_MONTH_N}月)?初?{_NUMERAL}{{1,3}}|除夕|春节|中秋节?|国庆节?|元旦|端午节?|清明节?)",
    0.95,
)  # fmt: skip
_LAST_YEAR = rule(rf"(?:去年|今年|前年|本年|明年)(?P<DATE>{_MONTH_N}月)(?!份)", 0.85)

_DOTTED_DATE = rule(
    r"(?<![0-9A-Za-z./-])(?<![0-9],)(?P<DATE>[0-3][0-9]\.(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12][0-9]|3[01]))"
    r"(?![0-9.]|\s?(?:版|mm|cm|kg|mg|g\b|×|\*|%))",
    0.75,
    digits=(2, 2),
    then=".",
)
_ONE_TO_NINE = "[一二三四五六七八九]"
_AGE_IN_WORDS = rule(
    rf"(?<!{_NUMERAL})(?P<AGE>九十{_ONE_TO_NINE}?|一?百(?:零{_ONE_TO_NINE}|[一二]?十{_ONE_TO_NINE}?)?)周?岁",
    0.9,
)

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


def _wide(text: str) -> bool:
    return not text.isascii()


_DATE_SIGN = re.compile("[年月节夕旦]")
_NUMBER_SIGN = re.compile("[号码卡证]|ID")


def _may_date(text: str) -> bool:
    return not text.isascii() and _DATE_SIGN.search(text) is not None


def _may_number(text: str) -> bool:
    return not text.isascii() and _NUMBER_SIGN.search(text) is not None


FAMILY = Family(
    numbers=(_IDENTITY,),
    scans=(
        *(Scan(_may_date, one) for one in (_DATE, _LAST_YEAR)),
        *(
            Scan(_may_number, one)
            for one in (_IDENTITY_LABELLED, _RECORD, _PLAN, _PASSPORT, _BANK, _LICENCE, _OTHER)
        ),
        Scan(lambda text: "岁" in text, _AGE_IN_WORDS),
        Scan(_wide, _PLATE),
        Scan(lambda text: "QQ" in text or "qq" in text or "微信" in text, _QQ),
        *chinese_names.SCANS,
        *chinese_places.SCANS,
    ),
)

ONLY_IN_CHINESE = Family(numbers=(_DOTTED_DATE,))
"""Dates by year, month and day with dots and two digits of the year, which elsewhere is a version."""
