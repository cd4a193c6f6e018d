"""What a browser loads from the desk: the page with its files and outlines, and the live feed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

from esshelpme.simulator.web import Receive, Request, Response, json_response
from esshelpme.simulator.world import World

STATIC = Path(__file__).parent / "static" / "simulator"
PACKAGE = Path(__file__).parents[1]
NODE_MODULES = PACKAGE.parents[1] / "node_modules"
VENDOR = {
    "maplibre/": NODE_MODULES / "maplibre-gl" / "dist",
    "fonts/": NODE_MODULES / "@ibm" / "plex-sans-thai" / "fonts" / "complete" / "woff2",
}
OUTLINES = PACKAGE / "places" / "data"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".geojson": "application/geo+json",
}
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob: https: http://127.0.0.1:* http://localhost:*",
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
}
SECURITY = [
    ("content-security-policy", "; ".join(f"{name} {value}" for name, value in POLICY.items())),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
]
"""Headers of every answer below ``/sim/``. Pictures may come from elsewhere: Flex names any HTTPS URL."""
HEARTBEAT_SECONDS = 15.0
FEED_BACKLOG = 500


def page_or_file(request: Request) -> Response:
    """The page, or a file it loads; 404 for anything else."""
    path: Path | None = None
    if request.path == "/sim/":
        path = STATIC / "index.html"
    elif request.path in ("/", "/sim"):
        return Response(status=302, headers=[("location", "/sim/")])
    elif request.path.startswith("/sim/assets/"):
        path = _asset(request.path.removeprefix("/sim/assets/"))
    elif request.path.startswith("/sim/outlines/"):
        path = _below(OUTLINES, request.path.removeprefix("/sim/outlines/"))
    if path is None or not path.is_file() or path.suffix not in TYPES:
        return json_response({"message": "Not found"}, status=404)
    data, tag = _read(path, path.stat().st_mtime_ns)
    headers = [("etag", tag), ("cache-control", "no-cache")]
    if request.headers.get("if-none-match") == tag:
        return Response(status=304, headers=headers, content_type=TYPES[path.suffix])
    return Response(body=data, content_type=TYPES[path.suffix], headers=headers)


def _asset(name: str) -> Path | None:
    for prefix, folder in VENDOR.items():
        if name.startswith(prefix):
            return _below(folder, name.removeprefix(prefix))
    return _below(STATIC, name)


def _below(folder: Path, name: str) -> Path | None:
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


@cache
def _read(path: Path, changed_ns: int) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, '"' + hashlib.blake2b(data, digest_size=12).hexdigest() + '"'


def stream_of(world: World, receive: Receive) -> Response:
    """Server-sent events: everything, as it happens. After ``resync`` a page reads the state anew."""
    headers = [("cache-control", "no-cache"), ("x-accel-buffering", "no")]
    return Response(content_type="text/event-stream", headers=headers, stream=_news(world, receive))


async def _news(world: World, receive: Receive) -> AsyncIterator[bytes]:
    news: asyncio.Queue[dict[str, Any]] = asyncio.Queue(FEED_BACKLOG)

    def hear(item: dict[str, Any]) -> None:
        if news.full():
            while not news.empty():
                news.get_nowait()
            item = {"type": "resync"}
        news.put_nowait(item)

    gone = asyncio.ensure_future(_disconnected(receive))
    world.listeners.add(hear)
    try:
        yield b"retry: 1000\n\n"
        while not gone.done():
            waiting = asyncio.ensure_future(news.get())
            await asyncio.wait(
                {waiting, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting.done():
                yield b"data: " + json.dumps(waiting.result(), ensure_ascii=False).encode() + b"\n\n"
            else:
                waiting.cancel()
                yield b": still here\n\n"
    finally:
        world.unlisten(hear)
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
