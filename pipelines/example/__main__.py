"""Writing the example municipality's exports in a process of their own, while the run that needs them starts.

Belongs here: being started. Does not belong here: writing them (writing.py).
"""

from pipelines.example.writing import write_example
from warehouse.settings import read_settings

if __name__ == "__main__":
    write_example(read_settings())
