// Pages beside board and incident: choosing a place, asking before what cannot be undone, a unit's map, printing.

import { forget } from "./drafts.js";
import { placeSearch } from "./place-search.js";

for (const field of document.querySelectorAll("[data-place-search]")) {
  const form = field.form;
  const hidden = (name) => form.querySelector(`input[type="hidden"][name="${name}"]`);
  placeSearch(field, {
    onTake: ({ key, lat, lng, words }) => {
      hidden("place_key").value = key || "";
      hidden("lat").value = lat;
      hidden("lng").value = lng;
      field.value = words;
    },
  });
  field.addEventListener("input", () => {
    // Typing again unchooses: what is sent is what is shown.
    for (const name of ["place_key", "lat", "lng"]) hidden(name).value = "";
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sure && !confirm(form.dataset.sure)) {
    event.preventDefault();
    return;
  }
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  forget(form);
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

for (const list of document.querySelectorAll(".said-list")) list.scrollTop = list.scrollHeight;

const holder = document.querySelector("[data-unit-map]");
if (holder) {
  const { makeMap, circle, pin } = await import("./map.js");
  const lat = Number(holder.dataset.lat);
  const lng = Number(holder.dataset.lng);
  const km = Number(holder.dataset.km);
  const zoom = Math.max(5, Math.min(11, 12.5 - Math.log2(Math.max(1, km))));
  const made = await makeMap(holder, { center: [lng, lat], zoom });
  if (made) {
    const { map } = made;
    map.addSource("accuracy", { type: "geojson", data: circle(lat, lng, km * 1000) });
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    map.addLayer({ id: "accuracy-fill", type: "fill", source: "accuracy", paint: { "fill-color": accent, "fill-opacity": 0.1 } });
    map.addLayer({ id: "accuracy-line", type: "line", source: "accuracy", paint: { "line-color": accent, "line-width": 1.5 } });
    pin({ ...made, lat, lng, className: "unit", icon: "flag", label: holder.dataset.name });
  }
}
