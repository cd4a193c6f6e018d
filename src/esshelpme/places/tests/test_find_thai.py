"""Thai messages as people in danger type them: which place, and how sure."""

from __future__ import annotations

import pytest

from esshelpme.places import find_places

# (what is written, code or key of the likeliest place)
PLAIN = [
    # level words in full, shortened, run together, with and without dots and blanks
    ("จังหวัดเชียงใหม่", "50"),
    ("จ.เชียงใหม่", "50"),
    ("จ. เชียงใหม่", "50"),
    ("จว.ตาก", "63"),
    ("อยู่ ต.สุเทพ อ.เมือง จ.เชียงใหม่ ช่วยด้วย", "500108"),
    ("ตำบลสุเทพ อำเภอเมืองเชียงใหม่", "500108"),
    ("ต.สุเทพอ.เมืองจ.เชียงใหม่", "500108"),
    ("ต สุเทพ อ เมือง จ เชียงใหม่", "500108"),
    ("ตำบลสุเทพอำเภอเมืองจังหวัดเชียงใหม่ช่วยด้วยค่ะ", "500108"),
    ("บ้านเลขที่ 12/3 หมู่ 4 ต.บางพูด อ.ปากเกร็ด จ.นนทบุรี 11120", "120604"),
    ("99/12 ม.5 ต.บางพูด อ.ปากเกร็ด นนทบุรี", "120604"),
    ("แขวงหัวหมาก เขตบางกะปิ กทม", "100608"),
    ("เขตบางกะปิ แขวงหัวหมาก", "100608"),
    ("แขวงคลองตันเหนือ เขตวัฒนา กรุงเทพฯ", "103902"),
    ("อ.หาดใหญ่", "9011"),
    ("อำเภอหาดใหญ่จังหวัดสงขลา", "9011"),
    ("อ.เมือง จ.ขอนแก่น", "4001"),
    ("อำเภอเมือง ขอนแก่น", "4001"),
    ("อ.เมืองขอนแก่น", "4001"),
    ("เมืองขอนแก่น", "4001"),
    ("ต.ในเมือง อ.เมือง จ.ขอนแก่น", "400101"),
    ("ในเมืองขอนแก่น", "400101"),
    ("ในเมือง ขอนแก่น", "400101"),
    ("ต.บ้านใหม่ อ.ปากเกร็ด", "120603"),
    ("ตำบลทับเที่ยงตรัง", "920101"),
    ("อบต.บ้านกลาง ปทุมธานี", "130103"),
    ("เทศบาลเมืองหัวหิน", "7707"),
    ("อ.ลอง จ.แพร่", "5403"),
    ("อ.สอง แพร่", "5406"),
    ("อ.พาน", "5705"),
    ("อำเภอเลิงนกทา ยโสธร", "3508"),
    ("กิ่งอำเภอ เกาะช้าง", "2307"),
    ("๑๒ หมู่ ๓ ต.สุเทพ อ.เมือง เชียงใหม่", "500108"),
    # without level words
    ("หาดใหญ่", "9011"),
    ("แม่สายเชียงราย", "5709"),
    ("จังหวัดตาก แม่สอด", "6306"),
    ("สมุทรปราการ บางพลี", "1103"),
    ("อยู่แถวลาดพร้าวค่ะ", "1038"),
    ("อยู่แถวบางแค", "1040"),
    ("โดนขังอยู่ในห้องที่มีนบุรี", "1010"),
    ("ช่วยด้วยอยู่ดอนเมือง", "1036"),
    ("ตอนนี้อยู่หอพักหลัง มข. ขอนแก่น", "40"),
    ("แฟนตีหนูอยู่อุดรธานี", "41"),
    ("ฝากช่วยน้องที่ศูนย์เด็กที่อุดรธานี", "41"),
    ("พ่อเมาอาละวาดที่บ้าน อยู่สุรินทร์", "32"),
    ("เกิดเหตุหน้าตลาดศรีราชา", "2007"),
    ("อยู่แพร่", "54"),
    ("จ.เลย", "42"),
    ("ปาย แม่ฮ่องสอน", "5803"),
    ("รพ.มหาราชนครเชียงใหม่", "50"),
    ("สภ.เมืองขอนแก่น", "4001"),
    ("เชียงใหม่ ต.ช้างคลาน", "500105"),
    ("เฉลิมพระเกียรติ โคราช", "3032"),
    ("ตำรวจช่วยด้วย มีคนถือมีดไล่ฟันกัน หน้าเซเว่น ต.ท่าโพธิ์ พิษณุโลก", "650106"),
    # other names
    ("กทม", "10"),
    ("กทม.", "10"),
    ("กรุงเทพ", "10"),
    ("กรุงเทพฯ", "10"),
    ("โคราช", "30"),
    ("อยุธยา", "14"),
    ("แปดริ้ว", "24"),
    ("เมืองคอน", "80"),
    ("อยู่อุบล", "34"),
    ("อยู่อุดร", "41"),
    ("สุราษฎร์", "84"),
    ("ประจวบ", "77"),
    ("โกลก", "9610"),
    ("สุไหงโกลก", "9610"),
    ("มหาชัย", "7401"),
    ("แม่กลอง", "75"),
    ("พัทยา", "area:pattaya"),
    ("อยู่พัทยาใต้", "area:pattaya"),
    ("ย่านรังสิต", "area:rangsit"),
    ("หาดป่าตอง", "area:patong"),
    ("เกาะเต่า", "area:tao"),
    ("เกาะสมุย", "8404"),
    ("เกาะพงัน", "8405"),
    ("อยู่เกาะหลีเป๊ะ", "area:lipe"),
    ("ด่านนอก", "area:danok"),
    ("อนุสาวรีย์ชัย", "area:victory"),
    ("ซอยลาดพร้าว 71", "1038"),
    # misspelt: tone marks, vowels, letters of one sound, a letter too few
    ("เชียงไหม่", "50"),
    ("เชียงใหม", "50"),
    ("เชยงใหม่", "50"),
    ("จ.ศรีสะเกส", "33"),
    ("ศีสะเกษ", "33"),
    ("นครสีธรรมราช", "80"),
    ("นครศรีธรรมราด", "80"),
    ("อยู่หาดใหย่ค่ะ", "9011"),
    ("หาดไหญ่", "9011"),
    ("ปากเกล็ด นนทบุรี", "1206"),
    ("กรุงเทบ", "10"),
    ("พิดสะนุโลก", "65"),
    ("อยุทยา", "14"),
    ("ฉะเชิงเซา", "24"),
    ("สุพันบุรี", "72"),
    ("กานจนบุรี", "71"),
    ("อุบนราชธานี", "34"),
    ("จ.อุดรทานี", "41"),
    ("เพชรบูรณ", "67"),
    ("ระยองง", "21"),
    ("อำเพอหาดใหญ่", "9011"),
    ("อ.อรัญประเทด", "2706"),
    ("ต.สุเทบ เชียงใหม่", "500108"),
    ("บุรีรัม", "31"),
    ("แม่ซอด", "6306"),
    ("ภูเก็จ", "83"),
    ("ร้อยเอ็จ", "45"),
    # typed with invisible marks and split vowels
    ("เเม่สอด", "6306"),
    ("อ\u200bำ\u200bเ\u200bภ\u200bอ\u200bห\u200bา\u200bด\u200bใหญ่", "9011"),
    ("ลําปาง", "52"),
    # abroad
    ("ถูกขังอยู่เมียวดี", "abroad:MM:Myawaddy"),
    ("โดนหลอกมาปอยเปต", "abroad:KH:Poipet"),
    ("อยู่ชเวโก๊กโก่ ช่วยด้วย", "abroad:MM:Shwe Kokko"),
    ("ตอนนี้อยู่ที่คิงส์โรมัน", "abroad:LA:Kings Romans (Golden Triangle SEZ)"),
    ("อยู่ฝั่งพม่าค่ะ", "abroad:MM:Myanmar"),
    ("ထိုင်း မဲဆောက်", "6306"),
]


@pytest.mark.parametrize(("text", "key"), PLAIN, ids=[text[:40] for text, _ in PLAIN])
def test_the_likeliest_place(text: str, key: str) -> None:
    best = find_places(text).best
    assert best is not None, "no place found"
    assert best.key == key, f"{best.name_th} {best.reasons}"
    assert best.reasons or best.score >= 0.3


# (what is written): nothing here is a place, though place names are inside
NONE = [
    "",
    "   ",
    "ช่วยด้วย",
    "สวัสดีค่ะ",
    "หิวข้าวมาก ไม่ได้กินอะไรมาสองวันแล้ว",
    "สามีตีฉันที่บ้านช่วยด้วย",
    "ไม่ไหวแล้วเลย อยากหนีไปให้ไกล",
    "บางทีก็กลัว บางทีก็เฉย",
    "บางที่ก็มืดมาก",
    "นานมากแล้ว",
    "หน้าเซเว่นปากซอย",
    "ปากแตก เลือดออก",
    "แม่ไม่อยู่ พ่อไปทำงาน",
    "ในเมืองไม่มีใครช่วย",
    "ตากผ้าอยู่หลังบ้าน",
    "เผยแพร่คลิปหนูในกลุ่ม",
    "ขู่ว่าจะแพร่ภาพ",
    "ลองโทรแล้วไม่ติด",
    "สองคนนั้นตีกัน",
    "สังคมสมัยนี้แย่มาก",
    "หนูชื่อสุเทพ",
    "นายสุเทพ เอามีดไล่ฟัน",
    "พี่วัฒนาทำร้ายแม่",
    "ลุงอุทัยเมาเหล้า",
    "คนเชียงใหม่ใจดี",
    "อยากกินข้าวมันไก่",
    "ท่าทางน่ากลัว",
    "เขาแสวงหาผลประโยชน์",
    "ใส่เสื้อสีชมพู",
    "เพื่อนบ้านเป็นพม่า ทะเลาะกัน",
    "แรงงานกัมพูชาโดนโกงค่าแรง",
    "กลางวันนอนไม่ได้",
    "พาลูกไปหาหมอ",
    "มันพลาดตกบันได",
    "โดนตีที่กลางหลัง",
    "ขอเบอร์โทรหน่อย",
    "บ้านใหญ่มีคนอยู่เยอะ",
    "หมู่บ้านเงียบ ไม่มีใคร",
    "ชื่นชมที่ช่วยเหลือ",
    "เลยเวลามาแล้ว",
    "ห้องน้ำอยู่ข้างหลัง",
    "ยายอายุ 82 ปี",
    "แม่อายุ 82 ถูกคนดูแลตี",
    "พระจันทร์สวย",
    "ต.ค. นี้จะย้าย",
    "จ.ส.ต. สมชาย",
    "อ.สมศรี สอนอยู่ ม.3",
    "12345",
    "0812345678",
    "ราคา 12.50 บาท กับ 100.75 บาท",
]


@pytest.mark.parametrize("text", NONE, ids=[text[:30] or "empty" for text in NONE])
def test_no_place_where_there_is_none(text: str) -> None:
    reading = find_places(text)
    assert not reading.candidates, [(c.name_th, c.score, c.reasons) for c in reading.candidates]
    assert not reading


AMBIGUOUS = [
    ("อ.เฉลิมพระเกียรติ", {"1913", "3032", "3123", "5515", "8023"}),
    ("ต.ในเมือง", {"300101", "400101", "340101"}),
    ("ตำบลหนองขาม", {"200705", "361202"}),
    ("จากขอนแก่นไปกรุงเทพ", {"40", "10"}),
]


@pytest.mark.parametrize(("text", "among"), AMBIGUOUS)
def test_namesakes_are_all_returned(text: str, among: set[str]) -> None:
    reading = find_places(text)
    assert reading.ambiguous
    assert "SEVERAL_PLACES" in reading.reasons
    assert among & {c.key for c in reading.candidates}
    assert reading.province is not None, "dispatch goes on for the likeliest"
    scores = [c.score for c in reading.candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_place_known_otherwise_decides_between_namesakes() -> None:
    near_khon_kaen = (16.43, 102.83)
    reading = find_places("ต.ในเมือง", near=near_khon_kaen)
    assert reading.best is not None
    assert reading.best.code == "400101"
    assert find_places("อ.เมือง", near=near_khon_kaen).province == "40"


def test_the_seat_district_without_a_province_is_asked_for() -> None:
    reading = find_places("อยู่ อ.เมือง ค่ะ")
    assert reading.seat_district
    assert reading.ambiguous
    assert not reading.candidates, "one of 76 is no basis to send anyone"


def test_what_was_written_is_kept_for_responders() -> None:
    text = "บ้านสีเขียว  ข้างวัดป่า\nต.สุเทพ จ.เชียงใหม่"
    assert find_places(text).words == "บ้านสีเขียว ข้างวัดป่า ต.สุเทพ จ.เชียงใหม่"


def test_a_contradicting_province_lowers_the_namesake_elsewhere() -> None:
    reading = find_places("ต.ท่าข้าม อ.หาดใหญ่ จ.สงขลา")
    assert reading.best is not None
    assert reading.best.code == "901113"
    assert not reading.ambiguous


@pytest.mark.parametrize(
    ("text", "level", "accuracy_m"),
    [("จ.เชียงใหม่", "province", 40_000), ("อ.หาดใหญ่", "district", 10_000), ("เขตบางกะปิ", "district", 5_000)],
)
def test_accuracy_follows_the_level(text: str, level: str, accuracy_m: int) -> None:
    best = find_places(text).best
    assert best is not None
    assert (best.level, best.accuracy_m) == (level, accuracy_m)
