/** Chat bubbles: one element for one message. */

import { h, icon } from "./dom.js";
import { renderFlex } from "./flex.js";
import { thumbnail } from "./map.js";
import { clock, t } from "./words.js";

const STICKERS = 6;

/** What a notification shows of a message: LINE shows a Flex message's altText and nothing else of it. */
export function notificationText(body) {
  switch (body.type) {
    case "text":
    case "textV2":
      return body.text;
    case "flex":
    case "template":
    case "imagemap":
      return body.altText;
    case "image":
      return t("sent_photo");
    case "video":
      return t("sent_video");
    case "audio":
      return t("sent_voice");
    case "file":
      return t("sent_file");
    case "sticker":
      return t("sent_sticker");
    case "location":
      return t("sent_location");
    default:
      return body.type;
  }
}

/** The element of a message. `act(action)`: a button in it was tapped; `menu(message, element)`: held down. */
export function renderMessage(message, account, act, menu) {
  const mine = message.by !== "bot";
  const row = h("div", {
    class: `row ${mine ? "mine" : "theirs"}`,
    testid: "bubble",
    data: { messageId: message.id, by: message.by, type: message.body.type, removed: String(message.removed) },
  });
  if (message.removed) {
    row.className = "row notice";
    row.append(h("span", { class: "notice-text", text: t("unsent_by_me") }));
    return row;
  }
  const content = renderBody(message, act);
  const stamp = h("div", { class: "stamp" });
  if (message.silent && !mine) stamp.append(h("span", { class: "silent", title: t("silent") }, icon("mute", t("silent"))));
  stamp.append(h("span", { text: clock(message.at_ms) }));
  if (mine) {
    const opener = h("button", {
      type: "button",
      class: "bubble-menu",
      "aria-label": t("message_menu"),
      testid: "bubble-menu",
      on: { click: () => menu(message, row) },
    }, icon("down"));
    row.append(h("div", { class: "side" }, opener, stamp), content);
    holdDown(content, () => menu(message, row));
  } else {
    row.append(h("div", { class: "avatar", "aria-hidden": "true" }, icon("shield")));
    const column = h("div", { class: "column" });
    column.append(h("div", { class: "sender", text: message.body.sender?.name ?? account.name }));
    column.append(h("div", { class: "line" }, content, stamp));
    row.append(column);
  }
  return row;
}

function holdDown(element, held) {
  let timer;
  element.addEventListener("pointerdown", () => {
    timer = setTimeout(held, 550);
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) element.addEventListener(name, () => clearTimeout(timer));
  element.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    held();
  });
}

function renderBody(message, act) {
  const { body } = message;
  switch (body.type) {
    case "text":
    case "textV2":
      return h("div", { class: "bubble", dir: "auto" }, linked(body.text, act));
    case "flex":
      return renderFlex(body.contents, act);
    case "template":
      return renderTemplate(body.template, act);
    case "image":
      return h("div", { class: "picture" }, h("img", { src: pictureOf(message), alt: t("photo"), loading: "lazy" }));
    case "video":
      return h("video", { class: "clip", src: pictureOf(message), controls: true });
    case "audio":
      return renderVoice(message);
    case "sticker":
      return h("img", { class: "sticker", src: stickerOf(body), alt: t("sticker") });
    case "location":
      return renderLocation(body);
    case "file":
      return h("div", { class: "bubble" }, icon("file"), ` ${body.fileName}`);
    default:
      return h("div", { class: "bubble", text: body.type });
  }
}

function renderVoice(message) {
  const sound = new Audio(pictureOf(message));
  sound.preload = "none";
  const seconds = Math.max(1, Math.round((message.body.duration ?? 1000) / 1000));
  const button = h("button", { type: "button", class: "voice-play", testid: "voice-play", "aria-label": t("play_voice"), on: { click: () => (sound.paused ? sound.play().catch(() => {}) : sound.pause()) } }, icon("play"));
  const swap = () => button.replaceChildren(icon(sound.paused ? "play" : "stop"));
  for (const name of ["play", "pause", "ended"]) sound.addEventListener(name, swap);
  const bars = [8, 14, 20, 12, 17, 9, 15, 22, 13, 7].map((height) => {
    const bar = h("i");
    bar.style.height = `${height}px`;
    return bar;
  });
  return h("div", { class: "bubble voice" }, button, h("span", { class: "voice-wave", "aria-hidden": "true" }, bars), h("span", { text: `0:${String(seconds).padStart(2, "0")}` }));
}

function pictureOf(message) {
  return message.by === "bot" ? (message.body.previewImageUrl ?? message.body.originalContentUrl) : `/sim/api/content/${message.id}`;
}

/** The picture of one of the desk's own stickers; others are shown by the first. */
export function stickerOf(body) {
  const number = Number(body.stickerId);
  return `/sim/assets/stickers/${number >= 1 && number <= STICKERS ? number : 1}.svg`;
}

/** Numbers of the stickers to choose from. */
export const stickerNumbers = Array.from({ length: STICKERS }, (_, index) => index + 1);

function renderLocation(body) {
  const map = h("canvas", { width: "440", height: "260", class: "map-thumb", "aria-hidden": "true" });
  thumbnail(map, body.longitude, body.latitude);
  return h(
    "div",
    { class: "place", testid: "location-bubble" },
    map,
    h("div", { class: "place-words" }, h("strong", { text: body.title ?? t("location_name") }), h("span", { text: body.address ?? "" })),
  );
}

function renderTemplate(template, act) {
  const columns = template.columns ?? [template];
  const cards = columns.map((column) => {
    const actions = column.actions ?? (column.action ? [column.action] : []);
    return h(
      "div",
      { class: "flex-bubble template" },
      column.thumbnailImageUrl && h("img", { src: column.thumbnailImageUrl, alt: "" }),
      h("div", { class: "template-words" }, column.title && h("strong", { text: column.title }), h("p", { text: column.text ?? "" })),
      actions.map((action) =>
        h("button", {
          type: "button",
          class: "flex-button is-link is-sm",
          testid: "flex-button",
          data: { data: action.data ?? "", action: action.type },
          text: action.label,
          on: { click: () => act(action) },
        }),
      ),
    );
  });
  return cards.length === 1 ? cards[0] : h("div", { class: "flex-carousel" }, cards);
}

/** A text with its links as buttons, as LINE underlines them. */
function linked(text, act) {
  return text.split(/(https?:\/\/[^\s]+)/g).map((part) =>
    /^https?:\/\//.test(part)
      ? h("button", { type: "button", class: "text-link", text: part, on: { click: () => act({ type: "uri", uri: part }) } })
      : part,
  );
}
