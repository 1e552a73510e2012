"""An adapter as one file to take along: GGUF, report, card, manifest; nothing the person wrote. And back, distrusted.

Written and read by hand rather than extracted: only four known names, sizes known beforehand, nothing compressed twice.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.domain.adapters import Adapter, Lineage
from desktop_app.domain.lora import MOST_ADAPTER_BYTES
from desktop_app.errors import UserCanFix
from desktop_app.files import BLOCK_BYTES, disk_errors, sha256_of
from desktop_app.services.adapter_card import FORMAT
from desktop_app.services.adapter_registry import CARD, GGUF, MANIFEST, REPORT, AdapterRegistry

_MOST_TEXT_BYTES = 1 << 20
_LIMITS = {GGUF: MOST_ADAPTER_BYTES, REPORT: _MOST_TEXT_BYTES, CARD: _MOST_TEXT_BYTES, MANIFEST: _MOST_TEXT_BYTES}
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class AdapterZip:
    """`inspect` looks at a GGUF before it is used and raises UserCanFix for one that cannot be an adapter."""

    registry: AdapterRegistry
    inspect: Callable[[Path], None]

    def export(self, adapter: Adapter, target: Path) -> None:
        """Write `target`, whole or not at all. Raises UserCanFix("adapters.no_file"), AppError."""
        folder = self.registry.folder(adapter.id)
        names = [name for name in _LIMITS if (folder / name).is_file()]
        if GGUF not in names:
            raise UserCanFix(
                "adapters.no_file", "The file of this adapter is gone.", remedy="Choose another adapter to export."
            )
        part = target.with_name(target.name + ".part")
        with disk_errors(target.parent):
            try:
                with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
                    for name in names:
                        archive.write(folder / name, name)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)

    def take_in(self, source: Path, base_sha256: str, base_name: str) -> Adapter:
        """A new candidate, not judged yet, from an exported file. Raises UserCanFix("adapters.import_*")."""
        try:
            with zipfile.ZipFile(source) as archive:
                entries = _entries(archive)
                about = _manifest(archive.read(entries[MANIFEST]))
                if about["base_sha256"] != base_sha256:
                    raise UserCanFix(
                        "adapters.other_model",
                        "This adapter was made for another model.",
                        remedy=f"Choose the model it was made for ({_shown(about.get('base_name'))}), then import it.",
                    )
                adapter = self.registry.add(_lineage(about, base_name))
                self._unpack(archive, entries[GGUF], adapter, str(about["sha256"]))
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise _refused("This file cannot be read as an adapter.", str(error)) from error
        return adapter

    def _unpack(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, adapter: Adapter, digest: str) -> None:
        folder = self.registry.folder(adapter.id)
        part = folder / f"{GGUF}.part"
        try:
            with disk_errors(self.registry.root):
                folder.mkdir(parents=True, mode=0o700)
                _copy(archive, entry, part)
            if sha256_of(part) != digest:
                raise _refused("The adapter in this file is damaged.", "sum")
            self.inspect(part)
            part.replace(folder / GGUF)
        except BaseException:
            self.registry.give_up(adapter.id, "import failed")
            raise


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The four known members, of believable size. Raises UserCanFix."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) != len(set(names)) or not {GGUF, MANIFEST} <= set(names) or not set(names) <= set(_LIMITS):
        raise _refused("This is not an exported adapter.", ", ".join(names[:8]))
    for info in infos:
        if info.file_size > _LIMITS[info.filename] or info.flag_bits & 1:
            raise _refused("A part of this file is larger than an adapter can be.", info.filename)
    return {info.filename: info for info in infos}


def _manifest(raw: bytes) -> dict[str, Any]:
    try:
        about = json.loads(raw)
        if about["format"] != FORMAT or not all(isinstance(about[key], str) for key in ("base_sha256", "sha256")):
            raise ValueError("another format")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused("The description in this file cannot be read.", str(error)) from error
    found: dict[str, Any] = about
    return found


def _lineage(about: dict[str, Any], base_name: str) -> Lineage:
    return Lineage(
        base_sha256=about["base_sha256"],
        base_name=base_name,
        recipe=_shown(about.get("recipe")),
        seed=about["seed"] if isinstance(about.get("seed"), int) and abs(about["seed"]) < 2**31 else 0,
        code_version=_shown(about.get("code_version")),
        origin="imported",
    )


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Never more than the entry says that it holds."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("wb") as out:
        while left and (block := source.read(min(BLOCK_BYTES, left))):
            out.write(block)
            left -= len(block)


def _shown(claimed: object) -> str:
    """What a file claims, as short plain text."""
    text = claimed if isinstance(claimed, str) else ""
    return "".join(char for char in text if char.isprintable())[:_MOST_SHOWN]


def _refused(message: str, detail: str) -> UserCanFix:
    return UserCanFix(
        "adapters.import_refused", message, remedy="Choose a file that Stonechat has exported.", detail=detail
    )
