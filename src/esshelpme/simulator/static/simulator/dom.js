/** Making elements without markup in strings: text stays text, whatever people write. */

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("button", {class, text, testid, on: {click}, css: {color}, ...attributes}, ...children)`. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "testid") element.dataset.testid = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "css") Object.assign(element.style, value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21",
  more: "M4 6h16M4 12h16M4 18h16",
  plus: "M12 4v16M4 12h16",
  minus: "M4 12h16",
  send: "M4 12l16-8-6 17-3-7-7-2z",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7 14h10",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  pin: "M12 21c5-6 7-9 7-12a7 7 0 0 0-14 0c0 3 2 6 7 12zM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c2 2.4 5 2.4 7 0M9 9.5h.01M15 9.5h.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  mute: "M6 16V11a6 6 0 0 1 9-5.2M18 11v5l2 2H8M10 21h4M4 3l17 18",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  close: "M5 5l14 14M19 5L5 19",
  out: "M10 5H5v14h14v-5M13 4h7v7M20 4l-9 9",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  play: "M7 4l13 8-13 8z",
  stop: "M6 6h12v12H6z",
  bolt: "M13 2L5 14h6l-1 8 9-13h-6z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-7 8-7s7 2 8 7",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM6 6l12 12",
  shield: "M12 3l8 3v6c0 5-3 8-8 9-5-1-8-4-8-9V6z",
  house: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  hush: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 15h8M9 9.5h.01M15 9.5h.01",
  child: "M12 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 8v7M12 15l-4 6M12 15l4 6M6 11h12",
  border: "M12 3v4M12 10v4M12 17v4M4 7l4 5-4 5M20 7l-4 5 4 5",
  two: "M8 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20c.5-4 3-6 6-6s5.5 2 6 6M16 11a3 3 0 1 0-1-5.8M17 14c2.5.3 4.5 2 5 6",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  laptop: "M5 5h14v10H5zM2 19h20",
  phone: "M7 3h10v18H7zM11 18h2",
};

/** A line icon by its name; decorative unless given a label. */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.phone);
  svg.append(path);
  return svg;
}

/** A button with an icon; `label` is what a screen reader says. */
export function iconButton(name, label, testid, click, extra = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, testid, on: { click }, ...extra }, icon(name));
}
