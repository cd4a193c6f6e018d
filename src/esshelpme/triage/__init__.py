"""What does a free text mean? Pure: no database, no network, no clock.

    from esshelpme import triage
    reading = triage.read("ช่วยด้วย เขาจะฆ่าหนู", lang="th")

A reading proposes and never refuses: whatever it says, the person keeps their buttons and can reach a person.
"""

from __future__ import annotations

from esshelpme.triage.reading import Handover, Kind, Reading, Urgency, read

__all__ = ["Handover", "Kind", "Reading", "Urgency", "read"]
