"""Intake: from the files of a source to the warehouse.

The names below are loaded when they are asked for: the child process that reads files (sandbox.py) passes through
here and must start fast and know nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.intake.servers import Pulls
    from pipelines.intake.taking import Taken, take

__all__ = ["Pulls", "Taken", "take"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from pipelines.intake import servers, taking

    return getattr(servers if name == "Pulls" else taking, name)
