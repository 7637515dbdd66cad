"""Validation: running the contracts' rules and the expectations, quarantine, row accounting; never the rules themselves."""
