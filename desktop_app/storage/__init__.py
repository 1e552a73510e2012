"""The only SQLite. `open_database` gives the one `Database`; the other modules hold the queries, one family each."""

from desktop_app.storage.database import Database
from desktop_app.storage.opening import open_database

__all__ = ["Database", "open_database"]
