"""Headers of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class ContentSecurityPolicy:
    """Scripts, styles and connections come from ourselves; only a configured map style adds its host."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._header = _header()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self.get_response):
            return self._async(request)
        return self._with(self.get_response(request))

    async def _async(self, request: HttpRequest) -> HttpResponse:
        return self._with(await self.get_response(request))

    def _with(self, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Security-Policy", self._header)
        return response


def _header() -> str:
    policy = dict(POLICY)
    if settings.CONFIG.simulated:
        # The simulator's desk shows the console between its phones.
        policy["frame-ancestors"] = "'self'"
    if settings.CONFIG.map_style_url:
        host = "/".join(settings.CONFIG.map_style_url.split("/")[:3])
        policy |= {"connect-src": f"'self' {host}", "img-src": f"'self' data: blob: {host}"}
    return "; ".join(f"{name} {value}" for name, value in policy.items())
