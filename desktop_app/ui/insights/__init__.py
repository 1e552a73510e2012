"""The insights page: charts that are tables too, the log of changes, the usability tests."""
