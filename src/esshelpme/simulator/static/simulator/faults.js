/** Switches that make LINE fail. */

import { post } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

const CALLS = ["rate_429", "monthly_429", "error_500", "down", "drop_after_accept"];
const SLOW = [0, 300, 1000, 5000, 12000];
const COPIES = [0, 1, 3, 9];
const WEBHOOKS = ["webhook_out_of_order", "webhook_redelivery", "redeliver_on_failure"];
const WELL = { rate_429: false, monthly_429: false, error_500: false, down: false, drop_after_accept: false, slow_ms: 0, webhook_duplicates: 0, webhook_out_of_order: false, webhook_redelivery: false, redeliver_on_failure: true };

/** Is anything switched on that makes LINE worse than it should be? */
export function faultsAreOn(faults) {
  return Object.entries(WELL).some(([name, well]) => Boolean(faults[name]) !== Boolean(well));
}

/** Open the switches. */
export function openFaults(desk) {
  const body = h("div", { class: "faults" });
  const dialog = h(
    "dialog",
    { class: "dialog", testid: "faults", "aria-label": t("faults") },
    h("div", { class: "dialog-head" }, h("h2", { text: t("faults") }), h("button", { type: "button", class: "icon-button", "aria-label": t("close"), testid: "faults-close", on: { click: () => dialog.close() } }, icon("close"))),
    h("p", { class: "dialog-intro", text: t("faults_intro") }),
    body,
  );
  async function set(change) {
    desk.state.faults = await post("/faults", change);
    desk.drawFaults();
    draw();
  }
  function draw() {
    const { faults } = desk.state;
    body.replaceChildren(
      h("h3", { text: t("faults_calls") }),
      ...CALLS.map((name) => toggle(name, Boolean(faults[name]), set)),
      choose("slow_ms", SLOW, faults.slow_ms, (value) => (value ? t("milliseconds", { n: value / 1000 }) : t("off")), set),
      h("h3", { text: t("faults_webhooks") }),
      choose("webhook_duplicates", COPIES, faults.webhook_duplicates, (value) => (value ? t("copies", { n: value }) : t("off")), set),
      ...WEBHOOKS.map((name) => toggle(name, Boolean(faults[name]), set)),
      h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "main", testid: "faults-clear", text: t("all_well"), on: { click: () => set(WELL) } })),
    );
  }
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

function toggle(name, on, set) {
  return h("label", { class: "switch" }, h("span", { text: t(`fault_${name}`) }), h("input", { type: "checkbox", role: "switch", testid: `fault-${name}`, checked: on, on: { change: (event) => set({ [name]: event.target.checked }) } }));
}

function choose(name, values, current, words, set) {
  const shown = values.includes(current) ? values : [...values, current];
  return h("label", { class: "switch" }, h("span", { text: t(`fault_${name}`) }), h("select", { testid: `fault-${name}`, on: { change: (event) => set({ [name]: Number(event.target.value) }) } }, shown.map((value) => h("option", { value: String(value), selected: value === current, text: words(value) }))));
}
