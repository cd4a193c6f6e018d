// Two soft notes for a new incident. Off until somebody turns it on: browsers ask for a hand first, and so do people.

const STORE = "ess-sound";

export class Sound {
  constructor(button) {
    this.button = button;
    let wanted = false;
    try {
      wanted = localStorage.getItem(STORE) === "1";
    } catch {
      wanted = false;
    }
    this.on = wanted;
    this.show();
    button?.addEventListener("click", () => this.turn(!this.on));
    // A remembered "on" needs one gesture before the browser lets it sound.
    if (wanted) addEventListener("pointerdown", () => this.wake(), { once: true });
  }

  turn(on) {
    this.on = on;
    try {
      localStorage.setItem(STORE, on ? "1" : "0");
    } catch {
      // not remembered
    }
    this.show();
    if (!on) return;
    this.wake();
    this.ring();
    if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
  }

  show() {
    if (!this.button) return;
    this.button.setAttribute("aria-pressed", String(this.on));
    for (const picture of this.button.querySelectorAll("[data-when]")) picture.hidden = (picture.dataset.when === "on") !== this.on;
    const words = this.on ? this.button.dataset.on : this.button.dataset.off;
    this.button.title = words;
    const label = this.button.querySelector("[data-label]");
    if (label) label.textContent = words;
  }

  wake() {
    this.context ??= new AudioContext();
    this.context.resume();
  }

  ring() {
    if (!this.on || !this.context) return;
    const start = this.context.currentTime;
    for (const [index, pitch] of [659, 880].entries()) {
      const tone = this.context.createOscillator();
      const volume = this.context.createGain();
      tone.frequency.value = pitch;
      const at = start + index * 0.22;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.25, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
      tone.connect(volume).connect(this.context.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    }
  }
}
