"""`python -m warehouse.key_figures`: a new figure gets its line in the history of definitions.

Belongs here: saying what was added. Does not belong here: what a line holds (history.py).
"""

from __future__ import annotations

import sys

from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.history import add_missing


def main() -> int:
    """Add the missing lines and say which."""
    added = add_missing(catalogue(is_history_checked=False))
    sys.stdout.write(f"added: {', '.join(added) or 'nothing'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
