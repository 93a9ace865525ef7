"""Forbids internet sockets by a seccomp filter, which containers grant where they deny namespaces.

The filter is a program of the kernel's classic BPF. It looks at the number of a system call and the
first argument of ``socket``: whatever is not a Unix socket fails with EPERM. A call in another
architecture's numbering fails too, and so do ways around ``socket``: io_uring and tracing others.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in what the kernel shows the program."""
_X32_BIT = 0x40000000

# Architecture, and the numbers of: socket, ptrace, process_vm_readv, io_uring_setup.
_CALLS = {
    "x86_64": (0xC000003E, 41, (101, 310, 425)),
    "aarch64": (0xC00000B7, 198, (117, 270, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def forbid_internet_sockets() -> None:
    """Filter this process and all that it starts. Raises OSError where it is not granted."""
    machine = platform.machine()
    if machine not in _CALLS:
        raise OSError(errno.ENOSYS, f"no filter for {machine}")
    instructions = _instructions(*_CALLS[machine])
    text = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(text, len(text))
    program = _Program(len(instructions), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _instructions(
    architecture: int, socket_call: int, forbidden: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Each is: operation, steps to jump if it is true, if it is not, operand."""
    count = len(forbidden)
    # Behind the last comparison are two returns: allow, then fail.
    to_fail = count + 5
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, to_fail + 1, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, to_fail - 1, 0, _X32_BIT),
        *((_EQUAL, to_fail - 2 - n, 0, call) for n, call in enumerate(forbidden)),
        (_EQUAL, 0, 2, socket_call),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, socket.AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL),
    ]
