"""The demonstration directory, built from the tables and the gazetteer: the same in every run.

Every province has a social unit, a police station of its capital and a hospital; Bangkok has a station in
every district; big towns, border towns and islands have units of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from esshelpme.places import Place, gazetteer

HERE = Path(__file__).parent
BANGKOK = "10"
LOCAL_TIME = ZoneInfo("Asia/Bangkok")
SHIFT_HOURS = 8
ROSTER_DAYS = 14

Entry = dict[str, Any]

CAPABILITIES: dict[str, list[str]] = {
    "POLICE": ["ARMED"],
    "SOCIAL": ["FEMALE_OFFICER", "CHILD"],
    "HEALTH": ["MEDICAL", "PSYCHIATRIC"],
}
AUTHORITY: dict[str, list[str]] = {
    "POLICE": ["POLICE_OFFICER"],
    "SOCIAL": ["CPA_OFFICIAL", "DV_OFFICIAL"],
    "HEALTH": ["MENTAL_HEALTH_OFFICIAL"],
}


def line_id(code: str) -> str:
    """The LINE user id of a demonstration member or reporter: `U` and 32 hexadecimal digits of a digest."""
    return "U" + hashlib.sha256(code.encode()).hexdigest()[:32]


@cache
def tables() -> dict[str, Any]:
    """`tables.json`, read once."""
    loaded: dict[str, Any] = json.loads((HERE / "tables.json").read_text("utf-8"))
    return loaded


def demo_directory(*, at: datetime) -> Entry:
    """The directory file of the demonstration; rosters begin on the day before `at`."""
    maker = _Maker(at)
    maker.provinces()
    maker.bangkok()
    maker.towns()
    maker.partners()
    return {"agencies": list(maker.agencies.values()), "units": maker.units}


def rostered_units() -> list[str]:
    """Codes of the units that work in shifts."""
    return [_bangkok_social(n) for n, row in enumerate(tables()["bangkok_social"], 1) if row["shifts"]]


class _Maker:
    """Collects agencies and units; numbers and names go round in the order of making."""

    def __init__(self, at: datetime) -> None:
        self.agencies: dict[str, Entry] = {}
        self.units: list[Entry] = []
        self._at = at
        self._places = gazetteer().places
        self._phones = 0
        self._names = 0

    def provinces(self) -> None:
        """One social unit, one station and one hospital for every province but Bangkok."""
        for province in self._provinces():
            if province.code == BANGKOK:
                continue
            code, name = province.code, province.name_th
            seat = self._places.get(f"{code}01", province)
            self._agency(f"MSDHS-{code}", "SOCIAL", f"สนง.พมจ.{name}", f"{province.name_en} Social Office")
            self._unit(
                f"SOC-{code}-01", f"MSDHS-{code}", f"บ้านพักเด็กและครอบครัว{name}",
                f"{province.name_en} Family Shelter team", seat, areas=[code], radius_km=80, east=0.008,
            )  # fmt: skip
            self._agency(f"POL-{code}", "POLICE", f"ภ.จว.{name}", f"{province.name_en} Provincial Police")
            self._unit(
                f"POL-{code}-01", f"POL-{code}", f"สภ.เมือง{name}", f"Mueang {province.name_en} Police", seat,
                areas=[code], radius_km=40,
                contact="PHONE" if code in tables()["by_telephone"]["police"] else "LINE",
            )  # fmt: skip
            self._agency(f"MOPH-{code}", "HEALTH", f"สสจ.{name}", f"{province.name_en} Public Health Office")
            self._unit(
                f"HEA-{code}-01", f"MOPH-{code}", f"รพ.{name}", f"{province.name_en} Hospital", seat,
                areas=[code], radius_km=60, north=0.01,
            )  # fmt: skip

    def bangkok(self) -> None:
        """A station in every district; social teams that divide the city; some hospitals."""
        self._agency("MSDHS-10", "SOCIAL", "สนง.พม. กรุงเทพมหานคร", "Bangkok Social Development Office")
        self._agency("POL-10", "POLICE", "บช.น.", "Metropolitan Police")
        self._agency("MOPH-10", "HEALTH", "สำนักการแพทย์ กทม.", "Bangkok Medical Service")
        for place in self._districts(BANGKOK):
            self._unit(
                f"POL-{place.code}", "POL-10", f"สน.{place.name_th}", f"{place.name_en} Police", place,
                areas=[place.code], radius_km=8,
            )  # fmt: skip
        for number, row in enumerate(tables()["bangkok_social"], 1):
            place = self._district(row["district"], BANGKOK)
            self._unit(
                _bangkok_social(number), "MSDHS-10", f"ชุดเคลื่อนที่เร็ว พม. {place.name_th}",
                f"Social rapid team {place.name_en}", place,
                areas=[self._district(name, BANGKOK).code for name in row["serves"]],
                radius_km=25, east=0.006, members=3, shifts=row["shifts"],
            )  # fmt: skip
        for number, name in enumerate(tables()["bangkok_hospitals"], 1):
            place = self._district(name, BANGKOK)
            self._unit(
                f"HEA-10-{number:02d}", "MOPH-10", f"รพ.{name}", f"{place.name_en} Hospital", place,
                areas=[BANGKOK] if number == 1 else [place.code], radius_km=15, north=0.008,
            )  # fmt: skip

    def towns(self) -> None:
        """Units of big towns, border towns and islands."""
        prefixes = {
            "POLICE": ("POL", "POL", "สภ."),
            "SOCIAL": ("SOC", "MSDHS", "ชุด พม. "),
            "HEALTH": ("HEA", "MOPH", "รพ."),
        }
        for town in tables()["towns"]:
            place = self._district(town["district"], town["province"])
            for kind in town["units"]:
                unit, agency, word = prefixes[kind]
                self._unit(
                    f"{unit}-{place.code}", f"{agency}-{town['province']}", f"{word}{place.name_th}",
                    f"{place.name_en} {kind.lower()}", place,
                    areas=[place.code], radius_km=25, reach=town.get("reach", "ROAD"),
                )  # fmt: skip

    def partners(self) -> None:
        """NGOs, volunteers and shelters: they fill no need by themselves, staff ask them."""
        for partner in tables()["partners"]:
            self._agency(partner["code"], partner["type"], partner["name_th"], partner["name_en"])
            for row in partner["units"]:
                province = self._places[row["province"]]
                seat = self._places.get(f"{province.code}01", province)
                self._unit(
                    f"{partner['code']}-{province.code}", partner["code"],
                    f"{partner['name_th']} {province.name_th}",
                    f"{partner['name_en']} {province.name_en}", seat,
                    areas=[province.code], radius_km=60, north=-0.012,
                    subtype=row["subtype"], capabilities=row["capabilities"],
                )  # fmt: skip
        self._agency("SHELTERS", "LOCAL", "ที่พักชั่วคราวของท้องถิ่น", "Local temporary shelters")
        for code in tables()["shelters"]:
            province = self._places[code]
            self._unit(
                f"SHE-{code}", "SHELTERS", f"ที่พักชั่วคราว{province.name_th}", f"{province.name_en} Shelter",
                self._places.get(f"{code}01", province), areas=[code], east=-0.01,
                subtype="SHELTER", capabilities=["SHELTER"], contact="PHONE", members=1,
            )  # fmt: skip

    def _agency(self, code: str, kind: str, name_th: str, name_en: str) -> None:
        self.agencies[code] = {
            "code": code,
            "type": kind,
            "name_th": f"{name_th} (สมมติ)",
            "name_en": f"{name_en} (fictional)",
            "duty_phone": self._phone(),
        }

    def _unit(
        self,
        code: str,
        agency: str,
        name_th: str,
        name_en: str,
        place: Place,
        *,
        north: float = 0.0,
        east: float = 0.0,
        members: int = 2,
        shifts: bool = False,
        **fields: Any,
    ) -> None:
        kind = self.agencies[agency]["type"]
        by_line = fields.get("contact") != "PHONE"
        people = [self._member(f"{code}-{'ABC'[n]}", kind, n, by_line=by_line) for n in range(members)]
        self.units.append(
            {
                "code": code,
                "agency": agency,
                "name_th": f"{name_th} (สมมติ)",
                "name_en": f"{name_en} (fictional)",
                "lat": round(place.lat + north, 5),
                "lng": round(place.lng + east, 5),
                "kinds": tables()["kinds"][kind],
                "capabilities": CAPABILITIES.get(kind, []),
                "duty_phone": self._phone(),
                "members": people,
                "shifts": list(self._shifts(people)) if shifts else [],
                **fields,
            }
        )

    def _member(self, code: str, kind: str, number: int, *, by_line: bool) -> Entry:
        names = tables()["first_names"]
        self._names += 1
        return {
            "code": code,
            "name": f"{tables()['titles'][kind][number]}{names[self._names * 7 % len(names)]} สมมติ",
            "phone": self._phone(),
            "line_user_id": line_id(code) if by_line else None,
            "role": "SUPERVISOR" if number == 2 else "RESPONDER",
            "authority": AUTHORITY.get(kind, []),
        }

    def _shifts(self, people: list[Entry]) -> Iterator[Entry]:
        """Three duties a day, round the clock, one member each, changing every day."""
        start = self._at.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range(-1, ROSTER_DAYS):
            for turn in range(24 // SHIFT_HOURS):
                begins = start + timedelta(days=day, hours=SHIFT_HOURS * turn)
                member = people[(begins.toordinal() + turn) % len(people)]
                yield {
                    "starts_at": begins.isoformat(),
                    "ends_at": (begins + timedelta(hours=SHIFT_HOURS)).isoformat(),
                    "member": member["code"],
                }

    def _phone(self) -> str:
        self._phones += 1
        return f"+66 2 000 0{self._phones % 1000:03d}"

    def _provinces(self) -> list[Place]:
        return [place for key, place in sorted(self._places.items()) if len(key) == 2 and key == place.code]

    def _districts(self, province: str) -> list[Place]:
        return [self._places[code] for code in gazetteer().children[province]]

    def _district(self, name: str, province: str) -> Place:
        return next(place for place in self._districts(province) if place.name_th == name)


def _bangkok_social(number: int) -> str:
    return f"SOC-10-{number:02d}"
