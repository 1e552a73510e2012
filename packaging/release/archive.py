"""Relocatable archives that come out the same each time, and the list of sums that is signed."""

from __future__ import annotations

import gzip
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from release.bundle import sha256
from release.places import BUILD, Stop, epoch

SUMS = "SHA256SUMS"
KEY = "STONECHAT_SIGNING_KEY"
"""Names the OpenPGP key that signs the sums. Without it they are not signed, and the build says so."""


def tar_gz(target: Path, folders: Mapping[str, Path]) -> Path:
    """The folders under the names they are to have, sorted, of one time and no owner."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = epoch()
        return entry

    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=epoch()) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, folder in folders.items():
            archive.add(folder, name, filter=plain)  # in the order of names, which tarfile sorts
    return target


def sums(files: Sequence[Path]) -> list[Path]:
    """Write SHA256SUMS for these files, and its signature where there is a key. Raises Stop."""
    listed = BUILD / SUMS
    lines = (f"{sha256(file)}  {file.name}\n" for file in sorted(files))
    listed.write_text("".join(lines), encoding="utf-8")
    key = os.environ.get(KEY)
    signature = listed.with_name(f"{SUMS}.asc")
    signature.unlink(missing_ok=True)
    if not key:
        print(f"{SUMS} is not signed: {KEY} names no key.")
        return [listed]
    sign = [
        "gpg",
        "--batch",
        "--yes",
        "--local-user",
        key,
        "--armor",
        "--detach-sign",
        "-o",
        str(signature),
        str(listed),
    ]
    if subprocess.run(sign, check=False).returncode:
        raise Stop(f"gpg could not sign with the key {key}.")
    return [listed, signature]
