"""Alerts: telling people that something is wrong, once, and when it is over. Never a person, never a cell's value."""
