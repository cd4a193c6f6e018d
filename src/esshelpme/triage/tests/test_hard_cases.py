"""Hard cases, each with its name. None of these texts is among the examples."""

from __future__ import annotations

import pytest

from esshelpme.triage import read

EMERGENCIES = [
    ("no spaces, in a hurry", "ช่วยด้วยเขากำลังตีหนูอยู่ในบ้าน", "ASSAULT"),
    ("letters repeated in panic", "ช่วยด้วยยยยยยย มันตบบบบเมียอยู่", "ASSAULT"),
    ("no vowels right, no tones", "ชวยดวย ผัวตีดิชัน", "ASSAULT"),
    ("a question that is a cry", "แฟนซ้อมหนูเมื่อคืน ต้องทำยังไงคะ กลัวเขากลับมา", "ASSAULT"),
    ("a threat with a weapon", "มันบอกว่าจะเอาปืนมายิงผมคืนนี้", "ASSAULT"),
    ("laughing because nobody believes", "555 ไม่ตลกนะ มันต่อยหน้าผมเลือดออกแล้ว ช่วยด้วย", "ASSAULT"),
    ("a denial that hides a cry", "ไม่ได้ล้อเล่นนะ เขาบีบคอแม่อยู่ตอนนี้", "ASSAULT"),
    ("locked in from outside", "เขาล็อกห้องจากข้างนอก หนูออกไปไม่ได้", "CONFINEMENT"),
    ("passports taken", "นายจ้างยึดพาสปอร์ต ไม่ให้พวกเราออกจากโรงงาน", "CONFINEMENT"),
    ("taken across the border", "โดนหลอกมาทำงาน ตอนนี้อยู่ในตึก มีคนเฝ้า ออกไม่ได้", "CONFINEMENT"),
    ("a child's words for abuse", "ลุงชอบจับจิ๋มหนูตอนแม่ไม่อยู่", "SEXUAL"),
    ("extortion with pictures", "เขาขู่จะปล่อยคลิปโป๊ถ้าหนูไม่ไปนอนด้วย", "SEXUAL"),
    ("out of control with a knife", "คนคลั่งยาถือมีดวิ่งไล่คนในตลาด", "DISTURBED"),
    ("psychosis without medicine", "พี่ชายเป็นจิตเภท ขาดยา อาละวาดพังบ้านอยู่", "DISTURBED"),
    ("a brawl", "วัยรุ่นยกพวกตีกันหน้าปั๊ม ประมาณสามสิบคน", "GATHERING"),
    ("a planned brawl", "มันนัดตีกันพรุ่งนี้หลังเลิกเรียน สองสถาบัน", "GATHERING"),
    ("Isan", "ซ่อยแหน่ ผัวข้อยตบข้อยปากแตก", "ASSAULT"),
    ("Northern", "จ้วยโตยเจ้า เปิ้นขังข้าเจ้าไว้บ่หื้อออก", "CONFINEMENT"),
    ("Southern", "ช่วยโด้ย มันถือพร้าไล่ฟันคนในสวนยาง", None),
    ("English", "please help, my husband is beating me", "ASSAULT"),
    ("Burmese", "ကူညီပါ သူ ကျွန်မကို ရိုက်နေတယ်", "ASSAULT"),
    ("Lao", "ຊ່ວຍແດ່ ຜົວຕີຂ້ອຍ", "ASSAULT"),
    ("Khmer", "ជួយផង ប្តីវាយខ្ញុំ", "ASSAULT"),
    ("Chinese", "救命 他拿刀要杀我", None),
    ("invisible characters between letters", "ช่วย\u200bด้วย เขา\u202eกำลังตี\u2066แม่", "ASSAULT"),
]

CALLS_WITHOUT_A_KIND = [
    ("a bare cry", "ช่วยด้วย"),
    ("a bare cry in English", "HELP!!!"),
    ("an emoji", "🆘"),
    ("cannot talk", "พูดไม่ได้ ช่วยด้วย เขาอยู่ข้างๆ"),
    ("pizza ordered from an emergency line", "ขอสั่งพิซซ่า"),
    ("pizza with an address", "สั่งพิซซ่าหน้าทะเลค่ะ ส่งบ้านเลขที่ 12 ด่วนเลย"),
    ("pizza in English", "I'd like to order a pizza please, my usual address"),
    ("angel shot", "ขอแองเจิลช็อตค่ะ"),
]

HARMLESS = [
    ("greeting", "สวัสดีค่ะ", "GREETING"),
    ("thanks afterwards", "ขอบคุณเจ้าหน้าที่มากค่ะ ตอนนี้ปลอดภัยแล้ว", "THANKS"),
    ("question about the service", "แจ้งแล้วใครจะเห็นข้อมูลของเราบ้างคะ", "QUESTION"),
    ("question in general", "ถ้าเจอคนถูกทำร้ายต้องแจ้งที่ไหนคะ ถามไว้ก่อน ตอนนี้ไม่มีอะไร", "QUESTION"),
    ("negation", "ไม่มีใครทำร้ายค่ะ แค่ถามเฉยๆ", None),
    ("news forwarded", "แชร์ข่าว หนุ่มคลั่งไล่แทงคนกลางตลาด อ่านต่อในลิงก์", "NEWS"),
    ("long ago", "เมื่อสิบห้าปีก่อนเคยโดนผัวเก่าตี ตอนนี้เลิกแล้ว สบายดีค่ะ", None),
    ("lyrics", "เนื้อเพลง เธอฆ่าฉันทั้งเป็น ปล่อยฉันไปเถอะคนใจร้าย", "FICTION"),
    ("film", "ดูหนังเมื่อคืน ตัวร้ายขังนางเอกในห้องใต้ดิน ลุ้นมาก", "FICTION"),
    ("game", "เกมนี้โดนบอสฆ่าตายตลอด ผ่านยังไง", "FICTION"),
    ("dream", "ฝันว่าโดนจับไปขัง ช่วยทำนายฝันหน่อยค่ะ", "FICTION"),
    ("joke", "โดนเมียตีด้วยหมอน 5555 ล้อเล่นกันเฉยๆ", None),
    ("football", "แมนยูโดนลิเวอร์พูลถล่มเละ 5-0", None),
    ("pressed by mistake", "กดผิดค่ะ ขอโทษนะคะ", "MISTAKE"),
    ("test", "ทดสอบระบบ 123", "TEST"),
    ("spam", "สล็อตเว็บตรง ฝากถอนไม่มีขั้นต่ำ สมัครฟรี", "SPAM"),
    ("welfare", "เงินผู้สูงอายุเข้าวันไหนคะ", "QUESTION"),
    ("two o'clock is no beating", "ประชุมตีสองครึ่งตามเวลาไทยนะครับ", None),
    ("dots", "...", "NOISE"),
    ("laughing", "5555555", "NOISE"),
    ("pizza shop's hours", "ร้านพิซซ่าเปิดกี่โมงคะ", "QUESTION"),
    ("flood water standing", "น้ำขังหน้าบ้านยุงเยอะมากค่ะ", None),
]

HAND_OVERS = [
    ("fire", "ไฟไหม้บ้านข้างๆ ครับ รีบมาด่วน", "199"),
    ("gas", "แก๊สรั่วในห้องเช่า เหม็นมาก", "199"),
    ("flood", "น้ำท่วมสูงมาก ติดอยู่บนหลังคากับยาย", "199"),
    ("heart", "พ่อแน่นหน้าอก หมดสติไปแล้ว", "1669"),
    ("crash", "รถชนกันหน้าโรงเรียน มีคนเจ็บหนัก", "1669"),
    ("about to die", "ผมกำลังจะกระโดดตึก ลาก่อนครับ", "1323"),
    ("burglar inside", "ขโมยเข้าบ้านค่ะ ตอนนี้อยู่ชั้นล่าง", "191"),
]


@pytest.mark.parametrize(
    ("text", "kind"), [case[1:] for case in EMERGENCIES], ids=[case[0] for case in EMERGENCIES]
)
def test_emergency_is_recognised_with_its_kind(text: str, kind: str | None) -> None:
    reading = read(text)
    assert reading.emergency, reading
    if kind:
        assert reading.kind == kind, reading


@pytest.mark.parametrize(
    "text", [case[1] for case in CALLS_WITHOUT_A_KIND], ids=[case[0] for case in CALLS_WITHOUT_A_KIND]
)
def test_call_without_a_kind_is_a_call(text: str) -> None:
    reading = read(text)
    assert reading.emergency, reading
    assert reading.kind is None, reading
    assert reading.urgency == "now"


@pytest.mark.parametrize(
    ("text", "what"), [case[1:] for case in HARMLESS], ids=[case[0] for case in HARMLESS]
)
def test_harmless_text_is_no_emergency(text: str, what: str | None) -> None:
    reading = read(text)
    assert not reading.emergency, reading
    if what:
        assert reading.non_emergency == what, reading


@pytest.mark.parametrize(
    ("text", "number"), [case[1:] for case in HAND_OVERS], ids=[case[0] for case in HAND_OVERS]
)
def test_urgent_but_none_of_the_five_kinds_is_handed_over(text: str, number: str) -> None:
    reading = read(text)
    assert (reading.emergency, reading.kind, reading.handover) == (True, "OTHER", number), reading


@pytest.mark.parametrize("text", ["ไม่อยากมีชีวิตอยู่แล้ว เหนื่อย", "อยากตาย ไม่มีใครเข้าใจ", "I want to die"])
def test_suicidal_thoughts_are_never_met_by_silence(text: str) -> None:
    assert read(text).handover == "1323"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("เขาถือมีดไล่แทงแม่", {"weapon"}),
        ("พ่อตีน้อง 4 ขวบ เลือดออกหัว", {"child", "injury"}),
        ("เขาทำร้ายฉัน อย่าโทรกลับนะ เขาอยู่ข้างๆ", {"discreet"}),
        ("มันราดน้ำมันจุดไฟเผาบ้าน ไฟไหม้แล้ว มันจะฆ่าเรา", {"weapon", "fire"}),
    ],
)
def test_dangers_are_named(text: str, flags: set[str]) -> None:
    reading = read(text)
    assert {
        name for name in ("weapon", "child", "injury", "fire", "discreet") if getattr(reading, name)
    } >= flags


@pytest.mark.parametrize("text", ["ปลอดภัยแล้วค่ะ", "I'm safe now", "ລອດແລ້ວ ປອດໄພແລ້ວ"])
def test_says_that_they_are_safe(text: str) -> None:
    assert read(text).safe


def test_reasons_name_what_was_seen() -> None:
    reasons = read("ช่วยด้วย เขาเอามีดจี้คอ").reasons
    assert any(reason.startswith("weapon: มีด") for reason in reasons)
    assert any(reason.startswith("help: ") for reason in reasons)
