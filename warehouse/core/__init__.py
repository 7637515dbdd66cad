"""The core tables: one `.sql` each, with grain, key and sources in its header. `pipelines/core.py` builds them."""
