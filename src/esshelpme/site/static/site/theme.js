// Light, dark or as the device: a cookie, so that the server draws the first paint right.

const THEMES = ["auto", "light", "dark"];

export function current() {
  return document.documentElement.dataset.theme || "auto";
}

export function choose(theme) {
  if (!THEMES.includes(theme)) return;
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `ess_theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  document.dispatchEvent(new CustomEvent("ess:theme"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  event.preventDefault();
  choose(button.dataset.themeChoice);
  for (const other of document.querySelectorAll("[data-theme-choice]")) {
    other.setAttribute("aria-pressed", String(other.dataset.themeChoice === current()));
  }
});
