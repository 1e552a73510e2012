from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject

import desktop_app.ui  # noqa: F401  it is what lends the references
from desktop_app.immortal import keep_singletons_alive


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="singletons never die there")
@pytest.mark.parametrize("singleton", [None, True, False, NotImplemented])
def test_qt_cannot_use_up_a_singleton(singleton: object) -> None:
    before = sys.getrefcount(singleton)
    keep_singletons_alive()
    thing = QObject()
    for _ in range(10_000):
        thing.setObjectName("x")
    assert sys.getrefcount(singleton) > 1 << 28
    assert sys.getrefcount(singleton) <= before + 100  # lent once only
