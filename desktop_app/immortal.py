"""Keeps None, True, False and NotImplemented alive under PySide6 6.12 on Python 3.10 and 3.11.

WORKAROUND Every call of a Qt function that returns nothing takes one reference to None and gives none back: the wheel
was built for interpreters on which these objects never die (3.12 and later). After some thousands of calls the
process ends with "none_dealloc: deallocating None". Measured: 1000 calls of `QObject.setObjectName` lower
`sys.getrefcount(None)` by 1000 with PySide6 6.12.0 on 3.11, by none with 6.11.3 or on 3.12.
Remove when the oldest supported Python is 3.12, or PySide6 is one that gives the references back.
"""

from __future__ import annotations

import sys

_SPARE = 1 << 40 if sys.maxsize > 1 << 32 else 1 << 29


def keep_singletons_alive() -> None:
    """Lend each of them more references than any session can take. Safe to call again; nothing to do from 3.12 on."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    from ctypes import c_ssize_t  # the count is the first field of every object

    for singleton in (None, True, False, NotImplemented):
        references = c_ssize_t.from_address(id(singleton))
        if references.value < _SPARE:
            references.value += _SPARE
