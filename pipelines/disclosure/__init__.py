"""Disclosure control: the only door out of the warehouse for figures.

Until the whole of it stands (secondary suppression, audit, ledger), a release made here is for internal trial only, and says so.
"""
