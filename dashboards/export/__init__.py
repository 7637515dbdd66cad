"""Files and answers for those who work on with the figures: CSV, Excel, Parquet, DuckDB, and the interface for programs.

Belongs here: giving a release's cells another form. Does not belong here: which cells somebody may have: everything here is made
from a release that is already cut down to a scope (dashboards/access).
"""
