// Leave at once: Esc three times within two seconds, or any [data-quick-exit]. The page's history entry is replaced,
// so that "back" does not return here, and what it showed is gone from the screen before the new page loads.

const WITHIN_MS = 2000;
let presses = [];

export function leave() {
  const link = document.querySelector("[data-quick-exit]");
  const target = link?.getAttribute("href") || link?.dataset.quickExit || "https://www.google.com/search?q=weather";
  document.documentElement.hidden = true;
  document.title = " ";
  location.replace(target);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") {
    presses = [];
    return;
  }
  const present = Date.now();
  presses = [...presses.filter((at) => present - at < WITHIN_MS), present];
  if (presses.length >= 3) leave();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-quick-exit]")) return;
  event.preventDefault();
  leave();
});
