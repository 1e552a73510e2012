"""What goes into every bundle, on every system: read by `stonechat.spec`, and by the tests.

The run-time requirements and nothing else: what trains adapters is the second pack, what tests and builds stays out.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ((ROOT / "resources", "desktop_app/_resources"), (ROOT / "models", "desktop_app/_models"))

WHOLE = (
    "desktop_app",
    "faster_whisper",
    "filelock",
    "fsspec",
    "huggingface_hub",
    "jinja2",
    "livekit.rtc",
    "llama_cpp",
    "msgspec",
    "numpy",
    "packaging",
    "pip",
    "piper",
    "pygments",
    "requests",
    "rapidocr",
    "sqlite_utils",
    "tokenizers",
    "tqdm",
    "yaml",
    *(("Xlib",) if sys.platform == "linux" else ("pynput",)),
)
"""Packages of which every module goes in: they are found by name at run time, or the second pack may want them."""
LEFT_OUT = (
    "desktop_app.engines.eyes",
    "fsspec.implementations",
    "huggingface_hub.inference",
    "llama_cpp.server",
    "numpy.f2py.tests",
    "piper.http_server",
    "piper.train",
    "piper.phonemize_hebrew",
    "tqdm.contrib.telegram",
)
"""Modules within them that nothing here uses."""
PACKAGE_DATA = {
    "certifi": ("cacert.pem",),
    "faster_whisper": ("assets/*",),
    "livekit": ("rtc/resources/liblivekit_ffi*",),
    "pip": ("_vendor/certifi/cacert.pem",),
    "piper": ("espeak-ng-data/**/*",),
    "qtawesome": ("fonts/phosphor*",),
    "rapidocr": ("*.yaml", "models/*.onnx"),
}
"""Data files that packages read beside their modules."""
EXCLUDED = (
    "IPython", "PyInstaller", "PySide6.QtMultimediaWidgets", "_pytest", "_tkinter", "accelerate", "altgraph", "gguf",
    "grimp", "hf_xet", "hypothesis", "importlinter", "matplotlib", "mpmath", "mypy", "networkx", "nis", "onnx.backend",
    "onnx.reference", "openai", "pandas", "peft", "pydantic", "pydantic_core", "pytest", "pytestqt", "regex",
    "ruff", "safetensors", "scipy", "setuptools", "sklearn", "sympy", "tkinter", "torch", "transformers",
    "turtle", "typer",
)  # fmt: skip
"""What analysis would find and must not: the second pack, and the tools of the environment."""
LEFT_OUT_FILES = (
    "hf_xet",
    "onnxruntime/capi/libonnxruntime.so",
    "PySide6/Qt/qml",
    "PySide6/Qt/translations",
    "_tcl_data",
    "_tk_data",
)
"""Files and folders of the bundle that come along and are not needed: onnxruntime's Python module has its own copy."""

QT_MODULES = ("QtCharts", "QtCore", "QtGui", "QtMultimedia", "QtNetwork", "QtWidgets")
QT_LIBRARIES = (
    "libQt6Charts.", "libQt6Concurrent.", "libQt6Core.", "libQt6DBus.", "libQt6Gui.", "libQt6Multimedia.",
    "libQt6Network.", "libQt6OpenGL.", "libQt6OpenGLWidgets.", "libQt6Svg.", "libQt6WaylandClient.",
    "libQt6Widgets.", "libQt6WlShellIntegration.", "libQt6XcbQpa.", "libicu",
)  # fmt: skip
QT_PLUGINS = (
    "iconengines/", "imageformats/libqgif", "imageformats/libqjpeg", "imageformats/libqsvg", "imageformats/libqwebp",
    "platforminputcontexts/libcompose", "platforminputcontexts/libibus", "platforms/libqminimal.",
    "platforms/libqoffscreen", "platforms/libqwayland", "platforms/libqxcb", "platformthemes/",
    "wayland-decoration-client/", "wayland-graphics-integration-client/libqt-plugin",
    "wayland-shell-integration/libxdg", "xcbglintegrations/",
)  # fmt: skip
"""What stays of Qt, on Linux. No media player and so no FFmpeg (sound devices need none), no TLS, no QML."""
SYSTEM_LIBRARIES_TAKEN = (
    "libbz2.", "libcrypto.", "libffi.", "libgomp.", "liblzma.", "libncursesw.", "libpanelw.", "libpython",
    "libreadline.", "libsqlite3.", "libssl.", "libtinfo.", "libuuid.", "libz.",
)  # fmt: skip
"""What goes in of the machine that builds, on Linux: what Python itself needs. The desktop's libraries and what its
graphics drivers share with us must be the person's own; the .deb asks for them."""


def standard_library() -> list[str]:
    """Every module of the standard library that can be imported here: the second pack may want any of them."""
    apart = ("_tkinter", "antigravity", "idlelib", "lib2to3", "nis", "test", "this", "tkinter", "turtle", "turtledemo")
    return sorted(name for name in sys.stdlib_module_names if name not in apart)


def stays(name: str, source: str) -> bool:
    """Whether a file that PyInstaller found goes in. `name` is its place in the bundle, `source` where it lies here."""
    if name.startswith(LEFT_OUT_FILES):
        return False
    if sys.platform != "linux":
        return True
    if "/Qt/plugins/" in name:
        return name.split("/Qt/plugins/", 1)[1].startswith(QT_PLUGINS)
    if "/Qt/lib/" in name:
        return Path(name).name.startswith(QT_LIBRARIES)
    if source.startswith(("/lib/", "/usr/lib/")):
        return Path(name).name.startswith(SYSTEM_LIBRARIES_TAKEN)
    return True
