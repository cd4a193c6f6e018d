// A report by telephone, by keyboard alone: digit = kind, type and Enter = place, Tab on, Ctrl+Enter = send.

import { forget } from "./drafts.js";
import { placeSearch } from "./place-search.js";

const form = document.getElementById("new-form");
const place = document.getElementById("n-place");
const hidden = (name) => form.querySelector(`input[type="hidden"][name="${name}"]`);
const chosen = document.getElementById("chosen");
const hints = document.getElementById("hints");

function setPlace({ key, lat, lng, words }) {
  hidden("place_key").value = key || "";
  hidden("lat").value = lat;
  hidden("lng").value = lng;
  place.value = words;
  chosen.hidden = false;
  chosen.querySelector("[data-chosen]").textContent = words;
  askHints();
}

placeSearch(place, {
  onTake: (where) => {
    setPlace(where);
    document.getElementById("n-text").focus();
  },
});
place.addEventListener("input", () => {
  // Typing again unchooses: what is sent is what is shown.
  for (const name of ["place_key", "lat", "lng"]) hidden(name).value = "";
  chosen.hidden = true;
});

function setKind(value, { on = true } = {}) {
  const radio = form.querySelector(`input[name="kind"][value="${value}"]`);
  if (!radio) return;
  radio.checked = on;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

form.addEventListener("change", (event) => {
  if (event.target.name === "kind") document.getElementById("topic").hidden = event.target.value !== "OTHER";
  askHints();
});
form.addEventListener("input", (event) => {
  if (["text", "phone"].includes(event.target.name)) askHints(400);
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select');
  const digit = /^Digit([1-7])$/.exec(event.code)?.[1] || /^Numpad([1-7])$/.exec(event.code)?.[1];
  if (!typing && digit) {
    event.preventDefault();
    setKind(form.querySelector(`input[data-key="${digit}"]`).value);
    place.focus();
  }
});

// A question mark of the form: what else is near, what the words say.
let timer = 0;
let asked = 0;
function askHints(wait = 120) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const mine = (asked += 1);
    try {
      const response = await fetch(hints.dataset.hints, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
      if (response.ok && mine === asked) hints.innerHTML = await response.text();
    } catch {
      // hints are a help, not a condition
    }
  }, wait);
}

hints.addEventListener("click", (event) => {
  const join = event.target.closest("[data-join]");
  if (join) {
    hidden("join").value = join.dataset.join;
    form.requestSubmit();
    return;
  }
  const kind = event.target.closest("[data-kind-choice]");
  if (kind) setKind(kind.dataset.kindChoice);
  const where = event.target.closest("[data-place-choice]");
  if (where) setPlace({ key: where.dataset.key, lat: where.dataset.lat, lng: where.dataset.lng, words: where.dataset.words });
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  forget(form);
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => delete form.dataset.sent);
if (hidden("lat").value) chosen.hidden = false;
