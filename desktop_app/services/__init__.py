"""Use cases: blocking, Qt-free, generators of events. `app.build` wires them into one `Services`."""
