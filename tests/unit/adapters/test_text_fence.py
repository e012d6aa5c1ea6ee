"""The kernel's filter of text workers, run here by hand for every machine that it is written for."""

from __future__ import annotations

import struct

import pytest

from gateway.adapters.text_fence import MACHINES, filter_of

ALLOWED, REFUSED = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EPERM
READ = {"x86_64": 0, "aarch64": 63}
SOCKET = {"x86_64": 41, "aarch64": 198}
EXECVE = {"x86_64": 59, "aarch64": 221}


def decision(program: bytes, number: int, machine: int) -> int:
    """What a classic BPF program of four instructions answers to a call (linux/seccomp.h, seccomp_data)."""
    data = struct.pack("=II", number, machine)
    lines = list(struct.iter_unpack("=HBBI", program))
    place = accumulator = 0
    while True:
        code, true, false, operand = lines[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: accumulator == operand, 0x35: accumulator >= operand}[code]
            place += true if holds else false


@pytest.mark.parametrize("name", MACHINES)
def test_the_named_calls_are_refused_and_all_others_allowed(name: str) -> None:
    program, (machine, numbers) = filter_of(name), MACHINES[name]
    assert {SOCKET[name], EXECVE[name]} < set(numbers)
    for number in range(600):
        expected = REFUSED if number in numbers else ALLOWED
        assert decision(program, number, machine) == expected, number
    assert decision(program, READ[name], machine) == ALLOWED


@pytest.mark.parametrize("name", MACHINES)
def test_no_call_comes_through_under_another_numbering(name: str) -> None:
    program, (machine, _) = filter_of(name), MACHINES[name]
    for other in (0x40000003, machine ^ 1, 0):  # i386 on x86_64, and whatever else
        assert decision(program, READ[name], other) == REFUSED
    assert decision(program, 0x40000000 | READ[name], machine) == REFUSED  # x32
    assert decision(program, 0x3FFFFFFF, machine) == ALLOWED
