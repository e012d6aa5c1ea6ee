"""Chinese identifiers, and what only shares their signs."""

import pytest

from tests.unit.deid.patterns.marked import check, found

CHINESE = [
    "姓名:{NAME|王小明} 性别:男 年龄:45岁",
    "患者{NAME|王某某}于{DATE|2024年3月5日}入院",
    "{NAME|李}先生,{NAME|张}女士;主治医师:{NAME|陈国华}",
    "{DATE|三月五日}复诊,{DATE|3月5日}出院,去年{DATE|3月}发病,{DATE|二〇二四年三月五日}",
    "身份证号:{NATIONAL_ID|11010519491231002X};{NATIONAL_ID|440524188001010014}",
    "住院号:{MRN|Z123456} 病历号:{MRN|00123456} 门诊号{MRN|20240012}",
    "社保卡号:{HEALTH_PLAN|A12345678} 护照号:{PASSPORT|E12345678} 银行卡号:{ACCOUNT|6222 0212 3456 7890}",
    "电话:{PHONE|13812345678}",
    "住址:{STREET|北京市朝阳区建国路88号3栋502室}",
    "车牌{VEHICLE|京A12345}",
    "{AGE|94}岁,家住{LOCATION|青浦县}",
]
NOT_CHINESE = [
    "床号:12 床,3个月前出现咳嗽,5日来加重,2024年确诊,术后3年",
    "患者否认高血压,男性,45岁,体温36.5℃,血压120/80mmHg",
    "医生查房:一般情况可。护士交代病情。当地医院就诊,我院门诊,转入上级医院",
    "左肺上叶结节,白细胞5.6×10^9/L,每日2次,每次1片",
    "父亲:体健。母亲:高血压。签名:",
]


@pytest.mark.parametrize("marked", CHINESE)
def test_a_chinese_identifier_is_found(marked: str) -> None:
    check(marked, "zh")


@pytest.mark.parametrize("text", NOT_CHINESE)
def test_what_only_shares_the_signs_stays(text: str) -> None:
    assert found(text, "zh") == set()
