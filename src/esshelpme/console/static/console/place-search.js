// A combobox over the place list that htmx fills: arrows choose, Enter takes, Esc closes.

export function placeSearch(field, { onTake }) {
  const list = document.getElementById(field.getAttribute("aria-controls"));
  let at = -1;

  const options = () => [...list.querySelectorAll(".place-option")];
  const show = (open) => {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open && options().length > 0));
  };
  const mark = (index) => {
    const all = options();
    at = all.length ? (index + all.length) % all.length : -1;
    for (const [i, option] of all.entries()) {
      option.id ||= `${list.id}-${i}`;
      option.setAttribute("aria-selected", String(i === at));
    }
    if (at >= 0) {
      field.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    const { key, lat, lng, accuracy, words } = option.dataset;
    list.innerHTML = "";
    show(false);
    onTake({ key, lat: Number(lat), lng: Number(lng), accuracy: Number(accuracy), words });
  };

  list.addEventListener("htmx:afterSwap", () => {
    show(true);
    for (const [i, option] of options().entries()) option.id = `${list.id}-${i}`;
    mark(options().length ? 0 : -1);
  });
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest(".place-option");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest(".place-option");
    if (option) take(option);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true);
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && at >= 0 && options()[at]) {
      event.preventDefault();
      take(options()[at]);
    } else if (event.key === "Escape" && !list.hidden && options().length) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    }
  });
  field.addEventListener("blur", () => setTimeout(() => show(false), 150));
  field.addEventListener("focus", () => options().length && show(true));
}
