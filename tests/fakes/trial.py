"""Engines in the place of a model that is tried: what a stranger's file could make llama.cpp do."""

from __future__ import annotations

import os
import time


class Crashing:
    def run(self, _model: str, _projector: str) -> str:
        os.abort()


class Endless:
    def run(self, _model: str, _projector: str) -> str:
        while True:
            time.sleep(0.05)


class Fine:
    def run(self, _model: str, _projector: str) -> str:
        return "Hello!"
