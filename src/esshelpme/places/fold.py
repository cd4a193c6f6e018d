"""How a written name is reduced before two spellings are compared.

People in danger type fast: tone marks go missing, letters of one sound are exchanged (ส ศ ษ, ไ ใ, ณ น), and
there is no one way to write Thai in Latin letters (Korat, Khorat; Had Yai, Hat Yai). Folding maps such
spellings onto one key. It is lossy on purpose: a match by folded key counts for less than an exact one.
"""

from __future__ import annotations

import re
import unicodedata

# Characters nobody sees: zero-width marks, bidi controls, soft hyphen, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u034f\u061c\ufe00-\ufe0f]")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
# Tone marks, the shortening mark, the silencing mark, and yamakkan: what is left out first when typing.
MARKS = frozenset("่้๊๋็์๎")
# Letters that sound alike in Thai, each group mapped onto one letter (Royal Society's transcription groups).
_THAI_SAME = {
    **dict.fromkeys("ศษส", "ส"),
    **dict.fromkeys("ณน", "น"),
    **dict.fromkeys("ญย", "ย"),
    **dict.fromkeys("ฎด", "ด"),
    **dict.fromkeys("ฏต", "ต"),
    **dict.fromkeys("ฐถ", "ถ"),
    **dict.fromkeys("ฑธฒท", "ท"),
    **dict.fromkeys("ภพ", "พ"),
    **dict.fromkeys("ฃข", "ข"),
    **dict.fromkeys("ฅฆค", "ค"),
    **dict.fromkeys("ฬลร", "ล"),
    **dict.fromkeys("ฌช", "ช"),
    **dict.fromkeys("ไใ", "ไ"),
    **dict.fromkeys("ีิ", "ิ"),
    **dict.fromkeys("ืึ", "ึ"),
    **dict.fromkeys("ูุ", "ุ"),
}
_REPEAT_LIMIT = 2


def clean(text: str) -> str:
    """Return `text` in one Unicode form.

    NFC, sara am composed, Thai digits as 0-9, no invisible characters, lower case.
    """
    out = unicodedata.normalize("NFC", text)
    out = _INVISIBLE.sub("", out)
    # NFKC would also turn "ำ" into two characters; the reverse is what we want, and "เเ" typed as two "เ" is
    # "แ".
    out = out.replace("ํา", "ำ").replace("เเ", "แ").translate(_THAI_DIGITS)
    return out.lower()


def fold_thai(text: str) -> tuple[str, list[int]]:
    """Fold Thai spelling and say where each folded character came from.

    Returns the folded text and, for each of its characters, the index in `text` of the character it stands
    for.
    """
    out: list[str] = []
    origin: list[int] = []
    length = len(text)
    for index, char in enumerate(text):
        if char in MARKS:
            continue
        # A consonant silenced by ์ is not heard and often not written (สันติ์ for สันต์, เสน่ห์).
        if index + 1 < length and text[index + 1] == "์" and "ก" <= char <= "ฮ":
            continue
        same = _THAI_SAME.get(char, char)
        # "ทร" read as "ซ" (ทราย, ไทร): both spellings become "ส".
        if (same == "ท" and index + 1 < length and text[index + 1] == "ร") or char == "ซ":
            same = "ส"
        elif same == "ล" and out and out[-1] == "ส" and index and text[index - 1] in "ทธศส":
            # ทร → ส and สร → ส (สระ, สร้าง, ศรี): the ร is not heard.
            continue
        if len(out) >= _REPEAT_LIMIT and out[-1] == same and out[-2] == same:
            continue  # "มากกกกก"
        if same == "ำ":
            out.extend("าม")
            origin.extend((index, index))
            continue
        out.append(same)
        origin.append(index)
    return "".join(out), origin


_LATIN_STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[^a-z]", ""),
        (r"uea|eua|ua|ue|eu", "u"),
        (r"oe|er(?=[^aeiou]|$)|eo", "o"),
        (r"ae|ai(?=r)", "e"),
        (r"ie|ia|ee|ei", "i"),
        (r"oo|ou", "u"),
        (r"aw|or(?=[^aeiou]|$)", "o"),
        (r"ow|ao|au", "ao"),
        (r"ay", "ai"),
        (r"ay|ar(?=[^aeiou]|$)", "a"),
        (r"ph|bp", "p"),
        (r"th|dt", "t"),
        (r"kh|gk", "k"),
        (r"ch|j|tj", "c"),
        (r"ng", "ŋ"),
        (r"[gq]", "k"),
        (r"v", "w"),
        (r"z", "s"),
        (r"h$", ""),
        (r"d$", "t"),
        (r"b$", "p"),
        (r"r", "l"),
        (r"d(?=[bckmnpstwŋ])", "t"),
        (r"b(?=[ckmnpstwŋ])", "p"),
        (r"l(?=[^aeiouy]|$)", "n"),  # written l, spoken n: Chol Buri, Ubol
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
)


def fold_latin(text: str) -> str:
    """Fold a Latin spelling of a Thai name: "Hat Yai", "Haad Yai" and "hadyai" give one key.

    Empty without letters.
    """
    out = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    # Syllable-final d and b are written t and p by the official system ("Had Yai", "Hat Yai"); word by word,
    # as they end it.
    words = [re.sub(r"b$", "p", re.sub(r"d$", "t", word)) for word in re.findall(r"[a-z]+", out)]
    out = "".join(words)
    for pattern, to in _LATIN_STEPS:
        out = pattern.sub(to, out)
    return out
