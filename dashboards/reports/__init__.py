"""Reports as tagged PDF: the monthly brief and the yearly gender-equality accounts.

Belongs here: what the reports say, their pictures and their making. Does not belong here: any number that is not in the release.
"""
