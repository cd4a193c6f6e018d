"""Pictures: checked by what they are, shown without their secrets, never a reason to lose a report."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from esshelpme.incidents.models import Incident, Message
from esshelpme.privacy.content import reveal_file, reveal_mapping
from esshelpme.privacy.models import Content
from esshelpme.web.photos import NotKept, read_photo
from esshelpme.web.tests.conftest import Page, Person

ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture(autouse=True)
def _own_media_folder(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.privacy.content.media_folder", lambda: tmp_path)


def picture(
    size: tuple[int, int] = (40, 20), form: str = "JPEG", *, exif: bool = False, colour: str = "red"
) -> bytes:
    image = Image.new("RGB", size, colour)
    out = io.BytesIO()
    if exif:
        data = Image.Exif()
        data[ORIENTATION] = 6  # turned by 90°
        data.get_ifd(GPS)[1] = "N"
        image.save(out, form, exif=data)
    else:
        image.save(out, form)
    return out.getvalue()


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_common_pictures_are_drawn_anew(form: str) -> None:
    photo = read_photo(picture(form=form))
    with Image.open(io.BytesIO(photo.shown)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (40, 20))


def test_place_and_camera_are_gone_and_the_picture_stands_upright() -> None:
    photo = read_photo(picture(exif=True))
    with Image.open(io.BytesIO(photo.shown)) as shown:
        assert shown.size == (20, 40)
        assert not shown.getexif()
    with Image.open(io.BytesIO(photo.original)) as original:
        assert original.getexif().get_ifd(GPS)


def test_large_pictures_are_shown_smaller() -> None:
    photo = read_photo(picture((3000, 1500)))
    assert (photo.width, photo.height) == (2048, 1024)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        SVG,
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        picture()[:200],
        b"GIF89a",
        b"%PDF-1.7",
        b"PK\x03\x04" * 50,
    ],
)
def test_what_is_no_picture_is_named(data: bytes) -> None:
    with pytest.raises(NotKept) as refused:
        read_photo(data)
    assert refused.value.code == "not_image"


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.web.limits.PHOTO_PIXELS", 10_000)
    with pytest.raises(NotKept) as refused:
        read_photo(picture((200, 200), "PNG"))
    assert refused.value.code == "too_big"


def test_a_report_with_pictures(person: Person) -> None:
    form = {
        **person.form(),
        "kind": "GATHERING",
        "photo": [upload(picture(exif=True)), upload(picture(form="PNG"))],
    }
    assert person.post("/r", form).status_code == 303
    first = Message.objects.filter(type="IMAGE").order_by("pk").first()
    assert first is not None
    assert first.media is not None
    shown = reveal_file(first.media)
    assert shown is not None
    with Image.open(io.BytesIO(shown)) as image:
        assert not image.getexif()
    about = reveal_mapping(first.media)
    assert about is not None
    assert about["type"] == "image/jpeg"
    original = reveal_file(Content.objects.get(pk=about["original_content"]))
    assert original == picture(exif=True)
    assert Message.objects.filter(type="IMAGE").count() == 2


def test_a_bad_picture_never_stops_a_report(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.web.limits.PHOTO_BYTES", 5000)
    form = {**person.form(), "kind": "GATHERING", "photo": [upload(b"x" * 6000), upload(SVG), upload(b"")]}
    response = person.post("/r", form)
    assert response.status_code == 303
    assert Incident.objects.count() == 1
    text = person.page(response["Location"]).text
    assert "ไม่ใช่รูป" in text
    assert "ใหญ่เกิน" in text
    assert not Message.objects.filter(type="IMAGE").exists()


def test_a_picture_on_the_status_page(person: Person) -> None:
    address = person.report(kind="GATHERING")
    form = {"a": "photo", "once": "tap", "photo": upload(picture())}
    for _ in range(2):
        form["photo"] = upload(picture())
        assert person.post(address, form).status_code == 303
    assert Message.objects.filter(type="IMAGE").count() == 1
    assert "รูปภาพ" in person.page(address).text
    bad = person.post(address, {"a": "photo", "photo": upload(b"no picture")})
    assert "ไม่ใช่รูป" in Page(person.get(bad["Location"]).content.decode()).text


def test_words_and_a_picture_in_one_go_without_javascript(person: Person) -> None:
    address = person.report(kind="GATHERING")
    form = person.form(address + "/write")
    assert 'http-equiv="refresh"' not in person.get(address + "/write").content.decode()
    response = person.post(address, {**form, "text": "เห็นแบบนี้", "photo": upload(picture())})
    assert response.status_code == 303
    assert sorted(Message.objects.filter(direction="IN").values_list("type", flat=True)) == ["IMAGE", "TEXT"]
