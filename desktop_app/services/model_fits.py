"""Whether models fit this machine, with the arithmetic: for what is installed and for what could be fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.model_fit import Fit, KvType, Machine, ModelShape, language_fit, plain_fit
from desktop_app.domain.model_headers import GgufHeader
from desktop_app.domain.model_specs import InstalledModel, ModelSpec
from desktop_app.errors import AppError
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.preferences import Preferences


class ModelFits:
    """`machine` tells what this one could take now; `inspect` gives the checked head of a GGUF file."""

    def __init__(
        self,
        library: ModelLibrary,
        preferences: Preferences,
        inspect: Callable[[Path], GgufHeader],
        machine: Callable[[], Machine],
    ) -> None:
        self._library = library
        self._preferences = preferences
        self._inspect = inspect
        self.machine = machine
        self._shapes: dict[tuple[str, str], ModelShape | None] = {}  # by path and sum

    def of(self, model_id: str, *, context_tokens: int = 0) -> Fit:
        """With the context length of the settings, unless one is given. Raises UserCanFix("models.not_found")."""
        machine = self.machine()
        installed = next((model for model in self._library.installed() if model.id == model_id), None)
        if installed:
            return self.installed(installed, machine, context_tokens)
        return self.offered(self._library.spec(model_id), machine, context_tokens)

    def offered(self, spec: ModelSpec, machine: Machine, context_tokens: int = 0) -> Fit:
        """Before it is fetched; `machine` is asked once for a whole listing."""
        projector = sum(file.bytes for file in spec.files if file.name == spec.projector)
        if spec.shape is None:
            return plain_fit(spec.ram_bytes, weights=spec.bytes, free=machine.free)
        return self._language(
            spec.shape, spec.bytes - projector, projector, spec.context_tokens, machine, context_tokens
        )

    def installed(self, model: InstalledModel, machine: Machine, context_tokens: int = 0) -> Fit:
        """From the file's own head."""
        known = next((spec for spec in self._library.catalog() if spec.id == model.id), None)
        shape = self._shape(model) if model.role == "language" else None
        if shape is None:
            return plain_fit(known.ram_bytes if known else model.bytes, weights=model.bytes, free=machine.free)
        projector = _size(model.projector_path)
        weights = _size(model.path) or model.bytes - projector
        return self._language(shape, weights, projector, model.context_tokens, machine, context_tokens)

    def _language(
        self, shape: ModelShape, weights: int, projector: int, longest: int, machine: Machine, wanted: int
    ) -> Fit:
        settings = self._preferences.current
        context = wanted or min(settings.context_tokens, longest or settings.context_tokens)
        kv_type: KvType = settings.kv_type  # type: ignore[assignment]
        return language_fit(
            shape, weights=weights, projector=projector, context_tokens=context, kv_type=kv_type, machine=machine
        )

    def _shape(self, model: InstalledModel) -> ModelShape | None:
        key = (model.path, model.sha256)
        if key not in self._shapes:
            self._shapes[key] = self._read_shape(Path(model.path))
        return self._shapes[key]

    def _read_shape(self, path: Path) -> ModelShape | None:
        try:
            head = self._inspect(path)
        except AppError:
            return None
        return ModelShape(
            blocks=head.block_count, kv_length=head.kv_length, width=head.embedding_length, words=head.vocab_size
        )


def _size(path: str) -> int:
    """0 for no file, or one that is gone."""
    try:
        return Path(path).stat().st_size if path else 0
    except OSError:
        return 0
