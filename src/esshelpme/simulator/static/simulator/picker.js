/** LINE's location picker: the pin stays in the middle, the map moves under it. */

import { h, icon, iconButton } from "./dom.js";
import { CanvasMap, areaAt, outlines } from "./map.js";
import { lang, pick, t } from "./words.js";

const LIBRARY = "/sim/assets/maplibre/maplibre-gl.mjs";
const WORKER = "/sim/assets/maplibre/maplibre-gl-worker.mjs";

/** Until the map has come: a place without a picture, which can already be sent. */
function waitingMap(start) {
  let at = start;
  return { centre: () => at, goTo: (lng, lat) => { at = [lng, lat]; }, zoomBy() {}, remove() {} };
}

/** Open the picker over a phone's screen; `chosen({lat, lng, address})` when a place is sent. */
export async function pickLocation(screen, presets, start, chosen) {
  let map = waitingMap(start);
  let shapes = [];
  let closed = false;
  const here = () => {
    const [lng, lat] = map.centre();
    return { lng: round(lng), lat: round(lat), address: addressOf(areaAt(shapes, lng, lat)) };
  };
  const close = () => {
    closed = true;
    map.remove();
    overlay.remove();
  };
  const tell = () => {
    const { lng, lat, address } = here();
    words.replaceChildren(h("strong", { text: address || (shapes.length ? t("at_sea") : "") }), h("span", { text: `${lat}, ${lng}` }));
  };
  const go = (preset) => {
    map.goTo(preset.lng, preset.lat, 9.5);
    tell();
  };
  const send = () => {
    const place = here();
    close();
    chosen(place);
  };
  const holder = h("div", { class: "picker-map", role: "application", "aria-label": t("map_of"), tabindex: "0", on: { keydown: (event) => steer(map, event) } });
  const words = h("div", { class: "picker-words", "aria-live": "polite" });
  const zoom = h("div", { class: "picker-zoom" }, iconButton("plus", t("zoom_in"), "zoom-in", () => map.zoomBy(1)), iconButton("minus", t("zoom_out"), "zoom-out", () => map.zoomBy(-1)));
  const overlay = h(
    "div",
    { class: "overlay picker", testid: "location-picker", role: "dialog", "aria-label": t("pick_location"), on: { keydown: (event) => event.key === "Escape" && close() } },
    h("div", { class: "overlay-head" }, iconButton("back", t("close"), "location-close", close), h("strong", { text: t("pick_location") })),
    h("div", { class: "picker-presets" }, presets.map((preset) => h("button", { type: "button", class: "chip", testid: "location-preset", text: pick(preset.label), on: { click: () => go(preset) } }))),
    h("div", { class: "picker-frame" }, holder, h("div", { class: "picker-pin", "aria-hidden": "true" }, icon("pin")), zoom),
    words,
    h("button", { type: "button", class: "picker-send", testid: "location-send", text: t("send_location"), on: { click: send } }),
  );
  screen.append(overlay);
  overlay.querySelector(".picker-send").focus();
  shapes = await outlines();
  tell();
  const loaded = await makeMap(holder, map.centre(), shapes);
  if (closed) return loaded.remove();
  map = loaded;
  map.onMoved(tell);
  return tell();
}

const round = (value) => Math.round(value * 1e5) / 1e5;

function addressOf(area) {
  if (!area) return "";
  const name = lang() === "th" ? area.name_th : area.name_en;
  if (area.kind !== "province") return name;
  if (lang() !== "th") return `${name}, Thailand`;
  return area.code === "10" ? name : `จังหวัด${name}`;
}

function steer(map, event) {
  const steps = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
  if (event.key in steps && map.shift) map.shift(...steps[event.key]);
  else if (event.key === "+" || event.key === "-") map.zoomBy(event.key === "+" ? 1 : -1);
}

async function makeMap(container, start, shapes) {
  const options = { container, center: start, zoom: 8.5 };
  if (!document.createElement("canvas").getContext("webgl2")) return new CanvasMap(options);
  try {
    return await glMap(options, shapes);
  } catch {
    container.replaceChildren();
    return new CanvasMap(options);
  }
}

async function glMap(options, shapes) {
  const library = await import(LIBRARY);
  library.setWorkerUrl(WORKER);
  const map = new library.Map({ ...options, style: styleOf(shapes), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 15, minZoom: 4 });
  const labels = shapes.filter((shape) => shape.kind === "province");
  for (const shape of labels) {
    const element = h("div", { class: "map-label", text: lang() === "th" ? shape.name_th : shape.name_en });
    new library.Marker({ element }).setLngLat(shape.centre).addTo(map);
  }
  return {
    centre: () => map.getCenter().toArray(),
    goTo: (lng, lat, zoom) => map.jumpTo({ center: [lng, lat], zoom }),
    zoomBy: (step) => map.zoomTo(map.getZoom() + step),
    onMoved: (heard) => map.on("moveend", heard),
    remove: () => map.remove(),
  };
}

function styleOf(shapes) {
  const collection = (chosen) => ({
    type: "geojson",
    data: {
      type: "FeatureCollection",
      features: chosen.map((shape) => ({
        type: "Feature",
        properties: { land: shape.kind === "province" || shape.code === "TH" },
        geometry: { type: "MultiPolygon", coordinates: shape.polygons },
      })),
    },
  });
  return {
    version: 8,
    sources: {
      countries: collection(shapes.filter((shape) => shape.kind === "country")),
      provinces: collection(shapes.filter((shape) => shape.kind === "province")),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": "#c9dcec" } },
      { id: "countries", type: "fill", source: "countries", paint: { "fill-color": ["case", ["get", "land"], "#f7f5ef", "#e6e2d8"] } },
      { id: "provinces", type: "fill", source: "provinces", paint: { "fill-color": "#f7f5ef" } },
      { id: "province-lines", type: "line", source: "provinces", paint: { "line-color": "#b9b3a4", "line-width": 1 } },
      { id: "border", type: "line", source: "countries", paint: { "line-color": "#8d8673", "line-width": 2 } },
    ],
  };
}
