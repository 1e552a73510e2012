"""The application and its disk image for macOS: signed, and notarised where credentials are. Not run on macOS yet."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Any

from release.bundle import frozen
from release.places import BUILD, FROZEN, ROOT, VERSION, Stop, run

OPTIONS: dict[str, str] = {"--frozen": "take the application that is frozen already"}
IDENTIFIER = "org.stonechat.Stonechat"
ENTITLEMENTS = ROOT / "packaging" / "macos" / "entitlements.plist"
APPLICATION = FROZEN.parent / "Stonechat.app"
_PICTURES = ("public.png", "public.jpeg", "com.compuserve.gif", "org.webmproject.webp", "com.microsoft.bmp")

INFO: dict[str, Any] = {
    "CFBundleName": "Stonechat",
    "CFBundleDisplayName": "Stonechat",
    "CFBundleShortVersionString": VERSION,
    "CFBundleVersion": VERSION,
    "LSMinimumSystemVersion": "13.0",
    "NSHighResolutionCapable": True,
    "NSMicrophoneUsageDescription": "Stonechat listens when you start the microphone; nothing leaves this computer.",
    "CFBundleDocumentTypes": [
        {"CFBundleTypeName": "Picture", "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate",
         "LSItemContentTypes": list(_PICTURES)},
        {"CFBundleTypeName": "Sound", "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate",
         "LSItemContentTypes": ["com.microsoft.waveform-audio"]},
        {"CFBundleTypeName": "Model", "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate",
         "CFBundleTypeExtensions": ["gguf"]},
    ],
}  # fmt: skip
"""What the spec puts into Info.plist."""


def build(options: list[str]) -> list[Path]:
    """Raises Stop."""
    from release import sbom

    if "--frozen" not in options:
        frozen()
    if not APPLICATION.is_dir():
        raise Stop(f"There is no {APPLICATION.name}: the spec makes it on macOS.")
    run(signing(APPLICATION))
    image = BUILD / f"Stonechat-{VERSION}-macos-{platform.machine()}.dmg"
    _disk_image(image)
    if profile := os.environ.get("STONECHAT_NOTARY"):
        run(["xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait"])
        run(["xcrun", "stapler", "staple", image])
    return [image, sbom.write()]


def signing(what: Path) -> list[str | Path]:
    """Signed with the person's certificate and the hardened runtime, or ad hoc without one."""
    identity = os.environ.get("STONECHAT_IDENTITY", "-")
    hardened = [] if identity == "-" else ["--options", "runtime", "--timestamp"]
    return ["codesign", "--force", "--deep", *hardened, "--entitlements", ENTITLEMENTS, "--sign", identity, what]


def _disk_image(image: Path) -> None:
    """The application beside a link to where it belongs."""
    folder = BUILD / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(APPLICATION, folder / APPLICATION.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    run(["hdiutil", "create", "-volname", "Stonechat", "-srcfolder", folder, "-ov", "-format", "UDZO", image])
    run(["codesign", "--force", "--sign", os.environ.get("STONECHAT_IDENTITY", "-"), image])
