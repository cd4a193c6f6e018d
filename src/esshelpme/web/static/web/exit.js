// Leave at once: another page takes this one's place in the history, and nothing typed stays behind.
const link = document.querySelector("[data-exit]");
const ESC_WITHIN_MS = 2000;

export function forget() {
  try {
    sessionStorage.clear();
  } catch {
    // Storage may be forbidden: then nothing was kept either.
  }
}

function leave() {
  forget();
  document.documentElement.hidden = true;
  window.location.replace(link.href);
}

if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = [];
      return;
    }
    presses = [...presses.filter((at) => event.timeStamp - at < ESC_WITHIN_MS), event.timeStamp];
    if (presses.length >= 3) leave();
  });
}
