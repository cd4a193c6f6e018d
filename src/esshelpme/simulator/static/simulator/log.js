/** The engineers' log of one phone: each call to LINE and each webhook, with bodies. */

import { get } from "./api.js";
import { h, icon } from "./dom.js";
import { clockWithSeconds, t } from "./words.js";

/** Open the log of a person. `changed(people)` on what it returns tells it that there is news. */
export function openLog(desk, person) {
  const list = h("div", { class: "log-list", testid: "log" });
  const remarks = h("div", { class: "log-remarks" });
  const dialog = h(
    "dialog",
    { class: "dialog is-wide", testid: "log-dialog", "aria-label": t("log_title") },
    h("div", { class: "dialog-head" }, h("h2", { text: `${t("log_title")} · ${desk.nameOf(person)}` }), h("button", { type: "button", class: "icon-button", "aria-label": t("close"), testid: "log-close", on: { click: () => dialog.close() } }, icon("close"))),
    remarks,
    list,
  );
  let waiting = false;
  const open = new Set();
  async function draw() {
    waiting = false;
    const { items } = await get(`/people/${person.id}/calls`);
    list.replaceChildren(...(items.length ? items.reverse().map((call) => entry(call, open)) : [h("p", { class: "log-empty", text: t("log_empty") })]));
    const { warnings } = await get("/state");
    remarks.replaceChildren(...(warnings.length ? [h("strong", { text: t("warnings") }), h("ul", {}, warnings.map((text) => h("li", { text })))] : []));
  }
  dialog.addEventListener("close", () => {
    dialog.remove();
    desk.logs = null;
  });
  document.body.append(dialog);
  dialog.showModal();
  draw();
  return {
    changed(people) {
      if (waiting || !people.includes(person.id)) return;
      waiting = true;
      setTimeout(draw, 300);
    },
  };
}

function entry(call, open) {
  const good = call.status >= 200 && call.status < 300;
  const summary = h(
    "summary",
    {},
    h("time", { text: clockWithSeconds(call.at_ms) }),
    h("span", { class: `log-way ${call.outgoing ? "is-out" : "is-in"}`, text: t(call.outgoing ? "log_out" : "log_in") }),
    h("code", { class: "log-path", text: call.outgoing ? `POST ${new URL(call.path).pathname}` : `${call.method} ${call.path}` }),
    h("span", { class: `log-status ${good ? "is-good" : "is-bad"}`, text: call.status ? String(call.status) : t("log_no_answer") }),
    h("span", { class: "log-time", text: `${call.millis.toFixed(call.millis < 10 ? 1 : 0)} ms` }),
  );
  const details = h(
    "details",
    { class: "log-entry", testid: "log-entry", open: open.has(call.number) },
    summary,
    call.remark && h("p", { class: "log-remark", text: call.outgoing ? call.remark : `x-line-retry-key: ${call.remark}` }),
    h("h3", { text: t("log_request") }),
    h("pre", { text: pretty(call.request) }),
    h("h3", { text: `${t("log_answer")} · x-line-request-id ${call.request_id}` }),
    h("pre", { text: pretty(call.answer) }),
  );
  details.addEventListener("toggle", () => open[details.open ? "add" : "delete"](call.number));
  return details;
}

const pretty = (value) => (value === null || value === "" ? "—" : typeof value === "string" ? value : JSON.stringify(value, null, 2));
