"""The packages for Linux: .deb files and relocatable archives, with the list of their sums."""

from __future__ import annotations

import shutil
from pathlib import Path

from desktop_app.paths import places
from release import archive, deb, personalize
from release.bundle import frozen
from release.places import BUILD, FROZEN, VERSION, Stop

OPTIONS = {
    "--with-models": "also packages that carry the starter models, taken from the models folder of this computer",
    "--with-pack": "also the personalization pack, which trains adapters",
    "--frozen": "take the program that is frozen already",
    "--deb-only": "no archives",
}
STARTERS = ("efficientnet-lite0", "piper-joe-en", "qwen2.5-coder-0.5b", "smollm2-135m", "whisper-tiny-en")
_NAME = f"stonechat-{VERSION}"


def build(options: list[str]) -> list[Path]:
    """Everything that the options ask for, in build/package. Raises Stop."""
    from release import sbom

    bundle = FROZEN if "--frozen" in options else frozen()
    made = [deb.write(deb.application(bundle))]
    models = starter_models() if "--with-models" in options else None
    pack = personalize.write() if "--with-pack" in options else None
    if models:
        made.append(deb.write(deb.application(bundle, models=models)))
    if pack:
        made.append(deb.write(deb.personalization(pack)))
    if "--deb-only" not in options:
        made += _archives(bundle, models, pack)
    made.append(sbom.write())
    return [*made, *archive.sums(made)]


def _archives(bundle: Path, models: Path | None, pack: Path | None) -> list[Path]:
    leaflet = BUILD / "INSTALL.txt"
    leaflet.write_text(deb.filled_in(leaflet.name), encoding="utf-8")
    plain = {_NAME: bundle, f"{_NAME}/{leaflet.name}": leaflet}
    made = [archive.tar_gz(BUILD / f"{_NAME}-linux-x86_64.tar.gz", plain)]
    if models:
        carrying = {**plain, f"{_NAME}/models": models}
        made.append(archive.tar_gz(BUILD / f"{_NAME}-with-models-linux-x86_64.tar.gz", carrying))
    if pack:
        made.append(archive.tar_gz(BUILD / f"{_NAME}-personalize-linux-x86_64.tar.gz", {"personalize": pack}))
    return made


def starter_models() -> Path:
    """The starter models in a folder of their own, readable by everybody. Raises Stop."""
    source, target = places().models, BUILD / "models"
    shutil.rmtree(target, ignore_errors=True)
    for name in STARTERS:
        if not (source / name / "model.json").is_file():
            raise Stop(f"The starter model {name} is not in {source}: run make setup.")
        (target / name).mkdir(parents=True)
        for file in sorted((source / name).iterdir()):
            shutil.copyfile(file, target / name / file.name)
    return target
