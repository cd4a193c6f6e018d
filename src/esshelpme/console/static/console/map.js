// The map: our own outlines and labels, no tile server; a configured style (streets) takes their place when there is one.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COUNTRY = [
  [97.2, 5.4],
  [105.8, 20.6],
];

function style() {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "sea", type: "background", paint: { "background-color": token("--map-sea") } }],
  };
}

function paint(map) {
  const colours = {
    sea: ["background-color", "--map-sea"],
    "countries-fill": ["fill-color", "--sunken"],
    "provinces-fill": ["fill-color", "--map-land"],
    "provinces-line": ["line-color", "--map-line"],
    "countries-line": ["line-color", "--map-border"],
    "accuracy-fill": ["fill-color", "--accent"],
    "accuracy-line": ["line-color", "--accent"],
  };
  for (const [layer, [property, name]] of Object.entries(colours)) {
    if (map.getLayer(layer)) map.setPaintProperty(layer, property, token(name));
  }
}

// A circle of `metres` around a point, as a GeoJSON polygon.
export function circle(lat, lng, metres) {
  const points = [];
  const dLat = metres / 111_320;
  const dLng = dLat / Math.max(0.1, Math.cos((lat * Math.PI) / 180));
  for (let i = 0; i <= 64; i += 1) {
    const a = (i / 64) * 2 * Math.PI;
    points.push([lng + dLng * Math.cos(a), lat + dLat * Math.sin(a)]);
  }
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [points] } };
}

export async function makeMap(holder, { source = holder, center, zoom, interactive = true } = {}) {
  const set = source.dataset;
  let library;
  try {
    library = await import(set.library);
    if (set.worker) library.setWorkerUrl(new URL(set.worker, location.href).href);
    const map = new library.Map({
      container: holder,
      style: set.style || style(),
      attributionControl: false,
      interactive,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 19,
      ...(center ? { center, zoom } : { bounds: COUNTRY, fitBoundsOptions: { padding: 8 } }),
    });
    map.touchZoomRotate?.disableRotation();
    map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new library.ScaleControl({ maxWidth: 90 }), "bottom-left");
    map.addControl(new library.AttributionControl({ compact: false, customAttribution: "© Natural Earth / GeoNames" }));
    await new Promise((resolve, reject) => {
      map.once("load", resolve);
      map.once("error", (event) => reject(event.error));
    });
    if (!set.style) await addOutlines(map, set);
    await addLabels(map, library, set, holder);
    document.addEventListener("ess:theme", () => paint(map));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(map));
    holder.map = map;
    return { map, library };
  } catch (error) {
    console.warn("map", error);
    // No WebGL, or the files are missing: the words and coordinates beside the map are enough to work.
    holder.innerHTML = "";
    const note = document.createElement("p");
    note.className = "map-fallback small";
    note.textContent = set.noMap || "";
    holder.append(note);
    return null;
  }
}

async function addOutlines(map, set) {
  map.addSource("countries", { type: "geojson", data: set.borders });
  map.addSource("provinces", { type: "geojson", data: set.provinces });
  map.addLayer({ id: "countries-fill", type: "fill", source: "countries", paint: { "fill-color": token("--sunken") } });
  map.addLayer({ id: "provinces-fill", type: "fill", source: "provinces", paint: { "fill-color": token("--map-land") } });
  map.addLayer({ id: "provinces-line", type: "line", source: "provinces", paint: { "line-color": token("--map-line"), "line-width": 1 } });
  map.addLayer({ id: "countries-line", type: "line", source: "countries", paint: { "line-color": token("--map-border"), "line-width": 1.4 } });
}

// Labels are HTML: Thai is shaped by the browser, in the page's own type.
async function addLabels(map, library, set, holder) {
  if (!set.labels || set.style) return;
  const response = await fetch(set.labels);
  if (!response.ok) return;
  const { labels } = await response.json();
  const shown = new Map();
  const draw = () => {
    const zoom = map.getZoom();
    const level = zoom < 5.6 ? 0 : zoom < 8.6 ? 1 : 2;
    const bounds = map.getBounds();
    const wanted = new Set();
    const taken = [];
    for (const [name, lat, lng, rank] of labels) {
      if (rank > level || !bounds.contains([lng, lat])) continue;
      const at = map.project([lng, lat]);
      const width = name.length * 7 + 8;
      if (taken.some((t) => Math.abs(t.x - at.x) < (t.width + width) / 2 && Math.abs(t.y - at.y) < 18)) continue;
      taken.push({ x: at.x, y: at.y, width });
      const key = `${name}${lat}`;
      wanted.add(key);
      if (shown.has(key)) continue;
      const node = document.createElement("span");
      node.className = rank === 1 ? "map-label province" : "map-label";
      node.textContent = name;
      node.setAttribute("aria-hidden", "true");
      shown.set(key, new library.Marker({ element: node }).setLngLat([lng, lat]).addTo(map));
    }
    for (const [key, marker] of shown) {
      if (wanted.has(key)) continue;
      marker.remove();
      shown.delete(key);
    }
  };
  map.on("moveend", draw);
  new ResizeObserver(() => map.resize()).observe(holder);
  draw();
}

export function pin({ library, map, lat, lng, className = "", icon, label, onClick }) {
  const node = document.createElement(onClick ? "button" : "span");
  if (onClick) node.type = "button";
  node.className = `map-pin ${className}`.trim();
  if (label) {
    node.title = label;
    node.setAttribute("aria-label", label);
    if (!onClick) node.setAttribute("role", "img");
  }
  if (icon) {
    const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite}#${icon}`);
    svg.append(use);
    node.append(svg);
  }
  if (onClick) node.addEventListener("click", onClick);
  return new library.Marker({ element: node }).setLngLat([lng, lat]).addTo(map);
}
