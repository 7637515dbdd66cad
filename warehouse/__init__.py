"""What is kept, and how: contracts, core tables, the key-figure catalogue, the DuckDB file, releases.

The ground floor of the house: it imports none of the other storeys.
"""
