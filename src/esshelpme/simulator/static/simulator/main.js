/** The desk: phones, the console between them, stories to play, and what happened. */

import { follow, get, post } from "./api.js";
import { notificationText } from "./bubbles.js";
import { h, icon } from "./dom.js";
import { openFaults, faultsAreOn } from "./faults.js";
import { Feed } from "./feed.js";
import { laptop } from "./laptop.js";
import { openLog } from "./log.js";
import { Phone, label } from "./phone.js";
import { lang, pick, setWords, t } from "./words.js";

const LANGUAGE = "sim-language";
const WIDE = 1760;

/** Every action in a message, whatever it is nested in. */
function actionsIn(value) {
  if (Array.isArray(value)) return value.flatMap(actionsIn);
  if (!value || typeof value !== "object") return [];
  const own = value.action && typeof value.action === "object" ? [value.action] : [];
  return [...own, ...Object.entries(value).flatMap(([name, part]) => (name === "actions" ? part : name === "action" ? [] : actionsIn(part)))];
}

const offers = (message) => actionsIn(message.body).some(({ data }) => new URLSearchParams(data).get("a") === "accept");

class Desk {
  constructor() {
    this.phones = [];
    this.unread = new Map();
    this.numbers = new Map();
    this.pinned = new WeakSet();
  }

  async start() {
    await this.load();
    const asked = new URLSearchParams(location.search).get("lang");
    setWords(this.state.words, asked ?? localStorage.getItem(LANGUAGE) ?? "th");
    this.build();
    await this.seatFirst();
    follow((item) => this.hear(item), (state) => this.connection(state));
    setInterval(() => this.phones.forEach((phone) => phone.tick()), 10_000);
  }

  async load() {
    this.state = await get("/state");
    this.people = new Map(this.state.people.map((person) => [person.id, person]));
  }

  // the page --------------------------------------------------------------------------------------------

  build() {
    document.title = `${t("title")} · ${this.state.account.name}`;
    this.phones = [new Phone(this, "citizen", 1), new Phone(this, "responder", 1)];
    if (window.innerWidth >= WIDE) this.phones.push(new Phone(this, "responder", 2));
    this.feed = new Feed(this);
    this.lost = h("div", { class: "lost", role: "status", hidden: true, text: t("lost") });
    this.faultButton = h("button", { type: "button", class: "top-button", testid: "faults-open", on: { click: () => openFaults(this) } });
    this.strip = h("div", { class: "strip", testid: "stories" });
    this.responders = h("div", { class: "responders" }, this.phones.slice(1).map((phone) => phone.element));
    this.middle = h("section", { class: "middle", "aria-label": t("console") }, laptop(), this.feed.element);
    this.tabs = this.buildTabs();
    this.surface = h("main", { class: "surface", data: { tab: "reporter" } }, this.phones[0].element, this.middle, this.responders);
    document.getElementById("app").replaceChildren(this.header(), this.strip, this.surface, this.tabs, this.lost);
    this.drawFaults();
    this.drawStories();
    this.fillFeed();
  }

  /** What happened before the page was opened. */
  fillFeed() {
    for (const message of this.state.recent) {
      if (message.removed) this.feed.said(message.chat, t("unsent"), message.at_ms);
      else if (message.by === "bot") this.feed.told(message.chat, notificationText(message.body), message.silent, message.at_ms);
      else this.feed.said(message.chat, notificationText(message.body), message.at_ms);
    }
  }

  header() {
    const languages = ["th", "en"].map((code) =>
      h("button", { type: "button", class: "language", testid: `lang-${code}`, lang: code, "aria-pressed": String(lang() === code), text: code === "th" ? "ไทย" : "English", on: { click: () => this.speak(code) } }));
    return h(
      "header",
      { class: "top" },
      h("a", { class: "brand", href: "/", title: t("home") }, h("span", { class: "brand-mark", "aria-hidden": "true" }, icon("phone")), h("span", { text: t("title") })),
      h("p", { class: "tagline", text: t("tagline") }),
      h("nav", { class: "top-links" },
        h("a", { class: "top-button is-main", href: "/console/", target: "_blank", rel: "noopener", testid: "console-link", "aria-label": t("console") }, icon("laptop"), h("span", { text: t("console") }), icon("out")),
        h("a", { class: "top-button", href: "/r", target: "_blank", rel: "noopener", testid: "report-link", "aria-label": t("report_form") }, icon("file"), h("span", { text: t("report_form") }), icon("out")),
        this.faultButton,
        h("button", { type: "button", class: "top-button is-icon", testid: "reset", "aria-label": t("reset"), title: t("reset"), on: { click: () => this.askReset() } }, icon("trash")),
        h("span", { class: "languages" }, languages)),
    );
  }

  buildTabs() {
    const names = [["reporter", "person"], ["middle", "bolt"], ["responder", "shield"]];
    return h("nav", { class: "tabs" }, names.map(([name, mark]) =>
      h("button", { type: "button", class: "tab", testid: `tab-${name}`, data: { tab: name }, "aria-pressed": String(name === "reporter"), on: { click: () => this.showTab(name) } }, icon(mark), h("span", { text: t(`tab_${name}`) }), h("i", { class: "dot", hidden: true }))));
  }

  showTab(name) {
    this.surface.dataset.tab = name;
    for (const tab of this.tabs.children) {
      tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
      if (tab.dataset.tab === name) tab.querySelector(".dot").hidden = true;
    }
    this.phones.forEach((phone) => phone.toEnd());
  }

  mark(name) {
    if (this.surface.dataset.tab !== name) this.tabs.querySelector(`[data-tab="${name}"] .dot`).hidden = false;
  }

  async speak(code) {
    localStorage.setItem(LANGUAGE, code);
    await this.load();
    setWords(this.state.words, code);
    const seated = this.phones.map((phone) => this.people.get(phone.person?.id));
    this.build();
    await Promise.all(this.phones.map((phone, index) => phone.seat(seated[index] ?? null)));
  }

  drawFaults() {
    const on = faultsAreOn(this.state.faults);
    this.faultButton.classList.toggle("is-alarm", on);
    this.faultButton.setAttribute("aria-label", t(on ? "faults_on" : "faults"));
    this.faultButton.replaceChildren(icon("bolt"), h("span", { text: t(on ? "faults_on" : "faults") }));
  }

  drawStories() {
    const play = this.state.play;
    const running = play?.state === "playing";
    const cards = this.state.scenarios.map((story) =>
      h("button", {
        type: "button", class: "story", testid: `story-${story.code}`, title: pick(story.about), disabled: running,
        "aria-current": String(running && play.code === story.code),
        on: { click: () => this.play(story.code) },
      }, icon(story.icon), h("span", { text: pick(story.title) })));
    const parts = running ? [this.caption(play)] : [h("span", { class: "strip-title", text: t("play") }), play && this.caption(play), ...cards];
    this.strip.replaceChildren(...parts.filter(Boolean));
    this.strip.classList.toggle("is-playing", running);
  }

  caption(play) {
    const story = this.state.scenarios.find(({ code }) => code === play.code);
    const words = { done: t("play_done"), stuck: t("play_stuck"), stopped: t("play_stopped") }[play.state];
    const running = play.state === "playing";
    const bar = h("i", { class: "caption-bar" });
    bar.style.width = `${(play.step / play.steps) * 100}%`;
    return h(
      "div",
      { class: `caption is-${play.state}`, testid: "play-caption", data: { state: play.state, code: play.code }, role: "status" },
      running && h("strong", { class: "caption-title" }, icon(story?.icon ?? "play"), pick(story?.title)),
      h("span", { class: "caption-words", text: running ? pick(play.caption) : `${pick(story?.title)} · ${words}` }),
      running && h("span", { class: "caption-step", text: t("step", { n: play.step, m: play.steps }) }),
      running && h("button", { type: "button", class: "caption-stop", testid: "play-stop", on: { click: () => post("/scenarios/stop") } }, icon("stop"), t("stop")),
      running && bar,
    );
  }

  async play(code) {
    this.pinned = new WeakSet();
    this.state.play = await post(`/scenarios/${code}/play`, { language: lang() });
    this.drawStories();
    this.showTab("reporter");
  }

  askReset() {
    const dialog = h("dialog", { class: "dialog is-small", testid: "reset-dialog", "aria-label": t("reset") },
      h("p", { text: t("reset_ask") }),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "plain", text: t("cancel"), on: { click: () => dialog.close() } }),
        h("button", { type: "button", class: "main", testid: "reset-yes", text: t("yes_reset"), on: { click: async () => { dialog.close(); await post("/reset"); } } })));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  // who sits where --------------------------------------------------------------------------------------

  peopleOf(role) {
    const people = [...this.people.values()].filter((person) => person.role === role);
    return people.sort((a, b) => (this.state.last[b.id] ?? 0) - (this.state.last[a.id] ?? 0)).slice(0, 150);
  }

  nameOf(person, withUnit = false) {
    if (!person.name && !this.numbers.has(person.id)) this.numbers.set(person.id, this.numbers.size + 1);
    return label(person, withUnit, this.numbers.get(person.id));
  }

  menuOf(person) {
    const id = person.friend && !person.blocked && person.rich_menu in this.state.rich_menus ? person.rich_menu : this.state.default_rich_menu;
    const body = this.state.rich_menus[id];
    return body ? { id, body } : null;
  }

  async seatFirst() {
    const citizens = this.peopleOf("citizen");
    const responders = this.peopleOf("responder").filter((person) => this.state.last[person.id]);
    await Promise.all(this.phones.map((phone) => phone.seat(phone.role === "citizen" ? (citizens[0] ?? null) : (responders[phone.number - 1] ?? null))));
    if (this.state.play?.state === "playing") this.followCast(this.state.play);
  }

  async seat(phone, id, byHand = false) {
    const person = this.people.get(id);
    if (!person || phone.person?.id === id) return;
    const elsewhere = this.phones.find((other) => other !== phone && other.person?.id === id);
    if (elsewhere) return;
    if (byHand) this.pinned.add(phone);
    this.unread.delete(id);
    await phone.seat(person);
    this.drawRinging();
  }

  async newPerson(phone) {
    const number = this.peopleOf("citizen").length + 1;
    const person = await post("/people", { name: t("new_name", { n: number }), language: lang(), friend: false });
    this.people.set(person.id, person);
    await this.seat(phone, person.id, true);
  }

  /** Another officer's phone, for whichever of them is ringing, else for the next to ring. */
  async addPhone() {
    const phone = new Phone(this, "responder", Math.max(...this.phones.map(({ number }) => number)) + 1);
    this.phones.push(phone);
    this.responders.append(phone.element);
    const seated = new Set(this.phones.map(({ person }) => person?.id));
    const next = [...this.unread.keys()].reverse().find((id) => !seated.has(id) && this.people.get(id)?.role === "responder");
    await phone.seat(this.people.get(next) ?? null);
    this.unread.delete(next);
    this.drawRinging();
    phone.element.scrollIntoView({ inline: "end", behavior: "smooth" });
  }

  removePhone(phone) {
    this.phones = this.phones.filter((other) => other !== phone);
    phone.element.remove();
  }

  isBusy(phone) {
    if (!phone.person) return false;
    const last = phone.messages.findLast((message) => message.by === "bot");
    return Boolean(last && actionsIn(last.body).some(({ data }) => ["accept", "enroute", "onscene", "resolve"].includes(new URLSearchParams(data).get("a"))));
  }

  /** An officer's phone rings: lay it on the desk if a place is free, else show it among the ringing ones. */
  async ring(id) {
    const person = this.people.get(id);
    if (person && person.role !== "responder") this.people.set(id, { ...person, role: "responder" });
    const free = this.phones.find((phone) => phone.role === "responder" && !this.pinned.has(phone) && !phone.taken && !this.isBusy(phone));
    if (free) {
      free.taken = true;
      await this.seat(free, id);
      free.taken = false;
    }
    this.drawRinging();
  }

  drawRinging() {
    const first = this.phones.find((phone) => phone.role === "responder");
    if (!first) return;
    first.element.querySelector(".ringing")?.remove();
    const waiting = [...this.unread.entries()].filter(([id]) => this.people.get(id)?.role === "responder" && !this.phones.some((phone) => phone.person?.id === id));
    if (!waiting.length) return;
    const chips = waiting.slice(-12).reverse().map(([id, count]) =>
      h("button", { type: "button", class: "ringing-chip", testid: "ringing", data: { person: id }, title: t("other_phones"), on: { click: () => this.seat(first, id, true) } }, icon("phone"), h("span", { text: this.nameOf(this.people.get(id)) }), h("b", { text: String(count) })));
    first.element.querySelector(".under").append(h("div", { class: "ringing" }, chips));
  }

  async followCast(play) {
    const officers = Object.values(play.cast).filter((id) => this.people.get(id)?.role === "responder");
    const places = this.phones.filter((phone) => phone.role === "responder");
    const wanted = officers.slice(-places.length);
    const free = places.filter((phone) => !wanted.includes(phone.person?.id));
    for (const id of wanted.filter((officer) => !places.some((phone) => phone.person?.id === officer))) {
      const place = free.shift();
      if (place) await this.seat(place, id);
    }
  }

  // what is heard ---------------------------------------------------------------------------------------

  hear(item) {
    const listener = {
      message: () => this.hearMessage(item.message),
      person: () => this.hearPerson(item.person),
      tapped: () => this.hearTap(item),
      followed: () => this.feed.said(item.person, t(item.blocked ? "unfollowed" : "followed")),
      faults: () => { this.state.faults = item.faults; this.drawFaults(); },
      play: () => { this.state.play = item.play; this.drawStories(); this.followCast(item.play); },
      loading: () => this.phoneOf(item.person)?.showLoading(item.seconds),
      call: () => this.logs?.changed(item.people),
      reset: () => this.reload(),
      resync: () => this.reload(),
      richmenu: () => this.reload(true),
    }[item.type];
    listener?.();
  }

  phoneOf(id) {
    return this.phones.find((phone) => phone.person?.id === id);
  }

  async hearMessage(message) {
    const id = message.chat;
    if (!this.people.has(id)) {
      const person = await get(`/people/${id}`).catch(() => null);
      if (person) this.people.set(id, person);
    }
    this.state.last[id] = message.at_ms;
    const phone = this.phoneOf(id);
    phone?.take(message);
    if (message.removed) return this.feed.said(id, t("unsent"));
    if (message.by !== "bot") {
      this.feed.said(id, notificationText(message.body));
      this.lookAtCitizen(id);
      return undefined;
    }
    this.feed.told(id, notificationText(message.body), message.silent);
    const role = this.people.get(id)?.role;
    if (!phone) this.unread.set(id, (this.unread.get(id) ?? 0) + 1);
    if (offers(message)) {
      this.mark("responder");
      if (!phone) this.ring(id);
    } else if (role === "citizen") this.mark("reporter");
    if (!phone) this.drawRinging();
    return undefined;
  }

  /** While a story plays the reporter's phone on the desk is that of whoever acts. */
  lookAtCitizen(id) {
    const play = this.state.play;
    if (play?.state !== "playing" || this.people.get(id)?.role !== "citizen") return;
    if (Object.values(play.cast).includes(id)) this.seat(this.phones[0], id);
  }

  hearPerson(person) {
    const before = this.people.get(person.id);
    if (!person.listed) return;
    this.people.set(person.id, person);
    const phone = this.phoneOf(person.id);
    if (phone) {
      phone.person = person;
      if (before && (before.friend !== person.friend || before.blocked !== person.blocked)) phone.draw();
      else phone.drawBottom();
    }
    if (!before) this.phones.forEach((other) => other.fillSelect());
  }

  hearTap({ person, label: words }) {
    const phone = this.phoneOf(person);
    const last = phone?.messages.at(-1);
    if (last) {
      phone.dismissed.add(last.id);
      phone.drawBottom();
    }
    this.feed.said(person, `${t("tapped")} “${words ?? "…"}”`);
    this.lookAtCitizen(person);
  }

  async reload(onlyMenus = false) {
    await this.load();
    this.drawStories();
    this.drawFaults();
    if (onlyMenus) return this.phones.forEach((phone) => phone.drawBottom());
    this.unread.clear();
    this.pinned = new WeakSet();
    this.feed.clear();
    this.fillFeed();
    for (const phone of this.phones) {
      const person = this.people.get(phone.person?.id);
      const first = phone.role === "citizen" ? (this.peopleOf("citizen")[0] ?? null) : null;
      await phone.seat(person && (phone.role === "citizen" || this.state.last[person.id]) ? person : first);
    }
    return this.drawRinging();
  }

  async connection(state) {
    const wasLost = !this.lost.hidden;
    this.lost.hidden = state !== "lost";
    if (state === "open" && wasLost) await this.reload();
  }

  openLog(person) {
    this.logs = openLog(this, person);
  }
}

const desk = new Desk();
desk.start().catch((error) => {
  document.getElementById("app").replaceChildren(h("p", { class: "fatal", role: "alert", text: String(error.message ?? error) }));
});

