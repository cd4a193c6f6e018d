"""Kinds of arguments: each says in one line what would have been right."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    """A type for arguments that must be one of `known`."""

    def parse(text: str) -> str:
        if text not in known:
            raise argparse.ArgumentTypeError(f"{text!r} is none of: {', '.join(known) or '(there are none)'}")
        return text

    return parse


def port(text: str) -> int:
    """A TCP port; 0 stands for any free one."""
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return int(text)
