/**
 * Flex messages as LINE's app draws them. Sizes and defaults follow LINE's "Flex Message elements" and
 * "Flex Message layout" pages; every style is set over the CSSOM, so the page needs no inline styles.
 */

import { h } from "./dom.js";

const STEP = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
const TEXT = { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 };
const IMAGE = { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 };
const BUBBLE = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 386 };
const BORDER = { none: "0", light: "0.5px", normal: "1px", medium: "2px", "semi-bold": "3px", bold: "4px" };
const ALIGN = { start: "flex-start", end: "flex-end", center: "center" };
const GRAVITY = { top: "flex-start", bottom: "flex-end", center: "center" };
const LETTERS = { start: "start", end: "end", center: "center" };
const SIDES = { Top: "Top", Bottom: "Bottom", Start: "Left", End: "Right" };

const length = (value, table) => (value === undefined ? undefined : value in table ? `${table[value]}px` : value);

/** The element of a Flex message's contents. `act(action)` is called when something in it is tapped. */
export function renderFlex(contents, act) {
  if (contents.type === "carousel") {
    return h("div", { class: "flex-carousel", tabindex: "0" }, contents.contents.map((bubble) => renderBubble(bubble, act)));
  }
  return renderBubble(contents, act);
}

function renderBubble(bubble, act) {
  const root = h("div", { class: "flex-bubble", dir: bubble.direction ?? "ltr" });
  root.style.width = `${BUBBLE[bubble.size ?? "mega"]}px`;
  for (const name of ["header", "hero", "body", "footer"]) {
    const part = bubble[name];
    if (!part) continue;
    const style = bubble.styles?.[name] ?? {};
    const holder = h("div", { class: `flex-block flex-${name}` });
    if (style.backgroundColor) holder.style.backgroundColor = style.backgroundColor;
    if (style.separator) {
      holder.style.borderTop = `1px solid ${style.separatorColor ?? "#00000022"}`;
    }
    const padded = name === "header" || name === "body" ? 20 : name === "footer" ? 10 : 0;
    holder.append(render(part, act, { layout: "vertical" }, padded));
    root.append(holder);
  }
  if (bubble.action) tappable(root, bubble.action, act);
  return root;
}

function render(item, act, parent, padding = 0) {
  const element = MAKERS[item.type]?.(item, act, padding) ?? h("span");
  place(element, item, parent);
  return element;
}

const MAKERS = {
  box: makeBox,
  text: makeText,
  button: makeButton,
  image: makeImage,
  icon: makeIcon,
  separator: makeSeparator,
  filler: () => h("span", { class: "flex-filler" }),
  video: (item, act) => render(item.altContent, act, { layout: "vertical" }),
};

/** What an item takes from its parent: its share of the row, the gap before it, absolute position. */
function place(element, item, parent) {
  const style = element.style;
  const across = parent.layout === "horizontal" || parent.layout === "baseline";
  let share = item.flex;
  if (share === undefined) share = item.type === "filler" ? 1 : across && item.type !== "icon" && item.type !== "separator" ? 1 : 0;
  if (item.type === "box" && (item.width || (!across && item.height)) && item.flex === undefined) share = 0;
  style.flex = share > 0 ? (across ? `${share} 1 0` : `${share} 0 auto`) : "0 0 auto";
  if (across && share === 0) style.maxWidth ||= "100%";
  const gap = item.margin ?? (parent.first ? undefined : parent.spacing);
  if (gap !== undefined && !(parent.first && item.margin === undefined)) style[across ? "marginLeft" : "marginTop"] = length(gap, STEP);
  if (item.position === "absolute") style.position = "absolute";
  else if (Object.keys(item).some((name) => name.startsWith("offset"))) style.position = "relative";
  for (const [side, edge] of Object.entries(SIDES)) {
    const offset = item[`offset${side}`];
    if (offset !== undefined) style[edge.toLowerCase()] = length(offset, STEP);
  }
  if (item.gravity && item.type !== "text") style.alignSelf = GRAVITY[item.gravity];
  if (item.align && item.type !== "text" && !across) style.alignSelf = ALIGN[item.align];
}

function makeBox(box, act, padding) {
  const element = h("div", { class: `flex-box flex-${box.layout}` });
  const style = element.style;
  if (padding) style.padding = `${padding}px`;
  if (box.paddingAll !== undefined) style.padding = length(box.paddingAll, STEP);
  for (const [side, edge] of Object.entries(SIDES)) {
    const value = box[`padding${side}`];
    if (value !== undefined) style[`padding${edge}`] = length(value, STEP);
  }
  if (box.backgroundColor) style.backgroundColor = box.backgroundColor;
  if (box.background?.type === "linearGradient") {
    const { angle, startColor, centerColor, centerPosition, endColor } = box.background;
    const middle = centerColor ? `, ${centerColor} ${centerPosition ?? "50%"}` : "";
    style.backgroundImage = `linear-gradient(${angle}, ${startColor}${middle}, ${endColor})`;
  }
  if (box.borderWidth || box.borderColor) {
    style.border = `${BORDER[box.borderWidth ?? "normal"] ?? box.borderWidth} solid ${box.borderColor ?? "#00000022"}`;
  }
  if (box.cornerRadius) {
    style.borderRadius = length(box.cornerRadius, STEP);
    style.overflow = "hidden";
  }
  for (const name of ["width", "maxWidth", "height", "maxHeight"]) if (box[name]) style[name] = box[name];
  if (box.justifyContent) style.justifyContent = box.justifyContent;
  if (box.alignItems) style.alignItems = box.alignItems;
  let first = true;
  for (const child of box.contents) {
    element.append(render(child, act, { layout: box.layout, spacing: box.spacing, first }));
    if (child.position !== "absolute") first = false;
  }
  if (box.action) tappable(element, box.action, act);
  return element;
}

function makeText(item, act) {
  const element = h("div", { class: "flex-text" });
  letters(element.style, item);
  if (item.align) element.style.textAlign = LETTERS[item.align];
  if (item.gravity) element.style.alignSelf = GRAVITY[item.gravity];
  if (item.lineSpacing) element.style.lineHeight = `calc(1.4em + ${item.lineSpacing})`;
  if (item.wrap) element.classList.add("wraps");
  if (item.maxLines) {
    element.classList.add("clamped");
    element.style.setProperty("-webkit-line-clamp", String(item.maxLines));
  }
  if (item.contents?.length) {
    for (const span of item.contents) {
      const part = h("span", { text: span.text });
      letters(part.style, span);
      element.append(part);
    }
  } else element.textContent = item.text;
  if (item.action) tappable(element, item.action, act);
  return element;
}

function letters(style, item) {
  if (item.size) style.fontSize = length(item.size, TEXT);
  if (item.color) style.color = item.color;
  if (item.weight) style.fontWeight = item.weight === "bold" ? "700" : "400";
  if (item.style) style.fontStyle = item.style;
  if (item.decoration) style.textDecoration = item.decoration;
}

function makeButton(item, act) {
  const kind = item.style ?? "link";
  const element = h("button", {
    type: "button",
    class: `flex-button is-${kind} is-${item.height ?? "md"}`,
    testid: "flex-button",
    data: { data: item.action.data ?? "", action: item.action.type },
    on: {
      click: (event) => {
        event.stopPropagation();
        act(item.action);
      },
    },
  });
  element.append(h("span", { text: item.action.label }));
  if (item.color) {
    if (kind === "link") element.style.color = item.color;
    else element.style.backgroundColor = item.color;
  }
  return element;
}

function makeImage(item, act) {
  const element = h("div", { class: "flex-image" });
  const [width, height] = (item.aspectRatio ?? "1:1").split(":").map(Number);
  element.style.aspectRatio = `${width} / ${height}`;
  element.style.width = item.size === "full" ? "100%" : length(item.size ?? "md", IMAGE);
  element.style.maxWidth = "100%";
  element.style.alignSelf = ALIGN[item.align ?? "center"];
  if (item.backgroundColor) element.style.backgroundColor = item.backgroundColor;
  const picture = h("img", { src: item.url, alt: "", loading: "lazy" });
  picture.style.objectFit = item.aspectMode === "cover" ? "cover" : "contain";
  element.append(picture);
  if (item.action) tappable(element, item.action, act);
  return element;
}

function makeIcon(item) {
  const element = h("img", { class: "flex-icon", src: item.url, alt: "" });
  const [width, height] = (item.aspectRatio ?? "1:1").split(":").map(Number);
  element.style.height = length(item.size ?? "md", TEXT);
  element.style.aspectRatio = `${width} / ${height}`;
  return element;
}

function makeSeparator(item) {
  const element = h("div", { class: "flex-separator", role: "presentation" });
  if (item.color) element.style.backgroundColor = item.color;
  return element;
}

function tappable(element, action, act) {
  element.classList.add("tappable");
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  if (action.label) element.setAttribute("aria-label", action.label);
  element.dataset.testid = "flex-action";
  element.dataset.data = action.data ?? "";
  const go = (event) => {
    event.stopPropagation();
    act(action);
  };
  element.addEventListener("click", go);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") go(event);
  });
}
