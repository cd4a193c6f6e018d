/** Cause and effect: what people did and what the program told whom, newest last. */

import { h, icon } from "./dom.js";
import { clockWithSeconds, t } from "./words.js";

const LENGTH = 60;
const TOGETHER_MS = 2500;

export class Feed {
  constructor(desk) {
    this.desk = desk;
    this.list = h("ol", { class: "feed-list", testid: "feed", tabindex: "0", "aria-label": t("feed") });
    this.element = h("div", { class: "feed" }, h("h2", { text: t("feed") }), this.list);
    this.clear();
  }

  clear() {
    this.last = null;
    this.list.replaceChildren(h("li", { class: "feed-hint" }, h("span", { text: t("feed_empty") }), h("span", { text: t("ask_follow") })));
  }

  /** A person did something. */
  said(id, words, at = Date.now()) {
    const person = this.desk.people.get(id);
    this.last = null;
    this.add("in", person?.role === "responder" ? "shield" : "person", this.nameOf(id), words, at);
  }

  /** The program told a person something; the same words to several at once are one line. */
  told(id, words, silent, at = Date.now()) {
    if (this.last && this.last.words === words && at - this.last.at < TOGETHER_MS) {
      if (!this.last.people.includes(id)) this.last.people.push(id);
      this.last.who.textContent = this.namesOf(this.last.people);
      return;
    }
    const who = this.add("out", silent ? "mute" : "bell", this.namesOf([id]), words, at);
    this.last = { words, at, people: [id], who };
  }

  add(direction, mark, name, words, at) {
    this.list.querySelector(".feed-hint")?.remove();
    const who = h("b", { text: name });
    this.list.append(h("li", { class: `feed-item is-${direction}` }, h("time", { text: clockWithSeconds(at) }), icon(mark), h("span", { class: "feed-words" }, who, h("span", { text: words }))));
    while (this.list.children.length > LENGTH) this.list.firstChild.remove();
    this.list.scrollTop = this.list.scrollHeight;
    return who;
  }

  nameOf(id) {
    const person = this.desk.people.get(id);
    return person ? this.desk.nameOf(person) : t("person_unknown");
  }

  namesOf(ids) {
    const first = this.nameOf(ids[0]);
    return `→ ${ids.length > 1 ? t("feed_phones", { who: first, n: ids.length - 1 }) : first}`;
  }
}
