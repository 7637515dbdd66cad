"""The example municipality: made-up people in Eslöv's published proportions, exported as real systems export.

Belongs here: the generator, its faults, its files, and the comparison with what Eslöv has published (backtest.py).
Does not belong here: anything that the system does with real data; this room may be deleted where there is no
example.

`writing.write_example` is the way in.
"""

from pipelines.example.writing import Written, write_example

__all__ = ["Written", "write_example"]
