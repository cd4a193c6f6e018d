// Nothing typed is lost: every [data-draft] field is kept in this browser, by account and incident, until it is sent.

const KEEP_MS = 24 * 3600 * 1000;
const officer = document.body.dataset.officer || "";

function key(field) {
  const incident =
    field.closest("[data-incident]")?.dataset.incident || document.querySelector("[data-ref]#main")?.dataset.ref || "";
  return `ess-draft:${officer}:${incident}:${field.dataset.draft}`;
}

export function restore(within = document) {
  for (const field of within.querySelectorAll("[data-draft]")) {
    if (field.value) continue;
    try {
      const kept = JSON.parse(localStorage.getItem(key(field)) || "null");
      if (kept && Date.now() - kept.at < KEEP_MS) {
        field.value = kept.text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } catch {
      // storage switched off: drafts are a comfort, not a condition
    }
  }
}

export function forget(form) {
  for (const field of form.querySelectorAll("[data-draft]")) {
    try {
      localStorage.removeItem(key(field));
    } catch {
      return;
    }
  }
}

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-draft]");
  if (!field) return;
  try {
    if (field.value) localStorage.setItem(key(field), JSON.stringify({ at: Date.now(), text: field.value }));
    else localStorage.removeItem(key(field));
  } catch {
    // full or switched off
  }
});

try {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith("ess-draft:")) continue;
    const kept = JSON.parse(localStorage.getItem(name) || "null");
    if (!kept || Date.now() - kept.at > KEEP_MS || name.split(":")[1] !== officer) localStorage.removeItem(name);
  }
} catch {
  // as above
}
restore();
