"""Without what root may do to files: a test that runs as root, as in a container, else meets no shut folder."""

import ctypes
import os
from collections.abc import Iterator

import pytest

VERSION_3 = 0x20080522  # of the kernel's form for capabilities: two words each of effective, permitted, inheritable
PAST_MODES = 0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


@pytest.fixture
def no_privileges() -> Iterator[None]:
    """Modes and owners of files count for this thread, and for those it begins, whoever runs the tests."""
    if os.geteuid() != 0:
        yield
        return
    kernel = ctypes.CDLL(None, use_errno=True)
    head, before = (ctypes.c_uint32 * 2)(VERSION_3, 0), (ctypes.c_uint32 * 6)()
    assert kernel.capget(head, before) == 0
    fewer = (ctypes.c_uint32 * 6)(*before)
    fewer[0] &= ~PAST_MODES
    assert kernel.capset(head, fewer) == 0
    try:
        yield
    finally:
        assert kernel.capset(head, before) == 0
