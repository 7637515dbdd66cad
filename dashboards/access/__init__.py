"""Who may see what, and what a browser may do with it.

Belongs here: the headers every answer carries. Sign-in, roles, scope and the access log come here too; until they exist the
dashboards are for loopback only and every page says so.
Does not belong here: what a page shows.
"""
