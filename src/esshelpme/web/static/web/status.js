// The status page with JavaScript: it changes by itself, writes without leaving, sends the phone's position.
// Nothing makes a sound and nothing notifies: somebody else may hold the phone.
const now = document.getElementById("now");
const address = now.dataset.act;
const POLL_MS = 5000;
const POLL_SLOW_MS = 30000;
const LIVE_EVERY_MS = 10000;
let tag = "";
let failures = 0;
let timer = 0;
let watch = 0;
let queued = null;
let lastFix = 0;

function upgrade() {
  for (const element of now.querySelectorAll("[data-js]")) element.hidden = false;
  for (const element of now.querySelectorAll("[data-nojs]")) element.hidden = true;
  const live = now.querySelector("[data-live]");
  if (!live || !watch) return;
  live.checked = true; // what is being shared stays in sight, and can be stopped at once
  for (let around = live.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
}

// A swap keeps what is being typed, what is unfolded, and where the finger is.
function swap(html) {
  const typed = new Map();
  for (const field of now.querySelectorAll("[data-keep] textarea, [data-keep] input:not([type=hidden])")) {
    if (field.value && field.type !== "file") typed.set(field.id, field.value);
  }
  if (now.querySelector("input[type=file]")?.files.length) return false; // a chosen picture waits to be sent
  const open = [...now.querySelectorAll("details[data-keep][open]")].map((one) => one.dataset.keep);
  const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
  const caret = focused && "selectionStart" in document.activeElement ? document.activeElement.selectionStart : null;
  now.innerHTML = html;
  upgrade();
  for (const key of open) now.querySelector(`details[data-keep="${key}"]`)?.setAttribute("open", "");
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  const target = focused && document.getElementById(focused);
  if (target) {
    target.focus({ preventScroll: true });
    if (caret !== null) target.setSelectionRange?.(caret, caret);
  }
  return true;
}

async function poll() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") {
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(now.dataset.now, { headers, cache: "no-store" });
      if (answer.status === 404) {
        window.location.reload();
        return;
      }
      if (answer.ok && swap(await answer.text())) tag = answer.headers.get("ETag") || "";
      failures = 0;
      if (queued) void sendFix();
    } catch {
      failures += 1;
    }
  }
  timer = setTimeout(poll, failures > 2 ? POLL_SLOW_MS : POLL_MS);
}

async function post(body) {
  const answer = await fetch(address, { method: "POST", body, headers: { "X-Part": "now" } });
  if (answer.ok) {
    swap(await answer.text());
    tag = answer.headers.get("ETag") || "";
  }
  return answer;
}

now.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-post]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const body = new FormData(form, event.submitter);
  const field = form.querySelector("textarea, input[name=text]");
  const before = field?.value ?? "";
  if (field) field.value = "";
  const file = form.querySelector("input[type=file]");
  if (file) file.value = "";
  try {
    const answer = await post(body);
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    delete form.dataset.busy;
    const again = field && document.getElementById(field.id);
    if (again && !again.value) again.value = before; // nothing typed is lost: send once more
    failures += 1;
  }
});

// One position, or one after another while the page is in front.
function fixBody(position) {
  const body = new FormData();
  body.append("a", "place");
  body.append("lat", position.coords.latitude.toFixed(7));
  body.append("lng", position.coords.longitude.toFixed(7));
  body.append("acc", String(Math.round(position.coords.accuracy)));
  return body;
}

function say(text) {
  const place = now.querySelector("[data-gps-said]");
  if (place) place.textContent = text;
}

async function sendFix() {
  const fix = queued;
  if (!fix) return;
  try {
    const answer = await post(fixBody(fix));
    if (!answer.ok) return;
    if (queued === fix) queued = null;
    const live = now.querySelector("[data-live]");
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    if (live) say(live.dataset.sent.replace("@", time).replace("#", String(Math.round(fix.coords.accuracy))));
  } catch {
    const live = now.querySelector("[data-live]");
    if (live) say(live.dataset.queued);
  }
}

now.addEventListener("click", (event) => {
  if (event.target.closest("[data-refresh]")) {
    event.preventDefault();
    void poll();
  }
  if (!event.target.closest("[data-gps-send]")) return;
  const said = now.querySelector("[data-gps-said]");
  say(said.dataset.wait);
  navigator.geolocation.getCurrentPosition(
    (position) => {
      queued = position;
      void sendFix();
    },
    () => say(said.dataset.failed),
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 5000 },
  );
});

now.addEventListener("change", (event) => {
  if (!event.target.matches("[data-live]")) return;
  if (watch) navigator.geolocation.clearWatch(watch);
  watch = 0;
  if (!event.target.checked) return;
  const said = now.querySelector("[data-gps-said]");
  watch = navigator.geolocation.watchPosition(
    (position) => {
      queued = position;
      if (Date.now() - lastFix < LIVE_EVERY_MS) return;
      lastFix = Date.now();
      void sendFix();
    },
    () => say(said.dataset.failed),
    { enableHighAccuracy: true, maximumAge: 5000 },
  );
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void poll();
});
window.addEventListener("online", () => void poll());

upgrade();
timer = setTimeout(poll, POLL_MS);
