// The live feed: one EventSource that resumes where it stopped, notices silence, and says how it stands.

const zone = document.querySelector('meta[name="time-zone"]')?.content || undefined;
const SILENT_MS = 12_000; // the server says something every 5 s

export class Live {
  constructor({ url, since, onStep, onState, onReload }) {
    this.url = url;
    this.place = since;
    this.onStep = onStep;
    this.onState = onState;
    this.onReload = onReload;
    this.heard = 0;
    this.waits = 1000;
    this.open();
    setInterval(() => this.watch(), 3000);
    addEventListener("online", () => this.open());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.watch();
    });
  }

  open() {
    this.source?.close();
    const address = new URL(this.url, location.href);
    // The first time by the page's own place; a browser that reconnects by itself sends Last-Event-ID instead.
    if (this.place) address.searchParams.set("since", this.place);
    this.opened = Date.now();
    const source = (this.source = new EventSource(address));
    source.addEventListener("beat", () => this.hear());
    source.addEventListener("step", (event) => {
      this.hear();
      if (event.lastEventId) this.place = event.lastEventId;
      this.onStep(JSON.parse(event.data));
    });
    source.addEventListener("reload", () => {
      source.close();
      this.onReload();
    });
    source.addEventListener("error", () => {
      this.onState("lost", this.heard);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this.source === source && this.open(), this.waits);
      this.waits = Math.min(this.waits * 2, 15_000);
    });
  }

  hear() {
    this.heard = Date.now();
    this.waits = 1000;
    this.onState("live", this.heard);
  }

  watch() {
    if (Date.now() - Math.max(this.heard, this.opened) > SILENT_MS) {
      this.onState("lost", this.heard);
      this.open();
    } else if (this.heard) {
      this.onState(Date.now() - this.heard > SILENT_MS ? "lost" : "live", this.heard);
    }
  }
}

// Shows the connection beside the time of the last sign of life.
export function showConnection(texts) {
  return (state, heard) => {
    const holder = document.getElementById("connection");
    if (!holder) return;
    holder.classList.toggle("live", state === "live");
    holder.classList.toggle("lost", state === "lost");
    const at = heard ? new Date(heard).toLocaleTimeString("th-TH", { hour12: false, timeZone: zone }) : "—";
    const words = `${state === "live" ? texts.live : texts.lost} ${at}`;
    const place = holder.querySelector("[data-connection]");
    if (place && place.textContent !== words) place.textContent = words;
    holder.title = words;
  };
}
