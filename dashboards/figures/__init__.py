"""Charts: pure functions from rows to plotly's JSON, and the one wrapper that puts them on a page.

Belongs here: how a figure looks and is operated. Does not belong here: reading releases, and words.
"""
