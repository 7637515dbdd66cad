"""Whether the dashboards may be served as the settings say.

Belongs here: refusing to start what would show figures to somebody who has not been let in.
Does not belong here: a single request (guard.py).
"""

from __future__ import annotations

import ipaddress

from warehouse.settings import Settings, SettingsError

PUBLIC = "FORDEL_PUBLIC"
"""Environment variable: `1` shows everything without sign-in, on this computer only."""


def is_loopback(address: str | None) -> bool:
    """Whether an address is this computer."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        # Not an address at all, as from a socket file: not this computer's network.
        return False


def demand_safe(settings: Settings, *, is_public: bool) -> None:
    """Refuse to serve what holds on this computer only to anybody else.

    Raises:
        SettingsError: it would be, or sign-in is stated twice.
    """
    stated = settings.dashboards
    if stated.openid is not None and stated.proxy is not None:
        raise SettingsError("dashboards: state either openid or proxy, not both")
    if (is_public or stated.proxy is not None) and not is_loopback(
        stated.host.replace("localhost", "127.0.0.1")
    ):
        why = "--public shows everything without sign-in" if is_public else "dashboards.proxy trusts a header"
        raise SettingsError(f"{why}: only with dashboards.host on loopback (127.0.0.1), not {stated.host}")


def demand_a_door(settings: Settings, *, is_public: bool) -> None:
    """Refuse to start where nobody could ever be let in.

    Raises:
        SettingsError: neither sign-in nor `--public`.
    """
    if not is_public and settings.dashboards.openid is None and settings.dashboards.proxy is None:
        raise SettingsError(
            "nobody could be let in: state dashboards.openid or dashboards.proxy in the settings, "
            "or use --public to show everything without sign-in on this computer"
        )
