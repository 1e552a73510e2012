"""Debian packages: their trees, what they ask for, and dpkg-deb."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.system_libraries import NEEDS
from release.places import BUILD, ROOT, VERSION, epoch, run

HOME = "usr/lib/stonechat"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
MAINTAINER = "The Stonechat developers"
FILES = ROOT / "packaging" / "linux"
ICONS = ROOT / "resources" / "icons"
_BASE_NEEDS = (
    "libc6 (>= 2.36)", "libgcc-s1", "libgomp1", "libstdc++6", "libx11-6", "libwayland-client0", "libwayland-cursor0",
    "libwayland-egl1",
)  # fmt: skip
_SUMMARY = """desktop assistant that stays home
 Type, speak, or drop a picture: a language model on this computer answers, on
 screen and, if you like, aloud. What you say, show and are told stays here.
 .
 It is an AI and can be wrong. Needs a processor with AVX2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deb:
    """One package: its name and version, what it asks for, its description, and what fills its tree."""

    name: str
    version: str
    summary: str
    depends: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()
    fill: Callable[[Path], None]
    script: Path | None = None

    def control(self, installed_bytes: int) -> str:
        """The text of DEBIAN/control."""
        fields = {
            "Package": self.name,
            "Version": self.version,
            "Section": "utils",
            "Priority": "optional",
            "Architecture": "amd64",
            "Maintainer": MAINTAINER,
            "Installed-Size": str(-(-installed_bytes // 1024)),
            "Depends": ", ".join(self.depends),
            "Recommends": ", ".join(self.recommends),
            "Suggests": ", ".join(self.suggests),
            "Description": self.summary,
        }
        return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def application(bundle: Path, *, models: Path | None = None) -> Deb:
    """The program; with the folder of starter models a package of the same name and a slightly higher version."""

    def fill(tree: Path) -> None:
        _linked(bundle, tree / HOME)
        if models is not None:
            _linked(models, tree / HOME / "models")
        _desktop_files(tree)

    return Deb(
        name="stonechat",
        version=f"{VERSION}+models" if models else VERSION,
        summary=_SUMMARY + ("\n .\n This package brings the starter models along." if models else ""),
        depends=(*_BASE_NEEDS, *dict.fromkeys(need.package for need in NEEDS if need.use in ("window", "sound"))),
        recommends=tuple(need.package for need in NEEDS if need.use == "fonts"),
        suggests=("stonechat-personalize",),
        fill=fill,
        script=FILES / "postrm",
    )


def personalization(pack: Path) -> Deb:
    """What trains adapters, beside the program."""
    return Deb(
        name="stonechat-personalize",
        version=VERSION,
        summary="""trains Stonechat's language model from your ratings
 The personalization pack: PyTorch, transformers and PEFT for the page
 "Personalize". Everything is computed on this computer.""",
        depends=(f"stonechat (>= {VERSION})", f"stonechat (<< {VERSION}.1)"),
        fill=lambda tree: _linked(pack, tree / HOME / "personalize"),
    )


def write(deb: Deb) -> Path:
    """Build the package in build/package. Raises Stop."""
    tree = BUILD / "deb" / deb.name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    deb.fill(tree)
    _documents(tree, deb)
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file() and not file.is_symlink())
    control = tree / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(deb.control(size), encoding="utf-8")
    if deb.script is not None:
        shutil.copy(deb.script, control / deb.script.name)
        (control / deb.script.name).chmod(0o755)
    for folder in (tree, *(path for path in tree.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(0o755)
    target = BUILD / f"{deb.name}_{deb.version}_amd64.deb"
    shape = ["--root-owner-group", "-Zzstd", "-z9", "--build"]
    run(["dpkg-deb", *shape, tree, target], SOURCE_DATE_EPOCH=str(epoch()))
    shutil.rmtree(tree)
    return target


def filled_in(name: str) -> str:
    """The text of a file in packaging/linux with version and date in it."""
    date = datetime.fromtimestamp(epoch(), UTC).date().isoformat()
    return (FILES / name).read_text(encoding="utf-8").replace("@VERSION@", VERSION).replace("@DATE@", date)


def _desktop_files(tree: Path) -> None:
    """What makes the program part of a desktop: launcher, icons, kinds of file, manual page."""
    share = tree / "usr" / "share"
    _put(share / "applications" / "stonechat.desktop", filled_in("stonechat.desktop").encode())
    _put(share / "metainfo" / "stonechat.metainfo.xml", filled_in("stonechat.metainfo.xml").encode())
    _put(share / "mime" / "packages" / "stonechat.xml", filled_in("stonechat-mime.xml").encode())
    _put(share / "man" / "man1" / "stonechat.1.gz", gzip.compress(filled_in("stonechat.1").encode(), mtime=0))
    icons = share / "icons" / "hicolor"
    _put(icons / "scalable" / "apps" / "stonechat.svg", (ICONS / "stonechat.svg").read_bytes())
    for size in ICON_SIZES:
        icon = (ICONS / f"stonechat-{size}.png").read_bytes()
        _put(icons / f"{size}x{size}" / "apps" / "stonechat.png", icon)
    program = tree / "usr" / "bin" / "stonechat"
    program.parent.mkdir(parents=True)
    program.symlink_to("../lib/stonechat/stonechat")


def _documents(tree: Path, deb: Deb) -> None:
    documents = tree / "usr" / "share" / "doc" / deb.name
    _put(documents / "copyright", (ROOT / "LICENSE").read_bytes())
    _put(documents / "changelog.gz", gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))


def _linked(source: Path, target: Path) -> None:
    """The same files under another name: they are only read here, and are large."""
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(0o644)
