/** The console between the phones: live inside a laptop where its pages allow it, else a way there. */

import { h, icon } from "./dom.js";
import { t } from "./words.js";

const PAGE_WIDTH = 1180;

/** The laptop. */
export function laptop() {
  const lid = h("div", { class: "laptop-screen" }, wayThere());
  showConsole(lid);
  return h(
    "div",
    { class: "laptop" },
    h("div", { class: "laptop-lid" }, lid),
    h("div", { class: "laptop-base" }, h("a", { class: "laptop-link", href: "/console/", target: "_blank", rel: "noopener", testid: "console-open" }, h("span", { text: t("open_console") }), icon("out"))),
  );
}

function wayThere() {
  return h("a", { class: "laptop-idle", href: "/console/", target: "_blank", rel: "noopener" }, icon("bolt"), h("strong", { text: t("console") }), h("span", { text: t("console_hint") }));
}

async function showConsole(lid) {
  const answer = await fetch("/console/", { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const forbidden = /deny/i.test(answer.headers.get("x-frame-options") ?? "") || /frame-ancestors 'none'/i.test(answer.headers.get("content-security-policy") ?? "");
  if (forbidden) return;
  const frame = h("iframe", { class: "laptop-frame", src: "/console/", title: t("console"), testid: "console-frame" });
  lid.replaceChildren(frame);
  new ResizeObserver(() => {
    const scale = lid.clientWidth / PAGE_WIDTH;
    Object.assign(frame.style, { width: `${PAGE_WIDTH}px`, height: `${lid.clientHeight / scale}px`, transform: `scale(${scale})` });
  }).observe(lid);
}
