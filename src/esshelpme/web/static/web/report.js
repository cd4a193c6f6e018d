// The report form with JavaScript: the phone's position, place suggestions, sending that survives a lost signal.
// Without it the form works as it is.
import { forget } from "./exit.js";

const form = document.querySelector("[data-report]");
const words = form.dataset;
const fields = form.elements;
const DRAFT = "note";
const RETRY_MS = [2000, 4000, 8000, 15000];
const TYPE_PAUSE_MS = 350;
const FIELDS_KEPT = ["kind", "text", "place", "pick", "phone", "call", "speaks", "witness", "lat", "lng", "acc", "key"];

for (const element of document.querySelectorAll("[data-js]")) element.hidden = false;

// Position.
const gps = form.querySelector("[data-gps]");
const gpsStatus = form.querySelector("[data-gps-status]");
const gpsDrop = form.querySelector("[data-gps-drop]");

function showPosition() {
  const known = fields.lat.value !== "";
  gpsDrop.hidden = !known;
  if (!known) return;
  const metres = Number(fields.acc.value || 0);
  gpsStatus.textContent =
    metres > 1000
      ? words.gpsWide.replace("#", String(Math.round(metres / 1000)))
      : words.gpsDone.replace("#", String(Math.max(1, Math.round(metres))));
}

let watch = 0;
function stopWatching() {
  if (watch) navigator.geolocation.clearWatch(watch);
  watch = 0;
}

function found(position) {
  const { latitude, longitude, accuracy } = position.coords;
  if (fields.acc.value && accuracy > Number(fields.acc.value)) return;
  fields.lat.value = latitude.toFixed(7);
  fields.lng.value = longitude.toFixed(7);
  fields.acc.value = String(Math.round(accuracy));
  showPosition();
  keepDraft();
  if (accuracy <= 30) stopWatching();
}

function notFound(error) {
  if (fields.lat.value) return;
  stopWatching();
  gpsStatus.textContent = error.code === error.PERMISSION_DENIED ? words.gpsRefused : words.gpsFailed;
}

gps.addEventListener("click", () => {
  if (!navigator.geolocation) {
    gpsStatus.textContent = words.gpsFailed;
    return;
  }
  gpsStatus.textContent = words.gpsWait;
  stopWatching();
  const options = { enableHighAccuracy: true, timeout: 20000, maximumAge: 15000 };
  watch = navigator.geolocation.watchPosition(found, notFound, options);
});

gpsDrop.addEventListener("click", () => {
  stopWatching();
  fields.lat.value = fields.lng.value = fields.acc.value = "";
  gpsStatus.textContent = "";
  gpsDrop.hidden = true;
  keepDraft();
});

// Places by name.
const place = form.querySelector("[data-place]");
const placeStatus = form.querySelector("[data-place-status]");
const choices = form.querySelector("[data-place-choices]");
let typing = 0;

place.addEventListener("input", () => {
  fields.pick.value = "";
  clearTimeout(typing);
  typing = setTimeout(suggest, TYPE_PAUSE_MS);
});

async function suggest() {
  const typed = place.value;
  if (typed.trim().length < 2) {
    showChoices([]);
    return;
  }
  const body = new FormData();
  body.append("q", typed);
  body.append("lang", fields.lang.value);
  try {
    const answer = await fetch(words.places, { method: "POST", body });
    if (answer.ok && typed === place.value) showChoices((await answer.json()).items);
  } catch {
    showChoices([]); // without signal the typed words go as they are
  }
}

function showChoices(items) {
  choices.replaceChildren(
    ...items.map((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = item.words;
      button.addEventListener("click", () => {
        if (!place.value.includes(item.words)) place.value = item.words;
        fields.pick.value = item.code;
        showChoices([]);
        place.focus();
        keepDraft();
      });
      const row = document.createElement("li");
      row.append(button);
      return row;
    }),
  );
  choices.hidden = items.length === 0;
  choices.scrollIntoView({ block: "nearest" });
  placeStatus.textContent = items.length ? words.found.replace("#", String(items.length)) : "";
}

// What is typed survives a reload of this tab, and nothing else.
function keepDraft() {
  const kept = {};
  for (const [name, value] of new FormData(form)) if (FIELDS_KEPT.includes(name) && value) kept[name] = value;
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify(kept));
  } catch {
    // Forbidden or full: typing goes on.
  }
}

function takeDraft() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  } catch {
    return;
  }
  if (!kept || document.getElementById("problem")) return;
  for (const [name, value] of Object.entries(kept)) {
    const field = fields[name];
    if (!field) continue;
    if (field instanceof RadioNodeList) {
      for (const one of field) one.checked = one.value === value;
    } else if (field.type === "checkbox") field.checked = true;
    else if (!field.value || name === "key") field.value = value;
  }
  if (kept.phone || kept.speaks || kept.witness) form.querySelector("details").open = true;
  showPosition();
}

form.addEventListener("input", keepDraft);
form.addEventListener("change", keepDraft);

// Sending: the same key each time, so that a second try is never a second report.
const send = form.querySelector("[data-send]");
const sendStatus = form.querySelector("[data-send-status]");
let underWay = false;
let tries = 0;
let waiting = 0;

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.name) return; // "send now, say nothing" and the language go by themselves
  event.preventDefault();
  if (!underWay) void attempt();
});

async function attempt() {
  clearTimeout(waiting);
  underWay = true;
  send.setAttribute("aria-disabled", "true");
  sendStatus.textContent = words.sending;
  let answer;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
  } catch {
    again(navigator.onLine ? words.retry : words.offline);
    return;
  }
  if (answer.status >= 500) {
    again(words.retry);
    return;
  }
  if (!answer.ok) {
    form.submit(); // the page comes back with what is wrong, and with everything typed
    return;
  }
  const { next } = await answer.json();
  stopWatching();
  forget();
  window.location.replace(next);
}

function again(why) {
  sendStatus.textContent = why;
  const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
  tries += 1;
  waiting = setTimeout(attempt, pause);
}

window.addEventListener("online", () => {
  if (underWay) void attempt();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    underWay = false;
    send.removeAttribute("aria-disabled");
    sendStatus.textContent = "";
  }
});

takeDraft();
