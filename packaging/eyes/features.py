"""Whether llama.cpp computes from the file what torch computes from the checkpoint: the vectors side by side."""

from __future__ import annotations

import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def agreement(pictures: int) -> list[float]:
    """The smallest cosine over the 36 places, for each of so many held-out pictures of many shapes."""
    import numpy

    from desktop_app.engines.eyes.camera import letterbox
    from desktop_app.engines.eyes.scenes import EVALUATION, pixels, snapshot

    seen = [snapshot(EVALUATION + index)[1] for index in range(pictures)]
    ours = _from_torch(pixels([letterbox(each) for each in seen]))
    theirs = numpy.stack(list(_from_llama(seen)))
    lengths = numpy.linalg.norm(ours, axis=-1) * numpy.linalg.norm(theirs, axis=-1)
    cosines = (ours * theirs).sum(-1) / lengths
    return [round(float(each), 7) for each in cosines.min(axis=1)]


def _from_torch(pictures):
    import torch

    from desktop_app.engines.eyes.encoder import new_encoder
    from desktop_app.engines.eyes.export import sharpened
    from desktop_app.engines.eyes.recipe import load_recipe
    from desktop_app.engines.eyes.training import trained_weights
    from desktop_app.engines.eyes.word_vectors import word_vectors
    from desktop_app.engines.eyes.world import DICTIONARY

    recipe, weights = load_recipe(), trained_weights(ROOT / "build" / "eyes")
    weights["words.weight"], weights["words.bias"] = sharpened(weights["words.weight"], weights["words.bias"], recipe)
    encoder = new_encoder(recipe.encoder)
    encoder.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    with torch.inference_mode():
        units = torch.nn.functional.gelu(encoder(torch.from_numpy(pictures)), approximate="tanh")
    return units.numpy() @ (word_vectors(_language(), DICTIONARY) / recipe.export.full)


def _from_llama(pictures):
    import numpy

    from desktop_app.engines.llama import LlamaModel
    from desktop_app.services.own_models import own_folder

    model = LlamaModel(str(_language()), projector_path=str(own_folder() / "eyes-smollm2-135m.mmproj.gguf"))
    model.load()
    with tempfile.TemporaryDirectory() as folder:
        for index, picture in enumerate(pictures):
            file = Path(folder) / f"{index}.png"
            picture.save(file)
            (glimpse,) = model._eyes.look(str(index), str(file))
            yield numpy.ctypeslib.as_array(model._eyes.encode(glimpse)).reshape(glimpse.tokens, -1)
    model.close()


def _language() -> Path:
    from desktop_app.paths import places

    return next((places().models / "smollm2-135m").glob("*.gguf"))
