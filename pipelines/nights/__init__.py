"""Nights with nobody watching: building again, forgetting, keeping and expiring, noticing that something is wrong."""
