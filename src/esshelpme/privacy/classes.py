"""What every stored field says about a person: one table over all rooms, complete by a test.

Read it to answer "what do you hold about me?", to review a new column, and to know what an export or a log may carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Privacy(StrEnum):
    """How much a field tells, the least first."""

    NONE = "nothing about a person"
    EVENT = "a coded fact of an incident or message: about a person only together with who it was"
    STAFF = "who works here: names, numbers and acts of officers"
    PSEUDONYM = "leads to a person through another table or through LINE"
    SEALED = "words, places, names and media of people: sealed under a key, removable"
    KEY = "keys and digests by which somebody or something is known again"


def _of(**fields: str) -> dict[str, Privacy]:
    """Each class with its fields, space-separated, as a table of fields."""
    return {name: Privacy[kind.upper()] for kind, names in fields.items() for name in names.split()}


CLASSES: Final[Mapping[str, Mapping[str, Privacy]]] = MappingProxyType(
    {
        "pulse.Heartbeat": _of(none="name at"),
        "privacy.Subject": _of(none="id created_at erased_at", key="wrapped_key"),
        "privacy.Content": _of(
            none="id", event="kind created_at removed_at removed_because", pseudonym="subject file",
            sealed="sealed", key="salt",
        ),
        "places.PlaceRecord": _of(none="code level name_th name_en parent_code lat lng source imported_at"),
        "places.OutlineRecord": _of(none="code geometry source imported_at"),
        "places.PlacesVersion": _of(none="id version changed_at"),
        "directory.Agency": _of(none="id code type name_th name_en duty_phone"),
        "directory.Unit": _of(
            none="id code agency agency_type name_th name_en subtype lat lng radius_km areas reach kinds"
                 " capabilities contact duty_phone line_group_id on_duty",
        ),
        "directory.Member": _of(
            none="id unit", staff="code name phone line_user_id line_verified_at role authority active"
        ),
        "directory.LinkCode": _of(none="id expires_at used_at", staff="member", key="digest"),
        "directory.Shift": _of(none="id unit", staff="member starts_at ends_at"),
        "access.Account": _of(
            none="id",
            staff="username first_name last_name email last_login date_joined is_superuser is_staff is_active role"
                  " agency areas member groups user_permissions",
            key="password",
        ),
        "access.ApiToken": _of(none="id role agency areas created_at revoked_at", staff="name", key="digest"),
        "access.AccessLog": _of(none="id", staff="at who role what via", pseudonym="ref"),
        "contacts.Contact": _of(
            none="id", pseudonym="address subject",
            event="channel language language_from profile_at blocked_at followed_at last_heard_at created_at",
        ),
        "outbox.OutboundMessage": _of(
            none="id state attempts next_try_at created_at expires_at finished_at failure retry_key",
            event="what silent assignment_id", pseudonym="recipient incident_id message_id reply_token reply_until",
            sealed="sealed",
        ),
        "incidents.Incident": _of(
            none="id timeline_length timeline_head", staff="priority_by", pseudonym="ref contact", sealed="place",
            event="kind topic status disposition channel priority priority_reasons discreet exercise dangers witness"
                  " safe_to_call place_source place_accuracy_m place_said_at place_flag place_ambiguous province"
                  " district subdistrict cell created_at updated_at dispatched_at accepted_at on_scene_at"
                  " resolved_at closed_at cancel_requested_at said_safe_at safe_to_contact rating linked_to"
                  " merged_into",
        ),
        "incidents.Report": _of(
            none="id", event="channel kind topic witness safe_to_call received_at source_code",
            staff="token_id", pseudonym="incident contact external_id", sealed="text reporter", key="status_digest",
        ),
        "incidents.Message": _of(
            none="id", event="direction type said_at received_at seen_at undelivered_at",
            staff="by", pseudonym="incident contact channel_message_id", sealed="content media",
        ),
        "incidents.TimelineEvent": _of(none="id seq hash", event="at type data", staff="actor", pseudonym="incident"),
        "dispatch.Need": _of(
            none="id number", event="agency_type lead status ring opened_at holder", pseudonym="incident"
        ),
        "dispatch.Assignment": _of(
            none="id code ring", pseudonym="incident",
            event="need unit status via external_ref distance_km reasons offered_at deadline_at accepted_at en_route_at"
                  " on_scene_at ended_at",
            staff="accepted_by",
        ),
        "dispatch.OfferRecipient": _of(none="id", staff="member line_user_id declined_at", event="assignment"),
        "dispatch.CallTask": _of(
            none="id step", event="need unit reason status outcome external_ref opened_at closed_at",
            staff="target phone answered_by closed_by", pseudonym="incident",
        ),
        "dispatch.Alarm": _of(
            none="id", event="level reason detail seq raised_at acknowledged_at", staff="acknowledged_by",
            pseudonym="incident",
        ),
        "dispatch.Deadline": _of(none="id attempts", event="need kind due_at done_at", pseudonym="incident"),
        "intake.InboundEvent": _of(
            none="id state attempts next_try_at done_at failure redelivered", event="type said_at received_at seen_at",
            pseudonym="event_id person message_id", sealed="sealed",
        ),
        "intake.Conversation": _of(
            none="id window_from window_count", event="step step_at for_other answered_at", pseudonym="contact incident"
        ),
        "intake.TakenBack": _of(none="id", event="at", pseudonym="contact channel_message_id"),
        "intake.MediaToFetch": _of(
            none="id attempts next_try_at done_at failure", pseudonym="message channel_message_id"
        ),
        "web.Arrival": _of(none="id", event="at", pseudonym="report", key="address words"),
        "console.Presence": _of(none="id", staff="account at writing", pseudonym="incident"),
        "console.ShiftHandover": _of(
            none="id nonce", event="snapshot", staff="areas outgoing outgoing_signed_at incoming incoming_signed_at",
            sealed="sealed_note",
        ),
    }
)  # fmt: skip
