"""The directory's closed vocabularies (docs/operations.md)."""

from __future__ import annotations

AGENCY_TYPES = ("SOCIAL", "POLICE", "HEALTH", "EDUCATION", "LOCAL", "NGO", "VOLUNTEER")
# How a unit gets to people: by road only, also by boat, also by air.
REACHES = ("ROAD", "BOAT", "AIR")
CONTACTS = ("LINE", "PHONE")
MEMBER_ROLES = ("RESPONDER", "SUPERVISOR")
KINDS = ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER")
