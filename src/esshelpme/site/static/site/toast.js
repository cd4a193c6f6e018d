// Short notes at the bottom: what happened, what was kept. Read out by screen readers.

export function toast(text, { problem = false, seconds = 5 } = {}) {
  let holder = document.querySelector(".toasts");
  if (!holder) {
    holder = document.createElement("div");
    holder.className = "toasts";
    holder.setAttribute("role", "status");
    holder.setAttribute("aria-live", problem ? "assertive" : "polite");
    document.body.append(holder);
  }
  // Inside an open dialog the rest of the page is inert: the note goes where it can be seen.
  const dialog = document.querySelector("dialog[open]");
  if (dialog) dialog.append(holder);
  else if (holder.parentElement !== document.body) document.body.append(holder);
  const note = document.createElement("div");
  note.className = problem ? "toast problem" : "toast";
  note.textContent = text;
  holder.append(note);
  setTimeout(() => note.remove(), seconds * 1000);
}
