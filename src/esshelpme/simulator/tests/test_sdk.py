"""LINE's own SDK talks to the simulator as it would to LINE: both understand each other."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from linebot.v3 import WebhookParser
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    BroadcastRequest,
    Configuration,
    FlexContainer,
    FlexMessage,
    LocationAction,
    LocationMessage,
    MessageAction,
    MessagingApi,
    MessagingApiBlob,
    MulticastRequest,
    PostbackAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    RichMenuArea,
    RichMenuBounds,
    RichMenuRequest,
    RichMenuSize,
    SetWebhookEndpointRequest,
    ShowLoadingAnimationRequest,
    StickerMessage,
    TextMessage,
    ValidateMessageRequest,
)
from linebot.v3.webhooks import (
    FollowEvent,
    LocationMessageContent,
    MessageEvent,
    PostbackEvent,
    StickerMessageContent,
    TextMessageContent,
    UnfollowEvent,
    UnsendEvent,
)
from PIL import Image

from esshelpme.simulator import client
from esshelpme.simulator.client import FakeLine, new_reply_token, new_user_id

BUBBLE = {
    "type": "bubble",
    "size": "kilo",
    "header": {
        "type": "box",
        "layout": "vertical",
        "contents": [{"type": "text", "text": "งาน", "weight": "bold"}],
    },
    "body": {
        "type": "box",
        "layout": "vertical",
        "spacing": "md",
        "contents": [{"type": "text", "text": "2 กม.", "wrap": True}, {"type": "separator"}],
    },
    "footer": {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {
                "type": "button",
                "style": "primary",
                "action": {"type": "postback", "label": "รับ", "data": "a=accept&o=1"},
            }
        ],
    },
}


@pytest.fixture
def api(line: FakeLine) -> Iterator[ApiClient]:
    with ApiClient(Configuration(host=line.url, access_token=line.access_token)) as opened:
        yield opened


def test_every_message_the_sdk_builds_for_us_is_taken(api: ApiClient, line: FakeLine) -> None:
    user = new_user_id()
    replies = QuickReply(
        items=[
            QuickReplyItem(action=PostbackAction(label="แจ้ง", data="a=report")),
            QuickReplyItem(action=LocationAction(label="ส่งตำแหน่ง")),
            QuickReplyItem(action=MessageAction(label="ข้อความ", text="สวัสดี")),
        ]
    )
    messages = [
        TextMessage(text="สวัสดี"),
        StickerMessage(packageId="446", stickerId="1988"),
        LocationMessage(title="ที่นัด", address="ถนน", latitude=13.7, longitude=100.5),
        FlexMessage(altText="งานใหม่", contents=FlexContainer.from_dict(BUBBLE)),
        TextMessage(text="จบ", quickReply=replies),
    ]
    MessagingApi(api).validate_push(ValidateMessageRequest(messages=messages))
    sent = MessagingApi(api).push_message(PushMessageRequest(to=user, messages=messages))
    shown = line.messages_to(user)
    assert [message.id for message in sent.sent_messages] == [message.id for message in shown]
    assert [message.body["type"] for message in shown] == ["text", "sticker", "location", "flex", "text"]
    assert line.act("find_action", user, data="a=accept&o=1")["label"] == "รับ"


def test_reply_multicast_broadcast_and_the_rest(api: ApiClient, line: FakeLine) -> None:
    user, messaging, hello = new_user_id(), MessagingApi(api), [TextMessage(text="x")]
    token = new_reply_token(user, secret=line.channel_secret)
    messaging.reply_message(ReplyMessageRequest(replyToken=token, messages=hello))
    messaging.multicast(MulticastRequest(to=[user], messages=hello), x_line_retry_key=str(uuid.uuid4()))
    messaging.broadcast(BroadcastRequest(messages=hello))
    assert [message.via for message in line.messages_to(user)] == ["reply", "multicast", "broadcast"]
    assert messaging.get_profile(user).user_id == user
    assert messaging.get_bot_info().chat_mode == "bot"
    assert messaging.get_message_quota().type == "none"
    assert messaging.get_message_quota_consumption().total_usage == 2
    messaging.show_loading_animation(ShowLoadingAnimationRequest(chatId=user, loadingSeconds=5))
    assert messaging.issue_link_token(user).link_token


def test_errors_reach_the_sdk_as_line_s_do(api: ApiClient) -> None:
    with pytest.raises(ApiException) as caught:
        MessagingApi(api).push_message(
            PushMessageRequest(to=new_user_id(), messages=[TextMessage(text="x" * 5001)])
        )
    assert caught.value.status == 400
    assert json.loads(caught.value.body)["details"][0]["property"] == "messages[0].text"
    assert caught.value.headers["x-line-request-id"]


def test_a_rich_menu_from_its_making_to_its_end(api: ApiClient, line: FakeLine) -> None:
    messaging, blob = MessagingApi(api), MessagingApiBlob(api)
    area = RichMenuArea(
        bounds=RichMenuBounds(x=0, y=0, width=1200, height=405),
        action=PostbackAction(label="แจ้งเหตุ", data="a=report"),
    )
    wish = RichMenuRequest(
        size=RichMenuSize(width=1200, height=810), selected=True, name="main", chatBarText="เมนู", areas=[area]
    )
    messaging.validate_rich_menu_object(wish)
    menu = messaging.create_rich_menu(wish).rich_menu_id
    with pytest.raises(ApiException, match="must upload richmenu image"):
        messaging.set_default_rich_menu(menu)
    with pytest.raises(ApiException, match="size does not match"):
        blob.set_rich_menu_image(menu, body=_png(1200, 800), _headers={"Content-Type": "image/png"})
    blob.set_rich_menu_image(menu, body=_png(1200, 810), _headers={"Content-Type": "image/png"})
    messaging.set_default_rich_menu(menu)
    assert messaging.get_default_rich_menu_id().rich_menu_id == menu
    assert bytes(blob.get_rich_menu_image(menu)) == _png(1200, 810)
    person = line.add_person(name="ก")
    assert line.act("find_action", person.id, data="a=report")["label"] == "แจ้งเหตุ"
    messaging.link_rich_menu_id_to_user(person.id, menu)
    assert messaging.get_rich_menu_id_of_user(person.id).rich_menu_id == menu
    messaging.unlink_rich_menu_id_from_user(person.id)
    messaging.cancel_default_rich_menu()
    assert [found.rich_menu_id for found in messaging.get_rich_menu_list().richmenus] == [menu]
    messaging.delete_rich_menu(menu)
    assert messaging.get_rich_menu_list().richmenus == []


def test_media_can_be_fetched_until_they_are_unsent(api: ApiClient, line: FakeLine) -> None:
    user, blob = line.add_person(name="ก").id, MessagingApiBlob(api)
    photo = line.act("medium", user, "image", b"bytes of a photo", "image/jpeg")
    assert bytes(blob.get_message_content(photo.id)) == b"bytes of a photo"
    assert bytes(blob.get_message_content_preview(photo.id)) == b"bytes of a photo"
    assert blob.get_message_content_transcoding_by_message_id(photo.id).status == "succeeded"
    line.act("unsend", user, photo.id)
    with pytest.raises(ApiException) as caught:
        blob.get_message_content(photo.id)
    assert caught.value.status == 410


def test_the_webhook_address_can_be_set_and_tested(api: ApiClient, listener: Any) -> None:
    messaging = MessagingApi(api)
    with pytest.raises(ApiException, match="Invalid webhook endpoint"):
        messaging.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint="ftp://example.org/x"))
    messaging.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint=listener.url))
    assert messaging.test_webhook_endpoint({"endpoint": listener.url}).success is True
    assert listener.requests[0]["events"] == []
    assert listener.good_signatures == [True]


def test_the_sdk_parses_every_event_we_write() -> None:
    user, secret = new_user_id(), "simulator-secret"
    events = [
        client.text_event(user, "ช่วย"),
        client.location_event(user, 13.7, 100.5, title="บ้าน", address="ถนน"),
        client.sticker_event(user),
        client.media_event(user, "image"),
        client.media_event(user, "audio", duration_ms=3000),
        client.postback_event(user, "a=report"),
        client.follow_event(user),
        client.unfollow_event(user),
        client.unsend_event(user, "414744560019701760"),
    ]
    body, headers = client.signed_webhook(events)
    parsed = WebhookParser(secret).parse(body.decode(), headers["x-line-signature"])
    kinds = [MessageEvent] * 5 + [PostbackEvent, FollowEvent, UnfollowEvent, UnsendEvent]
    assert [type(event) for event in parsed] == kinds
    contents = [TextMessageContent, LocationMessageContent, StickerMessageContent]
    assert [type(event.message) for event in parsed[:3]] == contents
    assert len({event.webhook_event_id for event in parsed}) == len(events)


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()
