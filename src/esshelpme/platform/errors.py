"""The one error that ends a command with a sentence instead of a traceback."""

from __future__ import annotations


class Refusal(Exception):  # it reads as what it is
    """The program will not go on, and its single line says why and what to do.

    Commands print it and exit 2.
    """


class ConfigError(Refusal):
    """An environment variable is missing or wrong; the message names it."""
