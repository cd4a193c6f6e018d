/** Texts in the chosen language, from the catalogue the server sends. */

let catalogue = {};
let language = "th";

/** Take the catalogue and the language ("th" or "en"). */
export function setWords(words, chosen) {
  catalogue = words;
  language = chosen;
  document.documentElement.lang = chosen;
}

/** The language of the page. */
export function lang() {
  return language;
}

/** The text of `key`, with `{name}` filled in. */
export function t(key, values = {}) {
  const text = catalogue[key]?.[language] ?? catalogue[key]?.th ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The page language's text of an object such as {"th": …, "en": …}. */
export function pick(texts) {
  return typeof texts === "string" ? texts : (texts?.[language] ?? texts?.th ?? "");
}

/** Hours and minutes in Thailand, on a 24-hour clock. */
export function clock(ms) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" }).format(ms);
}

/** Hours, minutes and seconds in Thailand. */
export function clockWithSeconds(ms) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Asia/Bangkok" }).format(ms);
}

/** The day in Thailand, in the calendar of the page's language (พ.ศ. in Thai). */
export function day(ms) {
  return new Intl.DateTimeFormat(language === "th" ? "th-TH" : "en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "Asia/Bangkok" }).format(ms);
}
