"""The fence around a text worker: no network, no other program, no file written, no core dump, little memory.

Law: raised before the worker imports a library or reads a text. Two fences stand behind one another: the
kernel refuses the calls (seccomp(2), which needs no privilege), and Python's audit hooks (PEP 578) refuse
them where the kernel has no such filter. Imports: the standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_FILTER_MODE = 2

# linux/audit.h, and the numbers of: socket, execve, execveat, ptrace, io_uring_setup.
MACHINES = {
    "x86_64": (0xC000003E, (41, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 221, 281, 117, 425)),
}
_FOREIGN_NUMBERS = 0x40000000  # the x32 calls of x86_64 begin here

# Classic BPF, linux/filter.h and linux/seccomp.h.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_AT_NUMBER, _AT_MACHINE = 0, 4

_REFUSED_EVENTS = frozenset(
    {
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.system",
    }
)


def raise_fence(*, memory: int, parent: int) -> bool:
    """Close this process for good. `memory` bounds its private data in bytes, `parent` is who asked for it.

    Returns whether the kernel refuses sockets too, and not Python alone. Ends the process where its parent
    is gone already.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.umask(0o077)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # nothing is written to a file; pipes are not counted
        (resource.RLIMIT_DATA, memory),  # not RLIMIT_AS: inference reserves addresses that it never uses
    ):
        _lower(what, most)
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    return _refuse_calls(libc)


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS:
        raise PermissionError(errno.EPERM, "a text worker has no network and starts no program")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _refuse_calls(libc: ctypes.CDLL) -> bool:
    """Install the kernel's filter for good; False where this kernel or machine has none."""
    if platform.machine() not in MACHINES:
        return False
    code = filter_of(platform.machine())
    program = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def filter_of(name: str) -> bytes:
    """A BPF program for one of `MACHINES`: the calls named are refused, and all of another numbering."""
    machine, numbers = MACHINES[name]
    refuse = 4 + len(numbers) + 1  # where the program refuses
    lines = [(_LOAD, 0, 0, _AT_MACHINE), (_EQUAL, 0, refuse - 2, machine)]
    lines += [(_LOAD, 0, 0, _AT_NUMBER), (_AT_LEAST, refuse - 4, 0, _FOREIGN_NUMBERS)]
    lines += [
        (_EQUAL, refuse - 5 - place, 0, number) for place, number in enumerate(numbers)
    ]  # a jump counts from the line after it
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
