// Times that tick: <time data-ago> ("3 minutes ago") and <time data-since> (a running clock against its target).
// The server's clock counts, not the desk's: its time comes with the page in <meta name="server-time">.

const root = document.documentElement;
const language = root.lang === "en" ? "en" : "th";
const relative = new Intl.RelativeTimeFormat(language === "th" ? "th" : "en", { numeric: "auto" });
const served = Number(document.querySelector('meta[name="server-time"]')?.content || 0);
const offset = served ? served - Date.now() : 0;

export function now() {
  return Date.now() + offset;
}

export function ago(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return relative.format(-Math.max(0, seconds), "second");
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return relative.format(-Math.floor(seconds / 3600), "hour");
  return relative.format(-Math.floor(seconds / 86400), "day");
}

export function digits(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  if (whole < 3600) return `${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  const days = Math.floor(whole / 86400);
  return language === "th" ? `${days} วัน` : `${days} d`;
}

export function tick(within = document) {
  const present = now();
  for (const node of within.querySelectorAll("time[data-ago]")) {
    const text = ago(present - Date.parse(node.getAttribute("datetime")));
    if (node.textContent !== text) node.textContent = text;
  }
  for (const node of within.querySelectorAll("[data-since]")) {
    const end = node.dataset.until ? Number(node.dataset.until) * 1000 : present;
    const spent = end / 1000 - Number(node.dataset.since);
    const text = digits(spent);
    if (node.textContent !== text) node.textContent = text;
    const target = Number(node.dataset.target || 0);
    if (target) {
      const late = spent > target;
      const holder = node.closest("[data-late-here]") || node;
      if (holder.classList.contains("late") !== late) holder.classList.toggle("late", late);
      const gauge = holder.querySelector("[data-gauge]");
      if (gauge) gauge.value = Math.min(1, spent / target);
    }
  }
  for (const node of within.querySelectorAll("[data-countdown]")) {
    const left = Number(node.dataset.countdown) - present / 1000;
    const text = left > 0 ? digits(left) : "0:00";
    if (node.textContent !== text) node.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", () => tick());
