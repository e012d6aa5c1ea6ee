"""E-mail, URLs, addresses of machines."""

import pytest

from tests.unit.deid.patterns.marked import check, found

ADDRESSES = [
    "{EMAIL|ann.lee+x@mail.example.org}, {EMAIL|ann_lee@example.co.uk}; <{EMAIL|o'brien@x.org}>",
    "mail {EMAIL|ann at example dot org} or {EMAIL|ann [at] example [dot] org} or {EMAIL|ann(at)example.org}",
    "{EMAIL|ann @ example.org}; {EMAIL|jsmith@hospital}",
    "{URL|https://x.org/a?b=1&c=2}, ({URL|http://10.0.0.1/x}), {URL|www.site.com/x}. {URL|example.com}, {URL|portal.clinic.org/login}",
    "{IP|192.168.1.20}, {IP|10.0.0.0/8}, IP {IP|1.2.3.4}; {IP|fe80::1ff:fe23:4567:890a}; {IP|2001:db8:0:0:0:0:0:1}",
    "{DEVICE|00:1A:2B:3C:4D:5E}, {DEVICE|00-1a-2b-3c-4d-5e}; {ID|550e8400-e29b-41d4-a716-446655440000}",
    "Instagram: {ID|@ann.lee}",
    "at {URL|myhospital.example/portal}, {URL|MYMOUNTCENTER.ORG/LOGIN}.",
]
NOT_ADDRESSES = [
    "3 tabs @ 5pm, 40 mg @ bedtime, 2 L @ 98%",
    "version 10.2.3.4, v1.2.3.4, 1.2.3.4, firmware 12.10.3.4",
    "10:30:45, 1:2:3, b.i.d., e.g. this, i.e.that, p.o.q.d., a.m.",
    "seen at the clinic. dot product at rest",
    "epinephrine 1:1000, I:E 1:2:1",
    "5.5 mg.dl/hr and/or q.d./b.i.d.",
]


@pytest.mark.parametrize("marked", ADDRESSES)
def test_an_address_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NOT_ADDRESSES)
def test_what_looks_like_one_stays(text: str) -> None:
    assert found(text) == set()
