"""Disclosure control: the only door out of the warehouse for figures.

`gate.py` is the door; what it rests on does not know it. The outsider's attack (`attack.py`) reads releases only.
"""
