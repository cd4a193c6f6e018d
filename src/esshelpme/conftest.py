"""The fixed cast of every room's tests: who may, who may not, and the town they live in.

Allowed and refused cases share these, so that a refusal cannot pass for the wrong reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

AT = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # 22:30 in Bangkok, a Sunday
BANGKOK = (13.76512, 100.49864)  # in the district Phra Nakhon (1001)
CHIANG_MAI = (18.79038, 98.98468)  # in the province 50


def line_id(name: str) -> str:
    """A LINE user id that is the same in every run."""
    return "U" + hashlib.sha256(name.encode()).hexdigest()[:32]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the timeline refuses everywhere else."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_timelineevent DISABLE TRIGGER timeline_no_truncate")


@pytest.fixture
def at() -> datetime:
    """The moment at which a story begins."""
    return AT


@dataclass(frozen=True, slots=True)
class Town:
    """Codes of agencies and units of `town`, as in a directory file."""

    police_agency: str = "POLICE-BKK"
    police: str = "BKK-POL-01"
    police_member: str = "BKK-POL-01-A"
    social_agency: str = "SOCIAL-BKK"
    social: str = "BKK-SOC-01"
    social_member: str = "BKK-SOC-01-A"
    far_agency: str = "POLICE-CNX"
    far_police: str = "CNX-POL-01"


@pytest.fixture
def town(db: None) -> Town:
    """One police and one social unit in Bangkok by LINE, one police unit in Chiang Mai by telephone."""
    from esshelpme.directory.file_format import DirectoryFile
    from esshelpme.directory.files import import_entries

    names = Town()

    def unit(
        code: str, agency: str, point: tuple[float, float], areas: list[str], **more: object
    ) -> dict[str, object]:
        return {
            "code": code,
            "agency": agency,
            "name_th": f"ชุด {code} (สมมติ)",
            "name_en": f"Team {code} (fictional)",
            "lat": point[0],
            "lng": point[1],
            "areas": areas,
            "kinds": ["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"],
            "duty_phone": "+66 2 000 0001",
            "members": [
                {"code": f"{code}-A", "name": f"เจ้าหน้าที่ {code}", "line_user_id": line_id(f"{code}-A")}
            ],
            **more,
        }

    import_entries(
        DirectoryFile.model_validate(
            {
                "agencies": [
                    {"code": names.police_agency, "type": "POLICE", "name_th": "สน.สมมติ"},
                    {"code": names.social_agency, "type": "SOCIAL", "name_th": "พม. สมมติ"},
                    {"code": names.far_agency, "type": "POLICE", "name_th": "สภ.สมมติ"},
                ],
                "units": [
                    unit(names.police, names.police_agency, (13.7563, 100.5018), ["10"]),
                    unit(names.social, names.social_agency, (13.7650, 100.5380), ["10"]),
                    unit(names.far_police, names.far_agency, CHIANG_MAI, ["50"], contact="PHONE", members=[]),
                ],
            }
        ),
        at=AT,
    )
    return names


TokenMaker = Callable[..., str]


@pytest.fixture
def make_token(db: None) -> TokenMaker:
    """`make_token("CALL_TAKER", areas=["10"], agency="POLICE-BKK")` → the secret of a live token."""
    from esshelpme.access.models import ApiToken
    from esshelpme.access.tokens import create_token
    from esshelpme.directory.models import Agency

    def make(
        role: str = "ADMINISTRATOR",
        *,
        areas: list[str] | None = None,
        agency: str | None = None,
        name: str = "",
    ) -> str:
        secret = create_token(name=name or f"{role.lower()}-{ApiToken.objects.count()}", role=role)
        token = ApiToken.objects.latest("pk")
        token.areas = areas or []
        token.agency = Agency.objects.get(code=agency) if agency else None
        token.save()
        return secret

    return make


@dataclass(frozen=True, slots=True)
class Cast:
    """Secrets of API tokens, by who holds them."""

    administrator: str  # everything, everywhere
    call_taker: str  # of Bangkok
    far_call_taker: str  # of Chiang Mai
    responder: str  # of the police agency in Bangkok
    far_responder: str  # of the police agency in Chiang Mai
    analyst: str  # figures only
    stranger: str = "ess_nobody"  # no such token


@pytest.fixture
def cast(town: Town, make_token: TokenMaker) -> Cast:
    """Tokens of the whole cast."""
    return Cast(
        administrator=make_token("ADMINISTRATOR"),
        call_taker=make_token("CALL_TAKER", areas=["10"]),
        far_call_taker=make_token("CALL_TAKER", areas=["50"]),
        responder=make_token("RESPONDER", agency=town.police_agency),
        far_responder=make_token("RESPONDER", agency=town.far_agency),
        analyst=make_token("ANALYST"),
    )
