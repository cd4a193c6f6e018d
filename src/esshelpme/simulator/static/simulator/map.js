/** Maps from our own outlines, drawn without any tile server: small pictures, and a map to move by hand. */

const COLOURS = { sea: "#c9dcec", other: "#e6e2d8", land: "#f7f5ef", line: "#b9b3a4", border: "#8d8673" };
const WORLD = 512;
let loading;

/** Provinces and neighbouring countries as [{name_th, name_en, kind, rings, box}]; loaded once. */
export function outlines() {
  loading ??= Promise.all(["borders", "provinces"].map(load)).then((lists) => lists.flat());
  return loading;
}

async function load(name) {
  const response = await fetch(`/sim/outlines/${name}.geojson`).catch(() => null);
  if (!response?.ok) return [];
  const { features } = await response.json();
  return features.filter((feature) => /Polygon$/.test(feature.geometry.type)).map(shapeOf);
}

function shapeOf({ properties, geometry }) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const box = [180, 90, -180, -90];
  let largest = [];
  for (const [ring] of polygons) {
    if (ring.length > largest.length) largest = ring;
    for (const [lng, lat] of ring) {
      box[0] = Math.min(box[0], lng);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lng);
      box[3] = Math.max(box[3], lat);
    }
  }
  return { ...properties, polygons, box, centre: middle(largest) };
}

function middle(ring) {
  const sum = ring.reduce(([x, y], [lng, lat]) => [x + lng, y + lat], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}

/** The province or country at a point, or undefined (at sea). */
export function areaAt(shapes, lng, lat) {
  const inside = shapes.filter(({ box, polygons }) => {
    if (lng < box[0] || lng > box[2] || lat < box[1] || lat > box[3]) return false;
    return polygons.some(([ring]) => inRing(ring, lng, lat));
  });
  return inside.find(({ kind }) => kind === "province") ?? inside[0];
}

function inRing(ring, lng, lat) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x, y] = ring[i];
    const [u, v] = ring[j];
    if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
  }
  return inside;
}

const toX = (lng) => (lng / 360 + 0.5) * WORLD;
const toY = (lat) => (0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)) * WORLD;
const toLng = (x) => (x / WORLD - 0.5) * 360;
const toLat = (y) => (Math.atan(Math.exp((0.5 - y / WORLD) * 2 * Math.PI)) * 360) / Math.PI - 90;

/** Draw the outlines into a canvas, centred at (lng, lat), at a web map's zoom. */
export function draw(canvas, shapes, lng, lat, zoom) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const scale = 2 ** zoom;
  const left = toX(lng) * scale - width / 2;
  const top = toY(lat) * scale - height / 2;
  context.fillStyle = COLOURS.sea;
  context.fillRect(0, 0, width, height);
  context.lineJoin = "round";
  for (const shape of shapes) {
    const [west, south, east, north] = shape.box;
    if (toX(east) * scale < left || toX(west) * scale > left + width) continue;
    if (toY(south) * scale < top || toY(north) * scale > top + height) continue;
    context.beginPath();
    for (const polygon of shape.polygons) {
      for (const ring of polygon) {
        ring.forEach(([x, y], index) => context[index ? "lineTo" : "moveTo"](toX(x) * scale - left, toY(y) * scale - top));
        context.closePath();
      }
    }
    const province = shape.kind === "province";
    context.fillStyle = province ? COLOURS.land : shape.code === "TH" ? COLOURS.land : COLOURS.other;
    context.strokeStyle = province ? COLOURS.line : COLOURS.border;
    context.lineWidth = province ? 1 : 2;
    context.fill("evenodd");
    context.stroke();
  }
  return { left, top, scale };
}

/** A still picture of a place with its pin. */
export async function thumbnail(canvas, lng, lat) {
  const shapes = await outlines();
  draw(canvas, shapes, lng, lat, 8.2);
  const context = canvas.getContext("2d");
  const [x, y] = [canvas.width / 2, canvas.height / 2];
  context.fillStyle = "rgba(0,0,0,.22)";
  context.beginPath();
  context.ellipse(x, y + 2, 14, 5, 0, 0, 7);
  context.fill();
  context.fillStyle = "#d93b3b";
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x - 14, y - 22, x - 24, y - 30, x - 24, y - 44);
  context.arc(x, y - 44, 24, Math.PI, 0);
  context.bezierCurveTo(x + 24, y - 30, x + 14, y - 22, x, y);
  context.fill();
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(x, y - 44, 9, 0, 7);
  context.fill();
}

/** A map to move by pointer, wheel and keys, where the graphics card offers no WebGL. Same few calls as MapLibre's. */
export class CanvasMap {
  constructor({ container, center, zoom }) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "canvas-map";
    container.append(this.canvas);
    [this.lng, this.lat] = center;
    this.zoom = zoom;
    this.listeners = [];
    this.container = container;
    this.listen();
    outlines().then((shapes) => {
      this.shapes = shapes;
      this.paint();
    });
  }

  listen() {
    const { canvas } = this;
    let from;
    canvas.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.shift(from[0] - event.clientX, from[1] - event.clientY);
      from = [event.clientX, event.clientY];
    });
    canvas.addEventListener("pointerup", () => {
      from = undefined;
      this.listeners.forEach((heard) => heard());
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(event.deltaY < 0 ? 0.4 : -0.4);
    }, { passive: false });
  }

  shift(x, y) {
    const scale = 2 ** this.zoom;
    this.lng = toLng(toX(this.lng) + x / scale);
    this.lat = toLat(toY(this.lat) + y / scale);
    this.paint();
  }

  zoomBy(step) {
    this.zoom = Math.min(14, Math.max(4, this.zoom + step));
    this.paint();
  }

  paint() {
    if (!this.shapes) return;
    this.canvas.width = this.container.clientWidth;
    this.canvas.height = this.container.clientHeight;
    draw(this.canvas, this.shapes, this.lng, this.lat, this.zoom);
  }

  centre() {
    return [this.lng, this.lat];
  }

  goTo(lng, lat, zoom) {
    [this.lng, this.lat, this.zoom] = [lng, lat, zoom];
    this.paint();
    this.listeners.forEach((heard) => heard());
  }

  onMoved(heard) {
    this.listeners.push(heard);
  }

  remove() {
    this.canvas.remove();
  }
}
