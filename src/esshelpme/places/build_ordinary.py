"""Make `data/ordinary.txt`: Thai words that look like place names, or hold one inside.

    python -m esshelpme.places.build_ordinary

"เลย" is a province and the commonest adverb; "นา" is inside "นาน". The finder asks this list before it
believes a name that stands without จังหวัด, อำเภอ or ตำบล. The words come from PyThaiNLP's word list (CC0;
see `data/CREDITS.md`); given names that are place names too are in `data/aliases.json`.

Lines beginning with "=" are words that are also place names; the others hold a place name inside.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geothai
from pythainlp.corpus import thai_words

OUT = Path(__file__).parent / "data" / "ordinary.txt"
SHORTEST, LONGEST = (
    3,
    12,
)  # characters of a place name that may be met without a level word; longer ones are plain


def main() -> int:
    """Write the list."""
    provinces = geothai.provinces()
    districts = [d for p in provinces for d in geothai.districts(p.code)]
    subdistricts = [s for d in districts for s in geothai.subdistricts(d.code)]
    names = {p.name_th for p in provinces} | {d.name_th.removeprefix("เขต") for d in districts}
    own = names | {s.name_th for s in subdistricts}
    words = {w for w in thai_words() if " " not in w}
    same = own & words
    short = {n for n in own if SHORTEST <= len(n) <= LONGEST}
    covering = sorted(
        word
        for word in words - own
        if any(
            word[i:j] in short
            for i in range(len(word))
            for j in range(i + SHORTEST, min(len(word), i + LONGEST) + 1)
            if j - i < len(word)
        )
    )
    OUT.write_text(
        "".join([f"={word}\n" for word in sorted(same)] + [f"{word}\n" for word in covering]), "utf-8"
    )
    sys.stdout.write(f"{len(same)} words that are place names, {len(covering)} that hold one\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
