"""The only PySide6 (with `engines/qt_*.py`): views paint, presenters think, services work."""

from desktop_app.immortal import keep_singletons_alive

keep_singletons_alive()
