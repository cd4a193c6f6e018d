"""Names that people and machines can carry: short references and unguessable secrets.

References use Crockford's base32 (https://www.crockford.com/base32.html): no I, L, O or U, so that they
survive being read aloud over a bad telephone line; what people type instead of the missing letters is
understood.
"""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REF_LENGTH: Final = 8
_READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_ref() -> str:
    """A fresh reference.

    8 characters (40 random bits) without the hyphen. Uniqueness is the table's constraint.
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(REF_LENGTH))


def show_ref(ref: str) -> str:
    """`ABCD1234` as people see it: `ABCD-1234`."""
    return f"{ref[:4]}-{ref[4:]}"


def read_ref(text: str) -> str | None:
    """What a person typed, as a stored reference; None when it cannot be one.

    Case, spaces and hyphens do not matter; I and L read as 1, O as 0.
    """
    bare = text.strip().upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(bare) != REF_LENGTH or any(letter not in ALPHABET for letter in bare):
        return None
    return bare


def new_secret(bits: int = 192) -> str:
    """A URL-safe unguessable secret of at least `bits` random bits (default 192: 32 characters)."""
    return secrets.token_urlsafe((bits + 7) // 8)
