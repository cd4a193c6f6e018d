/** One phone on the desk, with the chat of one person. */

import { get, post, upload } from "./api.js";
import { notificationText, renderMessage, stickerNumbers } from "./bubbles.js";
import { h, icon, iconButton } from "./dom.js";
import { pickLocation } from "./picker.js";
import { clock, day, pick, t } from "./words.js";

const STAYS = new Set(["camera", "cameraRoll", "location", "datetimepicker"]);
const NV_LOCATION = /line\.me\/R\/nv\/location/;
const NV_CAMERA = /line\.me\/R\/nv\/camera/;

/** A phone. `desk` is the page: its state and what it does for phones. `role`: citizen or responder. */
export class Phone {
  constructor(desk, role, number) {
    this.desk = desk;
    this.role = role;
    this.number = number;
    this.person = null;
    this.messages = [];
    this.menuOpen = true;
    this.typing = false;
    this.dismissed = new Set();
    this.element = h("section", { class: `slot slot-${role}`, testid: "phone", data: { role, number: String(number) }, "aria-label": this.title() });
    this.build();
  }

  title() {
    return this.role === "citizen" ? t("reporter") : this.number > 1 ? t("responder_n", { n: this.number }) : t("responder");
  }

  build() {
    this.select = h("select", { "aria-label": t("who"), testid: "person-select", on: { change: () => this.desk.seat(this, this.select.value, true) } });
    this.note = h(
      "div",
      { class: "note" },
      h("span", { class: "note-role", text: this.title() }),
      this.select,
      this.role === "citizen" && iconButton("plus", t("new_person"), "person-new", () => this.desk.newPerson(this)),
      this.role === "responder" && this.number === 1 && iconButton("plus", t("add_phone"), "phone-add", () => this.desk.addPhone()),
      this.number > 1 && iconButton("close", t("remove_phone"), "phone-remove", () => this.desk.removePhone(this)),
    );
    this.peek = h("div", { class: "peek", testid: "peek", title: t("peek_hint") });
    this.chat = h("div", { class: "chat", testid: "chat", role: "log", "aria-live": "polite", tabindex: "0" });
    this.chat.addEventListener("load", () => this.toEnd(), true);
    this.quick = h("div", { class: "quick", testid: "quick-replies" });
    this.bottom = h("div", { class: "bottom" });
    this.status = h("span", { class: "status-time" });
    this.screen = h(
      "div",
      { class: "screen" },
      h("div", { class: "status", "aria-hidden": "true" }, this.status, h("span", { class: "status-right" }, h("i", { class: "signal" }), h("i", { class: "battery" }))),
      this.head(),
      this.peek,
      this.chat,
      this.quick,
      this.bottom,
    );
    this.body = h("div", { class: "phone" }, this.screen);
    this.logButton = h("button", { type: "button", class: "log-button", testid: "open-log", on: { click: () => this.person && this.desk.openLog(this.person) } }, icon("code"), t("log"));
    this.element.append(this.note, this.body, h("div", { class: "under" }, this.logButton));
    this.tick();
  }

  head() {
    this.more = iconButton("more", t("menu"), "phone-menu", () => this.openMenu());
    return h(
      "div",
      { class: "head" },
      h("span", { class: "head-back", "aria-hidden": "true" }, icon("back")),
      h("span", { class: "head-badge", "aria-hidden": "true" }, icon("shield")),
      h("strong", { class: "head-name", text: this.desk.state.account.name }),
      this.more,
    );
  }

  tick() {
    this.status.textContent = clock(Date.now());
  }

  /** Show this person's chat. */
  async seat(person) {
    this.person = person;
    this.element.dataset.person = person?.id ?? "";
    this.messages = [];
    this.menuOpen = true;
    this.typing = false;
    this.fillSelect();
    if (person) {
      const { items } = await get(`/people/${person.id}/messages`);
      if (this.person?.id !== person.id) return;
      this.messages = items;
      if (items.some((message) => message.by === "bot")) this.menuOpen = false;
    }
    this.draw();
  }

  fillSelect() {
    const options = this.desk.peopleOf(this.role).map((person) => h("option", { value: person.id, text: this.desk.nameOf(person, true), selected: person.id === this.person?.id }));
    if (!this.person) options.unshift(h("option", { value: "", text: "—", selected: true }));
    this.select.replaceChildren(...options);
  }

  /** Draw everything anew. */
  draw() {
    this.chat.replaceChildren();
    if (!this.person) this.chat.append(this.emptyScreen());
    else if (!this.person.friend && this.messages.length === 0 && !this.typing) this.chat.append(this.friendScreen());
    else {
      this.chat.append(this.dayOf());
      this.chat.append(...this.messages.map((message) => this.bubbleOf(message)));
    }
    this.drawBottom();
    this.drawPeek();
    this.toEnd();
  }

  dayOf() {
    const first = this.messages[0]?.at_ms ?? Date.now();
    const words = day(first) === day(Date.now()) ? t("today") : day(first);
    return h("div", { class: "day" }, h("span", { text: words }));
  }

  bubbleOf(message) {
    return renderMessage(message, this.desk.state.account, (action) => this.act(action, message), (held, row) => this.messageMenu(held, row));
  }

  /** A message came or changed. */
  take(message) {
    const index = this.messages.findIndex(({ id }) => id === message.id);
    if (index >= 0) {
      this.messages[index] = message;
      this.chat.querySelector(`[data-message-id="${message.id}"]`)?.replaceWith(this.bubbleOf(message));
      return;
    }
    this.chat.querySelector(".friend, .empty, .loading")?.remove();
    if (this.messages.length === 0) this.chat.replaceChildren(this.dayOf());
    this.messages.push(message);
    const bubble = this.bubbleOf(message);
    bubble.classList.add("is-new");
    this.chat.append(bubble);
    if (message.by === "bot") this.menuOpen = false;
    this.drawBottom();
    this.drawPeek();
    if (message.by === "bot" && !message.silent) this.ring();
    this.toEnd();
  }

  ring() {
    this.body.classList.remove("rings");
    void this.body.offsetWidth;
    this.body.classList.add("rings");
  }

  toEnd() {
    requestAnimationFrame(() => {
      this.chat.scrollTop = this.chat.scrollHeight;
    });
  }

  /** The dots that LINE shows while the account is working. */
  showLoading(seconds) {
    this.chat.querySelector(".loading")?.remove();
    const dots = h("div", { class: "row theirs loading", "aria-hidden": "true" }, h("div", { class: "avatar" }, icon("shield")), h("div", { class: "bubble dots" }, h("i"), h("i"), h("i")));
    this.chat.append(dots);
    setTimeout(() => dots.remove(), seconds * 1000);
    this.toEnd();
  }

  // screens ---------------------------------------------------------------------------------------------

  emptyScreen() {
    return h("div", { class: "empty" }, icon("bell"), h("strong", { text: t("waiting_offer") }), h("p", { text: t("waiting_offer_hint") }));
  }

  friendScreen() {
    const { account } = this.desk.state;
    return h(
      "div",
      { class: "friend" },
      h("div", { class: "friend-cover", "aria-hidden": "true" }),
      h("div", { class: "friend-face", "aria-hidden": "true" }, icon("shield")),
      h("strong", { text: account.name }),
      h("p", { text: t("not_friend") }),
      h("button", { type: "button", class: "friend-add", testid: "follow", on: { click: () => this.send("follow") } }, icon("person"), t("add_friend")),
      h("button", { type: "button", class: "quiet-link", testid: "write-anyway", text: t("write_anyway"), on: { click: () => { this.typing = true; this.menuOpen = false; this.draw(); } } }),
      h("p", { class: "small", text: t("friends_hint", { id: account.basic_id }) }),
    );
  }

  drawPeek() {
    const last = this.messages.findLast((message) => message.by === "bot" && !message.removed);
    this.peek.hidden = !last;
    if (!last) return;
    this.peek.replaceChildren(
      icon(last.silent ? "mute" : "bell", last.silent ? t("silent") : undefined),
      h("span", { class: "peek-label", text: t("peek") }),
      h("span", { class: "peek-text", text: notificationText(last.body) }),
    );
    this.peek.classList.toggle("is-silent", last.silent);
  }

  drawBottom() {
    const person = this.person;
    this.quick.replaceChildren();
    this.bottom.replaceChildren();
    this.bottom.hidden = !person;
    if (!person) return;
    if (person.blocked) {
      this.bottom.append(h("div", { class: "barred" }, h("span", { text: t("blocked") }), h("button", { type: "button", class: "plain", testid: "unblock", text: t("unblock"), on: { click: () => this.send("follow") } })));
      return;
    }
    const away = !person.friend && this.messages.length === 0 && !this.typing;
    if (away) return;
    this.drawQuick();
    const menu = this.desk.menuOf(person);
    this.bottom.append(menu && !this.typing ? this.menuBar(menu) : this.inputBar(menu));
    if (menu && this.menuOpen && !this.typing) this.bottom.append(this.richMenu(menu));
  }

  drawQuick() {
    const last = this.messages.at(-1);
    const items = last?.by === "bot" && last.last_of_call && !this.dismissed.has(last.id) ? (last.body.quickReply?.items ?? []) : [];
    this.quick.append(...items.map(({ action, imageUrl }) =>
      h("button", {
        type: "button", class: "quick-reply", testid: "quick-reply", data: { data: action.data ?? "", action: action.type },
        on: { click: () => {
          if (!STAYS.has(action.type)) { this.dismissed.add(last.id); this.drawBottom(); }
          this.act(action, last);
        } },
      }, imageUrl ? h("img", { src: imageUrl, alt: "" }) : STAYS.has(action.type) && icon({ location: "pin", camera: "camera", cameraRoll: "image", datetimepicker: "clock" }[action.type]), h("span", { text: action.label }))));
  }

  menuBar(menu) {
    return h(
      "div",
      { class: "bar menu-bar" },
      iconButton("keyboard", t("keyboard"), "keyboard", () => { this.typing = true; this.drawBottom(); this.bottom.querySelector("input")?.focus(); }),
      h("button", { type: "button", class: "menu-toggle", testid: "rich-menu-toggle", "aria-expanded": String(this.menuOpen), on: { click: () => { this.menuOpen = !this.menuOpen; this.drawBottom(); this.toEnd(); } } }, h("span", { text: menu.body.chatBarText }), icon(this.menuOpen ? "down" : "up")),
      h("span", { class: "bar-spacer" }),
    );
  }

  inputBar(menu) {
    const input = h("input", { type: "text", class: "text-input", testid: "text-input", placeholder: t("message_placeholder"), "aria-label": t("message_placeholder"), maxlength: "10000", autocomplete: "off", enterkeyhint: "send" });
    const form = h("form", { class: "bar input-bar", on: { submit: (event) => {
      event.preventDefault();
      const text = input.value;
      if (!text.trim()) return;
      input.value = "";
      this.send("say", { text });
    } } },
      menu && iconButton("down", t("rich_menu_open"), "menu-back", () => { this.typing = false; this.menuOpen = true; this.draw(); }),
      iconButton("plus", t("attach"), "attach", () => this.openAttachments()),
      iconButton("pin", t("location"), "attach-location", () => this.openLocation()),
      input,
      h("button", { type: "submit", class: "icon-button send", "aria-label": t("send"), testid: "send" }, icon("send")),
    );
    return form;
  }

  richMenu(menu) {
    const { width, height } = menu.body.size;
    const holder = h("div", { class: "rich-menu", testid: "rich-menu" }, h("img", { src: `/sim/api/richmenu/${menu.id}`, alt: menu.body.name }));
    holder.style.aspectRatio = `${width} / ${height}`;
    for (const { bounds, action } of menu.body.areas) {
      const area = h("button", { type: "button", class: "rich-area", testid: "rich-menu-area", data: { data: action.data ?? "", action: action.type }, "aria-label": action.label ?? action.data ?? action.type, on: { click: () => this.act(action) } });
      Object.assign(area.style, { left: `${(bounds.x / width) * 100}%`, top: `${(bounds.y / height) * 100}%`, width: `${(bounds.width / width) * 100}%`, height: `${(bounds.height / height) * 100}%` });
      holder.append(area);
    }
    return holder;
  }

  // deeds -----------------------------------------------------------------------------------------------

  async send(deed, wish = {}) {
    try {
      await post(`/people/${this.person.id}/${deed}`, wish);
    } catch (error) {
      this.toast(error.message);
    }
  }

  /** Carry out the action of a button. */
  act(action) {
    switch (action.type) {
      case "postback":
      case "richmenuswitch":
        return this.send("tap", { data: action.data });
      case "message":
        return this.send("say", { text: action.text });
      case "location":
        return this.openLocation();
      case "camera":
      case "cameraRoll":
        return this.openPhotos();
      case "datetimepicker":
        return this.openTime(action);
      case "clipboard":
        navigator.clipboard?.writeText(action.clipboardText).catch(() => {});
        return this.toast(t("copied"));
      default:
        return this.followLink(action.uri);
    }
  }

  followLink(uri) {
    if (NV_LOCATION.test(uri)) return this.openLocation();
    if (NV_CAMERA.test(uri)) return this.openPhotos();
    if (uri.startsWith("tel:")) return this.toast(t("call_number", { n: uri.slice(4) }));
    return window.open(uri, "_blank", "noopener");
  }

  openLocation() {
    const last = this.messages.findLast((message) => message.body.type === "location" && message.by !== "bot");
    const start = last ? [last.body.longitude, last.body.latitude] : [this.desk.state.presets[0].lng, this.desk.state.presets[0].lat];
    pickLocation(this.screen, this.desk.state.presets, start, (place) => this.send("location", place));
  }

  openPhotos() {
    const file = h("input", { type: "file", accept: "image/*", class: "visually-hidden", testid: "photo-file", on: { change: () => file.files[0] && this.sendFile("photo", file.files[0], sheet) } });
    const sheet = this.sheet(t("photo"), "photo-sheet", [
      ...["door", "street", "room"].map((sample) => this.choice("image", t(`photo_${sample}`), `photo-${sample}`, () => this.send("photo", { sample }))),
      h("label", { class: "choice" }, icon("plus"), h("span", { text: t("photo_own") }), file),
    ]);
  }

  async sendFile(deed, file, sheet) {
    sheet.remove();
    try {
      await upload(`/people/${this.person.id}/${deed}`, file);
    } catch (error) {
      this.toast(error.message);
    }
  }

  openAttachments() {
    const sheet = this.sheet(t("attach"), "attach-sheet", [
      this.choice("image", t("photo"), "attach-photo", () => this.openPhotos()),
      this.choice("pin", t("location"), "sheet-location", () => this.openLocation()),
      this.choice("mic", t("voice"), "attach-voice", () => this.send("voice", { duration_ms: 2500 })),
      this.choice("smile", t("sticker"), "attach-sticker", () => this.openStickers()),
    ]);
    return sheet;
  }

  openStickers() {
    const grid = h("div", { class: "sticker-grid" }, stickerNumbers.map((number) =>
      h("button", { type: "button", class: "sticker-choice", testid: `sticker-${number}`, "aria-label": `${t("sticker")} ${number}`, on: { click: () => { sheet.remove(); this.send("sticker", { sticker_id: String(number) }); } } }, h("img", { src: `/sim/assets/stickers/${number}.svg`, alt: "" }))));
    const sheet = this.sheet(t("sticker"), "sticker-sheet", [grid]);
  }

  openTime(action) {
    const kind = { date: "date", time: "time", datetime: "datetime-local" }[action.mode];
    const input = h("input", { type: kind, value: (action.initial ?? "").replace("t", "T"), min: action.min, max: action.max, "aria-label": t("choose_time") });
    this.sheet(t("choose_time"), "time-sheet", [input, this.choice("clock", t("ok"), "time-ok", () => input.value && this.send("tap", { data: action.data, params: { [action.mode]: input.value } }))]);
  }

  openMenu() {
    if (!this.person) return;
    const { person } = this;
    this.sheet(this.desk.nameOf(person), "menu-sheet", [
      person.blocked || !person.friend
        ? this.choice("person", t(person.blocked ? "unblock" : "add_friend"), "menu-follow", () => this.send("follow"))
        : this.choice("block", t("block"), "block", () => this.send("block")),
      this.choice("code", t("log"), "menu-log", () => this.desk.openLog(person)),
    ]);
  }

  messageMenu(message, row) {
    if (message.by === "bot" || message.removed) return;
    row.classList.add("is-held");
    const sheet = this.sheet(t("message_menu"), "message-sheet", [
      this.choice("trash", t("unsend"), "unsend", () => this.send("unsend", { message: message.id })),
    ], () => row.classList.remove("is-held"));
    return sheet;
  }

  choice(name, label, testid, chosen) {
    return h("button", { type: "button", class: "choice", testid, on: { click: (event) => { event.currentTarget.closest(".sheet-holder").dismiss(); chosen(); } } }, icon(name), h("span", { text: label }));
  }

  sheet(title, testid, children, closed = () => {}) {
    const holder = h("div", { class: "overlay sheet-holder", testid, role: "dialog", "aria-label": title });
    const remove = holder.remove.bind(holder);
    holder.dismiss = () => {
      closed();
      remove();
    };
    holder.append(h("div", { class: "sheet" }, h("div", { class: "sheet-head" }, h("strong", { text: title }), iconButton("close", t("close"), "sheet-close", holder.dismiss)), children));
    holder.addEventListener("click", (event) => event.target === holder && holder.dismiss());
    holder.addEventListener("keydown", (event) => event.key === "Escape" && holder.dismiss());
    this.screen.append(holder);
    holder.querySelector("button.choice, input, .sticker-choice")?.focus();
    return holder;
  }

  toast(text) {
    const element = h("div", { class: "toast", role: "status", text });
    this.screen.append(element);
    setTimeout(() => element.remove(), 3500);
  }
}

/** A person's name for a list, with the unit; `number` tells those apart whom nobody has named. */
export function label(person, withUnit, number) {
  const name = person.name || `${t("person_unknown")} ${number}`;
  return withUnit && person.unit ? `${name} · ${pick(person.unit)}` : name;
}
