"""Rights and welfare: which programmes fit a person, why, and what is still to be asked.

Pure: no database, nothing is stored. `check.check_rights` is the door; `api.router` is the HTTP surface.
"""
