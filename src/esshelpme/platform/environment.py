"""Reading environment variables: each kind of value with its one-line error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from esshelpme.platform.errors import ConfigError


@dataclass(frozen=True)
class Environment:
    """A set of variables; empty ones count as unset. Every method raises ConfigError naming the variable."""

    variables: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """The stripped value, None when unset."""
        return self.variables.get(name, "").strip() or None

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """One of a few words."""
        value = self.text(name)
        if value is not None and value not in allowed:
            wanted = " or ".join(repr(word) for word in allowed)
            raise ConfigError(f"{name} must be {wanted}, not {value!r}.")
        return value

    def number(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        value = self.text(name)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
        return int(value)

    def url(self, name: str) -> str | None:
        """A web address, without a trailing slash."""
        value = self.text(name)
        if value is None:
            return None
        parts = split_url(name, value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigError(f"{name} must be an address such as https://example.go.th, not {value!r}.")
        return value.rstrip("/")

    def words(self, name: str) -> tuple[str, ...]:
        """Values separated by commas or spaces."""
        return tuple((self.text(name) or "").replace(",", " ").split())

    def pair(self, first: str, second: str) -> tuple[str, str] | None:
        """Two variables that only work together: both or neither."""
        a, b = self.text(first), self.text(second)
        if a is not None and b is not None:
            return a, b
        if a is None and b is None:
            return None
        missing, there = (first, second) if a is None else (second, first)
        raise ConfigError(f"{missing} is missing: {there} is set, and the two only work together.")


def split_url(name: str, value: str) -> SplitResult:
    """The parts of an address; ConfigError when it has none."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{name} is not a valid address: {error}.") from error
    return parts
