"""Who may see what, and what a browser may do with it.

Belongs here: sign-in, roles, scope, the access log, and the headers every answer carries. Two walls: nobody gets past the door
without being let in (guard.py), and whoever is in gets a release that holds their scope and nothing more (scope.py).
Does not belong here: what a page shows.
"""
