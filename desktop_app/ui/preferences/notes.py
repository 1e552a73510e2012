"""What this machine makes of a setting, in a sentence beside it: what it costs, or why it cannot be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.errors import AppError

if TYPE_CHECKING:
    from desktop_app.services.services import Services

NOTED = ("language_model", "context_tokens", "kv_type")
"""Settings whose change makes the notes say something else."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    text: str
    enabled: bool = True


def notes(services: Services) -> dict[str, Note]:
    """By the setting's name. Asks llama.cpp the first time, which takes about a second."""
    return {**_memory(services), **_processors(services)}


def _memory(services: Services) -> dict[str, Note]:
    try:
        model = services.library.chosen("language")
    except AppError:
        return {}
    fit = services.fits.installed(model, services.fits.machine())
    text = _tr("%1 takes %2 MB for this, and %3 MB in all; %4 MB are free.").replace("%1", model.title)
    for place, value in enumerate((fit.cache, fit.needed, fit.free), 2):
        text = text.replace(f"%{place}", f"{value / MEGABYTE:,.0f}")
    return {"context_tokens": Note(text=text)}


def _processors(services: Services) -> dict[str, Note]:
    try:
        found = services.hardware.hardware()
    except AppError:
        return {}
    cores = _tr("This computer has %1 cores.").replace("%1", str(found.cores))
    if not found.gpu:
        words = _tr("This Stonechat was built for the processor alone: no graphics card is used.")
        return {"threads": Note(text=cores), "gpu_layers": Note(text=words, enabled=False)}
    if not found.gpu_name:
        words = _tr("No graphics card was found that could help.")
        return {"threads": Note(text=cores), "gpu_layers": Note(text=words, enabled=False)}
    words = _tr("%1, %2 MB free.").replace("%1", found.gpu_name)
    words = words.replace("%2", f"{found.gpu_free / MEGABYTE:,.0f}")
    return {"threads": Note(text=cores), "gpu_layers": Note(text=words)}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Notes", text)
