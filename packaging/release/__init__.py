"""How the installed application is made. Run by `packaging/build.py`; no part of the application."""
