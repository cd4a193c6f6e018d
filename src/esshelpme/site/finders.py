"""Browser packages are served from node_modules: what `package.json` pins, and only the files that pages name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

from esshelpme.platform.config import ROOT

FOLDER = ROOT / "node_modules"
# static path prefix → folder below node_modules
PACKAGES = {
    "vendor/htmx": "htmx.org/dist",
    "vendor/htmx-ext-sse": "htmx-ext-sse",
    "vendor/maplibre": "maplibre-gl/dist",
    "vendor/plex": "@ibm/plex-sans-thai/fonts/complete/woff2",
    "vendor/plex-looped": "@ibm/plex-sans-thai-looped/fonts/complete/woff2",
}
SERVED = (".js", ".mjs", ".css", ".woff2", ".map")


class NodeModulesFinder(BaseFinder):
    """Finds `vendor/NAME/FILE` in node_modules."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        for prefix, package in PACKAGES.items():
            if path.startswith(prefix + "/") and path.endswith(SERVED):
                root = (FOLDER / package).resolve()
                file = (root / path[len(prefix) + 1 :]).resolve()
                if file.is_file() and file.is_relative_to(root):
                    return [str(file)] if find_all else str(file)
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for prefix, package in PACKAGES.items():
            root = FOLDER / package
            storage = FileSystemStorage(location=str(root))
            storage.prefix = prefix  # type: ignore[attr-defined]  # collectstatic reads it
            for file in sorted(root.rglob("*")):
                name = str(Path(file).relative_to(root))
                if (
                    file.is_file()
                    and name.endswith(SERVED)
                    and not matches_patterns(name, ignore_patterns or [])
                ):
                    yield name, storage
