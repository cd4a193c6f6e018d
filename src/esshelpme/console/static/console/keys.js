// Single keys, where nothing is being typed. They can be switched off (the help dialog), as WCAG 2.1.4 asks.

const handlers = new Map();
const STORE = "ess-keys-off";

export function on(key, handler) {
  handlers.set(key, handler);
}

export function switchedOff() {
  try {
    return localStorage.getItem(STORE) === "1";
  } catch {
    return false;
  }
}

export function switchOff(off) {
  try {
    if (off) localStorage.setItem(STORE, "1");
    else localStorage.removeItem(STORE);
  } catch {
    // nothing to remember it with
  }
}

export function typing(target) {
  return Boolean(target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]'));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (switchedOff() || typing(event.target) || document.querySelector("dialog[open]")) return;
  // Thai keyboards: the physical key counts where the letter has no handler.
  const handler = handlers.get(event.key) || (/^[฀-๿]$/.test(event.key) && handlers.get(physical(event.code)));
  if (!handler) return;
  event.preventDefault();
  handler(event);
});

function physical(code) {
  if (code.startsWith("Key")) return code.slice(3).toLowerCase();
  return { Slash: "/", Period: "." }[code];
}
