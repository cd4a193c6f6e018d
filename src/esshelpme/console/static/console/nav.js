// The navigation: its keys, and a count that stays true while a page stays open.

import { toast } from "../site/toast.js";
import { on } from "./keys.js";

const EVERY_MS = 15_000;

for (const link of document.querySelectorAll(".bar a[data-key]")) on(link.dataset.key, () => link.click());

async function refresh(link) {
  if (document.hidden) return;
  try {
    const response = await fetch(link.dataset.countFrom, { headers: { "HX-Request": "true" } });
    if (!response.ok) return; // signed out, or the server is away: the page itself says so
    const { count } = await response.json();
    const badge = link.querySelector(".badge");
    if (parseInt(count || "0", 10) > parseInt(badge.textContent || "0", 10)) toast(link.dataset.countNew);
    badge.textContent = count;
    badge.hidden = !count;
  } catch {
    // as above
  }
}

for (const link of document.querySelectorAll("[data-count-from]")) setInterval(() => refresh(link), EVERY_MS);
