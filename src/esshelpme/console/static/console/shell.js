// What every console page has: dialogs loaded on demand, menus, drafts, keys, and honest words when the server is away.

import { toast } from "../site/toast.js";
import { forget, restore } from "./drafts.js";
import { on, switchOff, switchedOff } from "./keys.js";

const dialog = document.getElementById("dialog");
const help = document.getElementById("help");

export async function openDialog(url) {
  try {
    const seen = document.getElementById("head")?.dataset.seen;
    const address = new URL(url, location.href);
    if (seen) address.searchParams.set("seen", seen);
    const response = await fetch(address, { headers: { "HX-Request": "true" } });
    if (response.status === 401) return signedOut(response);
    if (!response.ok) throw new Error(String(response.status));
    dialog.innerHTML = await response.text();
    window.htmx.process(dialog);
    restore(dialog);
    if (!dialog.open) dialog.showModal();
    dialog.classList.toggle("wide", Boolean(dialog.querySelector(".script, .unit-list, .pick-map")));
    dialog.querySelector("[autofocus], .body input:not([type=hidden]), .body textarea, .body select, footer .primary")?.focus();
    document.dispatchEvent(new CustomEvent("ess:dialog", { detail: { dialog } }));
  } catch {
    toast(dialog.dataset.noAnswer, { problem: true });
  }
}

function signedOut(response) {
  // Everything typed is kept as a draft; after signing in one is back here.
  toast(dialog.dataset.signedOut, { problem: true, seconds: 8 });
  const target = response?.headers?.get("HX-Redirect");
  if (target) setTimeout(() => location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`), 1500);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && opener.tagName !== "MAIN") {
    event.preventDefault();
    closeMenus();
    openDialog(opener.dataset.dialog);
    return;
  }
  if (event.target.closest("[data-close]")) {
    event.target.closest("dialog")?.close();
    return;
  }
  if (event.target.closest("[data-open-help]")) {
    closeMenus();
    help.showModal();
    return;
  }
  const fill = event.target.closest("[data-fill]");
  if (fill) {
    const field = document.querySelector(fill.dataset.fill);
    if (field) field.value = fill.dataset.value;
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy).then(
      () => toast(`${document.getElementById("main")?.dataset.copied || "✓"} ${copy.dataset.copy}`, { seconds: 2 }),
      () => {},
    );
    return;
  }
  if (event.target === dialog || event.target === help) event.target.close(); // the backdrop
  if (!event.target.closest("[data-menu]")) closeMenus();
  const view = event.target.closest("[data-view-choice]");
  if (view) chooseView(view.dataset.viewChoice);
});

export function chooseView(name) {
  const main = document.getElementById("main");
  main.dataset.view = name;
  for (const tab of document.querySelectorAll("[data-view-choice]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.viewChoice === name));
  }
  document.dispatchEvent(new CustomEvent("ess:view", { detail: name }));
}

function closeMenus() {
  for (const menu of document.querySelectorAll("[data-menu][open]")) menu.open = false;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
});

// A dialog that is closed by Esc keeps its drafts; one that was sent loses them.
document.addEventListener("ess:done", (event) => {
  const { text, action } = event.detail;
  const sent = dialog.open ? dialog.querySelector("form") : null;
  if (sent) forget(sent);
  for (const form of document.querySelectorAll("[data-inline-form]")) {
    if (!form.getAttribute("hx-post").endsWith(`/${action}`)) continue;
    forget(form);
    form.reset();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (dialog.open) dialog.close();
  if (text) toast(text);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  // An inline form (chat, note) that failed shows its reason in the dialog.
  if (event.detail.target === dialog && !dialog.open && event.detail.xhr.status >= 400) {
    queueMicrotask(() => dialog.showModal());
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  restore(dialog);
  document.dispatchEvent(new CustomEvent("ess:dialog", { detail: { dialog } }));
  dialog.querySelector('[role="alert"]')?.scrollIntoView({ block: "nearest" });
});
document.addEventListener("htmx:sendError", () => toast(dialog.dataset.noAnswer, { problem: true, seconds: 8 }));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) return toast(dialog.dataset.signedOut, { problem: true, seconds: 8 });
  if (status !== 403 || event.detail.target !== dialog) toast(dialog.dataset.noAnswer, { problem: true, seconds: 8 });
});

const keysBox = document.getElementById("keys-on");
if (keysBox) {
  keysBox.checked = !switchedOff();
  keysBox.addEventListener("change", () => switchOff(!keysBox.checked));
}
on("?", () => help.showModal());
on("n", () => location.assign(document.body.dataset.new));
on("b", () => location.assign(document.body.dataset.board));
on("/", () => {
  const search = document.querySelector("[data-search]");
  if (search) search.focus();
  else location.assign(`${document.body.dataset.board}#search`);
});
if (location.hash === "#search") document.querySelector("[data-search]")?.focus();

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submit]")) event.target.form.requestSubmit();
});
for (const form of document.querySelectorAll("#filters")) {
  // Empty filters stay out of the address.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData.entries()]) if (!value) event.formData.delete(name);
  });
}
