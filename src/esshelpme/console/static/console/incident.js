// The incident page: parts that change by themselves, the chat as it will look, the map, who else is here.

import { tick } from "../site/clocks.js";
import { toast } from "../site/toast.js";
import { on } from "./keys.js";
import { Live, showConnection } from "./live.js";
import { circle, makeMap, pin } from "./map.js";
import { placeSearch } from "./place-search.js";
import { chooseView, openDialog } from "./shell.js";

const main = document.getElementById("main");
const set = main.dataset;
const headers = () => ({ "HX-Request": "true", "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] });

// ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────
let timer = 0;
let busy = false;
let again = false;

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const response = await fetch(set.parts, { headers: headers() });
    if (response.status === 401 || response.status === 404) return location.reload();
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of page.querySelectorAll("[data-part]")) replace(part);
    after();
  } catch {
    clearTimeout(timer);
    timer = setTimeout(refresh, 2000);
  } finally {
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function replace(part) {
  const old = document.getElementById(part.id);
  if (!old) return;
  // An open menu or a focused control in a part is not pulled away from under a hand.
  if (old.querySelector("details[data-menu][open]")) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const path = focused ? pathTo(old, focused) : null;
  const { scrollTop } = old;
  const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  const open = [...old.querySelectorAll("details[open]")].map((node) => pathTo(old, node));
  const fresh = document.importNode(part, true);
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  for (const where of open) follow(fresh, where)?.setAttribute("open", "");
  fresh.scrollTop = fresh.id === "bubbles" && atEnd ? fresh.scrollHeight : scrollTop;
  if (path) follow(fresh, path)?.focus({ preventScroll: true });
}

function pathTo(root, node) {
  const path = [];
  for (let here = node; here !== root; here = here.parentElement) path.unshift([...here.parentElement.children].indexOf(here));
  return path;
}

function follow(root, path) {
  return path.reduce((node, index) => node?.children[index], root);
}

function after() {
  tick();
  filterHistory();
  drawPlace();
  countUnseen();
}

document.addEventListener("ess:done", () => refresh());

const live = new Live({
  url: set.stream,
  since: set.from,
  onStep: () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 120);
  },
  onState: showConnection({ live: set.live, lost: set.lost }),
  onReload: () => location.reload(),
});

// ── who else is here ────────────────────────────────────────────────────────────────────────────────────────────
const composer = document.getElementById("composer");
const message = document.getElementById("message-text");

async function here(extra = {}) {
  const body = new URLSearchParams(extra);
  if (message?.value.trim()) body.set("writing", "1");
  try {
    const response = await fetch(set.here, { method: "POST", headers: headers(), body });
    if (response.ok && response.status === 200) document.getElementById("others").innerHTML = await response.text();
  } catch {
    // the connection sign says it
  }
}

here();
setInterval(here, 10_000);
addEventListener("pagehide", () => {
  live.source.close();
  const body = new FormData();
  body.set("gone", "1");
  body.set("csrfmiddlewaretoken", headers()["X-CSRFToken"]);
  navigator.sendBeacon(set.here, body);
});

// ── chat ────────────────────────────────────────────────────────────────────────────────────────────────────────
const bubbles = () => document.getElementById("bubbles");

function countUnseen() {
  const unseen = Number(document.getElementById("head")?.dataset.unseen || 0);
  const place = document.querySelector("[data-chat-count]");
  if (place) place.textContent = unseen ? `(${unseen})` : "";
  if (unseen) watchSeen();
}

let seenTimer = 0;
function watchSeen() {
  // Read means: on the screen, in a window that is looked at, for two seconds.
  clearTimeout(seenTimer);
  seenTimer = setTimeout(async () => {
    const box = bubbles();
    if (document.hidden || !document.hasFocus() || !box?.offsetParent) return watchSeen();
    await here({ seen: "1" });
    document.getElementById("head").dataset.unseen = "0";
    refresh();
  }, 2000);
}

function preview() {
  if (!composer) return;
  const text = message.value;
  const box = document.getElementById("preview");
  box.hidden = !text.trim();
  box.querySelector("[data-preview]").textContent = text;
  const found = composer.dataset.telling.split("|").filter((word) => word && text.toLowerCase().includes(word.toLowerCase()));
  const telling = document.getElementById("telling");
  const quiet = Boolean(document.querySelector(".quiet-notice"));
  telling.hidden = !quiet || found.length === 0;
  telling.textContent = telling.hidden ? "" : `${composer.dataset.tellingWarning} ${[...new Set(found)].join(", ")}`;
}

if (composer) {
  message.addEventListener("input", preview);
  message.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      composer.requestSubmit();
    }
  });
  composer.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-phrase]");
    if (!phrase) return;
    message.value = phrase.dataset.phrase;
    message.dispatchEvent(new Event("input", { bubbles: true }));
    message.focus();
  });
  preview();
}

function toChat() {
  chooseView("chat");
  (message || bubbles())?.focus();
  const box = bubbles();
  if (box) box.scrollTop = box.scrollHeight;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-to-chat]")) toChat();
});
if (bubbles()) bubbles().scrollTop = bubbles().scrollHeight;

// ── history ─────────────────────────────────────────────────────────────────────────────────────────────────────
let group = "";

function filterHistory() {
  for (const line of document.querySelectorAll("#history > li")) {
    line.hidden = Boolean(group) && !line.dataset.groups.split(" ").includes(group);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-history]");
  if (!button) return;
  group = button.dataset.history;
  for (const other of document.querySelectorAll("[data-history]")) other.setAttribute("aria-pressed", String(other === button));
  filterHistory();
});

// ── map ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const holder = document.getElementById("map");
let shown = null;
let markers = [];
let drawn = "";

function drawPlace() {
  const data = document.getElementById("map-data")?.dataset;
  if (!shown || !data) return;
  const units = [...document.querySelectorAll("[data-unit-point]")];
  const now = JSON.stringify([data.lat, data.lng, data.accuracy, units.map((u) => u.dataset.name)]);
  if (now === drawn) return;
  drawn = now;
  for (const marker of markers) marker.remove();
  markers = [];
  const { map, library } = shown;
  for (const unit of units) {
    markers.push(pin({ map, library, lat: Number(unit.dataset.lat), lng: Number(unit.dataset.lng), className: "unit", icon: "car", label: unit.dataset.name }));
  }
  if (!data.lat) return;
  const [lat, lng, accuracy] = [Number(data.lat), Number(data.lng), Number(data.accuracy)];
  const around = circle(lat, lng, Math.max(accuracy, 1));
  if (map.getSource("accuracy")) map.getSource("accuracy").setData(around);
  else {
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    map.addSource("accuracy", { type: "geojson", data: around });
    map.addLayer({ id: "accuracy-fill", type: "fill", source: "accuracy", paint: { "fill-color": colour, "fill-opacity": 0.16 } });
    map.addLayer({ id: "accuracy-line", type: "line", source: "accuracy", paint: { "line-color": colour, "line-width": 1.5 } });
  }
  markers.push(pin({ map, library, lat, lng, className: document.querySelector(".incident-head.waits") ? "phase-0" : "", icon: "pin", label: `${lat}, ${lng}` }));
  // Wide enough to show what lies around: our own map has no streets to tell the way by.
  const reach = Math.max(accuracy * 1.6, set.streets ? 1200 : 12_000);
  map.fitBounds(boundsOf(circle(lat, lng, reach).geometry.coordinates[0]), { padding: 24, duration: 0, maxZoom: 16 });
}

function boundsOf(points) {
  const lngs = points.map((p) => p[0]);
  const lats = points.map((p) => p[1]);
  return [
    [Math.min(...lngs), Math.min(...lats)],
    [Math.max(...lngs), Math.max(...lats)],
  ];
}

function showMap() {
  if (shown || holder.dataset.made || !holder.offsetParent) return;
  holder.dataset.made = "1";
  makeMap(holder).then((made) => {
    shown = made;
    drawPlace();
  });
}
showMap();
document.addEventListener("ess:view", showMap);

// The dialog "set place": search, or a press on its map.
document.addEventListener("ess:dialog", async (event) => {
  const { dialog } = event.detail;
  const field = dialog.querySelector("[data-place-search]");
  if (!field || field.dataset.ready) return;
  field.dataset.ready = "1";
  const box = dialog.querySelector("[data-pick-map]");
  const { lat, lng } = box.dataset;
  const made = await makeMap(box, { source: holder, ...(lat ? { center: [Number(lng), Number(lat)], zoom: 11 } : {}) });
  let marker = null;
  const put = (where, accuracy) => {
    dialog.querySelector("[data-lat-field]").value = where.lat.toFixed(6);
    dialog.querySelector("[data-lng-field]").value = where.lng.toFixed(6);
    dialog.querySelector("[data-accuracy-field]").value = Math.round(accuracy);
    if (!made) return;
    marker?.remove();
    marker = pin({ ...made, ...where, icon: "pin", label: field.value });
  };
  placeSearch(field, {
    onTake: ({ lat: y, lng: x, accuracy, words }) => {
      field.value = words;
      put({ lat: y, lng: x }, accuracy);
      made?.map.jumpTo({ center: [x, y], zoom: accuracy > 5000 ? 9 : accuracy > 500 ? 12 : 15 });
    },
  });
  made?.map.on("click", (press) => {
    // A press is as exact as the map was large: about twelve pixels of a finger.
    const metresPerPixel = (156_543 * Math.cos((press.lngLat.lat * Math.PI) / 180)) / 2 ** made.map.getZoom() / 2;
    put(press.lngLat, Math.max(10, metresPerPixel * 12));
  });
});

// ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────
const dialogOf = (action) => set.dialog.replace(/note$/, action);
const offer = (action) => (document.querySelector(`[data-action="${action}"]`) ? openDialog(dialogOf(action)) : toast("—", { seconds: 1 }));
on("a", () => offer("assign"));
on("m", () => offer("merge"));
on("c", toChat);
on(".", () => (document.querySelector("[data-next]") || document.querySelector("[data-to-chat]"))?.click());
if (location.hash === "#assign") offer("assign");
if (location.hash === "#merge") offer("merge");
if (location.hash === "#chat") toChat();
if (location.hash) history.replaceState(null, "", location.pathname);
after();
