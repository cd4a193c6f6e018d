// The board: rows change by themselves, never under a hand; list and map select each other; sound and notices.

import { tick } from "../site/clocks.js";
import { on } from "./keys.js";
import { Live, showConnection } from "./live.js";
import { makeMap, pin } from "./map.js";
import { chooseView } from "./shell.js";
import { Sound } from "./sound.js";

const main = document.getElementById("main");
const rows = document.getElementById("rows");
const held = document.getElementById("held");
const nothing = document.getElementById("nothing");
const texts = main.dataset;
const CALM_MS = 4000; // after this long without a hand in the list, it may move again
const GATHER_MS = 150;

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────
const rowOf = (ref) => rows.querySelector(`[data-ref="${CSS.escape(ref)}"]`);
const order = (row) => [Number(row.dataset.phase), Number(row.dataset.due)];
const waiting = new Map(); // ref → html (or null: gone), held back while somebody works in the list
let touchedAt = 0;
let pointerInside = false;

rows.addEventListener("pointermove", () => {
  pointerInside = true;
  touchedAt = Date.now();
});
rows.addEventListener("pointerleave", () => {
  pointerInside = false;
});
rows.addEventListener("focusin", () => {
  touchedAt = Date.now();
});
rows.addEventListener("scroll", () => {
  touchedAt = Date.now();
}, { passive: true });

function working() {
  if (document.querySelector("dialog[open]")) return true;
  const inList = pointerInside || rows.contains(document.activeElement);
  return inList && Date.now() - touchedAt < CALM_MS;
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function place(row) {
  const [phase, due] = order(row);
  for (const other of rows.children) {
    if (other === row) continue;
    const [p, d] = order(other);
    if (p > phase || (p === phase && d > due)) {
      if (row.nextElementSibling !== other) rows.insertBefore(row, other);
      return;
    }
  }
  if (rows.lastElementChild !== row) rows.append(row);
}

function apply(ref, html, { calm }) {
  const old = rowOf(ref);
  if (html === null) {
    if (!old) return;
    if (calm) old.remove();
    else {
      old.classList.add("gone");
      waiting.set(ref, null);
    }
    return;
  }
  const fresh = parse(html);
  if (old) {
    // What a row says may change at once; where it stands waits.
    const moves = order(old).join() !== order(fresh).join();
    fresh.classList.toggle("chosen", old.classList.contains("chosen"));
    const focused = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (focused) fresh.querySelector(".row-link").focus({ preventScroll: true });
    if (moves) {
      if (calm) place(fresh);
      else waiting.set(ref, html);
    }
  } else if (calm) {
    fresh.classList.add("fresh");
    rows.append(fresh);
    place(fresh);
  } else {
    waiting.set(ref, html);
  }
}

function showHeld() {
  const fresh = [...waiting].filter(([ref, html]) => html !== null && !rowOf(ref)).length;
  held.hidden = waiting.size === 0;
  if (!waiting.size) return;
  held.textContent = fresh === 0 ? texts.moved : fresh === 1 ? texts.newOne : texts.newMany.replace("{n}", fresh);
}

function release() {
  const all = [...waiting];
  waiting.clear();
  for (const [ref, html] of all) apply(ref, html, { calm: true });
  settle();
}

function settle() {
  showHeld();
  nothing.hidden = rows.children.length > 0;
  tick(rows);
  drawPins();
}

held.addEventListener("click", () => {
  release();
  rows.scrollTo({ top: 0 });
});
setInterval(() => {
  if (waiting.size && !working()) release();
}, 1000);

// ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────
const changed = new Set();
let timer = 0;
let busy = false;
const state = showConnection({ live: texts.live, lost: texts.lost });
let connection = ["lost", 0];

function note(step) {
  changed.add(step.ref);
  if (step.type === "INCIDENT_OPENED") announce(step.ref);
  clearTimeout(timer);
  timer = setTimeout(refresh, GATHER_MS);
}

async function refresh() {
  if (busy) return;
  busy = true;
  const refs = [...changed].slice(0, 100);
  for (const ref of refs) changed.delete(ref);
  try {
    const response = await fetch(`${texts.rows}?${texts.query}&refs=${refs.join(",")}`, { headers: { "HX-Request": "true" } });
    if (response.status === 401) return location.reload();
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    const calm = !working();
    for (const [ref, html] of Object.entries(answer.rows)) {
      // On later pages only what is there changes.
      if (html !== null && texts.paged && !rowOf(ref)) continue;
      apply(ref, html, { calm });
    }
    pulse(answer);
    settle();
  } catch {
    for (const ref of refs) changed.add(ref);
    setTimeout(refresh, 2000);
  } finally {
    busy = false;
    if (changed.size) {
      clearTimeout(timer);
      timer = setTimeout(refresh, GATHER_MS);
    }
  }
}

function pulse(answer) {
  document.getElementById("ribbon").innerHTML = answer.ribbon;
  const todo = document.getElementById("todo");
  if (!todo.contains(document.activeElement) || document.activeElement.tagName !== "BUTTON") {
    todo.innerHTML = answer.todo;
    window.htmx?.process(todo);
    tick(todo);
  }
  state(...connection);
  countTodo();
  const bare = document.title.replace(/^\(\d+\) /, "");
  document.title = answer.waiting ? `(${answer.waiting}) ${bare}` : bare;
}

function countTodo() {
  const count = document.querySelectorAll("#todo .todo-item").length;
  const place = document.querySelector("[data-todo-count]");
  if (place) place.textContent = count ? `(${count})` : "";
}

// "Late" and the figures of the ribbon change by time alone.
setInterval(refresh, 20_000);
document.addEventListener("ess:done", () => refresh());
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.closest?.("#todo")) {
    document.activeElement?.blur();
    refresh();
  }
});

const live = new Live({
  url: texts.stream,
  since: texts.from,
  onStep: note,
  onState: (...now) => {
    connection = now;
    state(...now);
  },
  onReload: () => location.reload(),
});

// ── sound and notices ───────────────────────────────────────────────────────────────────────────────────────────
const sound = new Sound(document.getElementById("sound"));
const announced = new Set();

function announce(ref) {
  if (announced.has(ref) || rowOf(ref)) return;
  announced.add(ref);
  sound.ring();
  // The words tell nothing: a notification shows over whatever is on the screen.
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    const notice = new Notification(texts.notifyTitle, { body: texts.notifyText, tag: "ess-new", silent: true });
    notice.onclick = () => {
      focus();
      notice.close();
    };
  }
}

// ── choosing, by keys and by map ────────────────────────────────────────────────────────────────────────────────
let chosen = null;

function choose(row, { focusIt = false, fly = true } = {}) {
  if (!row) return;
  rows.querySelector(".chosen")?.classList.remove("chosen");
  row.classList.add("chosen");
  chosen = row.dataset.ref;
  if (focusIt) {
    row.querySelector(".row-link").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  for (const [ref, marker] of pins) marker.getElement().classList.toggle("chosen", ref === chosen);
  if (fly && shownMap && row.dataset.lat) {
    shownMap.map.easeTo({ center: [Number(row.dataset.lng), Number(row.dataset.lat)], zoom: Math.max(shownMap.map.getZoom(), 8), duration: still ? 0 : 500 });
  }
}

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

rows.addEventListener("focusin", (event) => choose(event.target.closest(".incident-row")));
rows.addEventListener("pointerover", (event) => {
  const row = event.target.closest(".incident-row");
  if (row && !rows.contains(document.activeElement)) choose(row, { fly: false });
});

function step(by) {
  const all = [...rows.children];
  const at = chosen ? all.findIndex((row) => row.dataset.ref === chosen) : -1;
  choose(all[Math.min(all.length - 1, Math.max(0, at + by))] || all[0], { focusIt: true });
}

function visit(hash) {
  const row = (chosen && rowOf(chosen)) || rows.firstElementChild;
  if (row) location.assign(row.querySelector(".row-link").href + hash);
}

on("j", () => step(1));
on("k", () => step(-1));
on("a", () => visit("#assign"));
on("c", () => visit("#chat"));
on("m", () => visit("#merge"));
on(".", () => document.querySelector("#todo .call .button")?.click());
on("Enter", (event) => {
  const link = event.target.closest?.("a, button");
  if (link) link.click();
  else visit("");
});

// ── map ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const pins = new Map();
let shownMap = null;

function drawPins() {
  if (!shownMap) return;
  const { map, library } = shownMap;
  const wanted = new Set();
  const crowd = new Map();
  for (const row of rows.children) {
    if (!row.dataset.lat) continue;
    const { ref, phase } = row.dataset;
    // Incidents of one cell stand around its middle instead of on top of each other.
    const cell = `${row.dataset.lat},${row.dataset.lng}`;
    const n = crowd.get(cell) || 0;
    crowd.set(cell, n + 1);
    const angle = n * 2.4;
    const lat = Number(row.dataset.lat) + (n ? 0.006 * Math.sqrt(n) * Math.sin(angle) : 0);
    const lng = Number(row.dataset.lng) + (n ? 0.006 * Math.sqrt(n) * Math.cos(angle) : 0);
    wanted.add(ref);
    const there = pins.get(ref);
    if (there && there.phase === phase) continue;
    there?.remove();
    const icon = row.querySelector(".row-link use")?.getAttribute("href")?.split("#")[1];
    const marker = pin({
      map,
      library,
      lat,
      lng,
      icon,
      className: `phase-${phase}`,
      label: row.querySelector(".row-link").textContent.trim(),
      onClick: () => {
        chooseView("queue");
        choose(rowOf(ref), { focusIt: true, fly: false });
      },
    });
    marker.phase = phase;
    pins.set(ref, marker);
  }
  for (const [ref, marker] of pins) {
    if (wanted.has(ref)) continue;
    marker.remove();
    pins.delete(ref);
  }
}

function showMap() {
  const holder = document.getElementById("map");
  if (shownMap || holder.dataset.made || !holder.offsetParent) return;
  holder.dataset.made = "1";
  makeMap(holder).then((made) => {
    shownMap = made;
    drawPins();
  });
}

document.addEventListener("ess:view", showMap);
addEventListener("resize", showMap);
showMap();
countTodo();
addEventListener("pagehide", () => live.source.close());
