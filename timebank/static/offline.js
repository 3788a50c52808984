// A volunteer's phone without a network: the day is kept, taps wait and are sent once, in order. Every page works without it.
"use strict";

const keeps = document.getElementById("keeps");
const shell = document.getElementById("shell");
const main = document.getElementById("content");
const PATIENCE = 10000, AGAIN = 15000, DOUBLE = 700, FAR = 6 * 3600 * 1000;
const opened = Date.now() - performance.now();

// --- What is kept: sealed, in the browser's own database; where it keeps nothing, in the page as long as it is open. ---
const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const done = (asked) => new Promise((go, stop) => { asked.onsuccess = () => go(asked.result); asked.onerror = () => stop(asked.error); });
const settled = (unit) => new Promise((go, stop) => { unit.oncomplete = () => go(); unit.onabort = unit.onerror = () => stop(unit.error); });

const store = {
  base: null, frail: false, loose: [], person: "", keys: {},
  async begin() {
    try {
      if (!window.crypto || !crypto.subtle) throw new Error("no seal");
      this.base = await keptBase();
    } catch {
      [this.base, this.frail] = [null, true];
    }
  },
  async own(name) { return this.base ? done(this.base.transaction("day").objectStore("day").get(name)) : undefined; },
  async keep(values) {
    if (!this.base) return;
    const unit = this.base.transaction("day", "readwrite");
    for (const [name, value] of Object.entries(values)) unit.objectStore("day").put(value, name);
    await settled(unit);
  },
  // Whoever is signed in now: with another session the day of the last one goes, and its keys with it.
  async belongs(said) {
    this.person = said.person;
    if (!this.base) return;
    const known = await this.own("who");
    if (known && known.session !== said.session) await forgetDay();
    const key = (text) => crypto.subtle.importKey("raw", bytes(text), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.keys = { session: await key(said.sessionKey), person: await key(said.personKey) };
    await this.keep({ who: { person: said.person, session: said.session }, keys: this.keys });
  },
  async remembers() {
    const [who, keys] = [await this.own("who"), await this.own("keys")];
    if (who && keys) [this.person, this.keys] = [who.person, keys];
    return Boolean(who && keys);
  },
  async seal(key, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, said: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(value))) };
  },
  async unseal(key, { iv, said }) { return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, said))); },
  async keepDay(day) { if (this.base) await this.keep({ day: { until: day.until, ...(await this.seal(this.keys.session, day)) } }); },
  async day() {
    const kept = await this.own("day");
    if (!kept || kept.until < Date.now()) return null;
    try { return await this.unseal(this.keys.session, kept); } catch { return null; }
  },
  async add(tap) {
    if (this.base) {
      try {
        const sealed = await this.seal(this.keys.person, tap);
        const unit = this.base.transaction("taps", "readwrite");
        const asked = unit.objectStore("taps").add({ person: this.person, key: tap.key, tried: false, ...sealed });
        await settled(unit);
        tap.place = asked.result;
        return;
      } catch {
        this.frail = true;
      }
    }
    tap.place = `loose-${tap.key}`;
    this.loose.push(tap);
  },
  async taps() {
    const rows = this.base ? await done(this.base.transaction("taps").objectStore("taps").getAll()) : [];
    const mine = [];
    for (const row of rows.filter((one) => one.person === this.person)) {
      try { mine.push({ ...(await this.unseal(this.keys.person, row)), place: row.place, tried: row.tried }); } catch { continue; }
    }
    return [...mine, ...this.loose];
  },
  async tried(tap) {
    tap.tried = true;
    if (!this.base || String(tap.place).startsWith("loose")) return;
    const unit = this.base.transaction("taps", "readwrite"), rows = unit.objectStore("taps");
    const row = await done(rows.get(tap.place));
    if (row) rows.put({ ...row, tried: true });
    await settled(unit);
  },
  async drop(tap) {
    this.loose = this.loose.filter((one) => one.place !== tap.place);
    if (!this.base || String(tap.place).startsWith("loose")) return;
    const unit = this.base.transaction("taps", "readwrite");
    unit.objectStore("taps").delete(tap.place);
    await settled(unit);
  },
};

// --- The time: the service's, told by this page or kept with the day; the phone's own may show anything. ---
let ahead = 0;
const clockTime = (instant) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(instant + ahead));
function secondsSince(tap) {
  const byClock = Date.now() - tap.at, byPage = tap.page === opened ? performance.now() - tap.run : byClock;
  return Math.max(0, Math.round((Math.abs(byClock - byPage) > FAR ? byPage : byClock) / 1000));
}

// --- What the page shows: the day as the service gave it, and on it every tap that waits. ---
let fresh = null, taps = [], reached = true, said = "", trouble = null, visit = "";
const words = () => document.getElementById("signal").dataset;
const counted = (one, many, count) => (count === 1 ? one : many.replace("#n", String(count)));
const of = (root, name, value) => root.querySelector(`[data-${name}="${CSS.escape(String(value))}"]`);
const isToday = () => Boolean(document.getElementById("day"));

function standing() {
  const undone = taps.filter((tap) => tap.deed === "undo").map((tap) => tap.offer);
  return taps.filter((tap) => tap.deed !== "undo" && !(tap.deed === "deliver" && undone.includes(tap.offer)));
}

function goOn(trip) {
  const next = trip.querySelector("template[data-door]"), body = trip.querySelector(".round-body");
  const list = trip.parentElement && trip.parentElement.querySelector(`[data-list="${trip.dataset.trip}"]`);
  if (!next) {
    const over = trip.querySelector("template[data-over]").content.cloneNode(true), root = trip.parentElement;
    if (list) list.remove();
    trip.replaceWith(over);
    const later = root.querySelector("[data-later]");
    if (later) later.replaceWith(later.querySelector("template").content.cloneNode(true));
    return;
  }
  body.replaceChildren(next.content.cloneNode(true));
  trip.querySelector("h2").textContent = next.dataset.title;
  const line = trip.querySelector(".round-head p");
  if (line) line.remove();
  for (const rect of trip.querySelectorAll(".segments [data-stop]")) {
    const over = !of(trip, "door", rect.dataset.stop), line = list && of(list, "stop", rect.dataset.stop);
    if (over && ["to-do", "next"].includes(rect.classList.value)) rect.setAttribute("class", "waits");
    if (rect.dataset.stop === next.dataset.door) rect.setAttribute("class", "next");
    if (line) line.hidden = over || rect.dataset.stop === next.dataset.door;
  }
}

function carryOut(root, tap) {
  const trip = [...root.querySelectorAll("[data-trip]")].find((one) => of(one, "door", tap.offer));
  if (trip && tap.deed === "pick_up") {
    const chip = trip.querySelector(".round-head .chip");
    [chip.dataset.left, chip.dataset.over] = [trip.dataset.left, trip.dataset.over];
    chip.dataset.hot = String(Number(trip.dataset.hotMinutes) - secondsSince(tap) / 60);
    goOn(trip);
  } else if (trip) {
    of(trip, "door", tap.offer).remove();
    goOn(trip);
  } else {
    const form = [...root.querySelectorAll("form[data-tap]")].find((one) => new URL(one.action).pathname === tap.path);
    const place = form && (form.closest("#taps") || form.closest("[data-opened]"));
    const after = place && tap.deed === "check_in" && place.querySelector("template[data-after]");
    const row = of(root, "opens", tap.offer);
    if (row) row.querySelector("small").append(` · ${words().noted.replace("@t", clockTime(tap.at))}`);
    if (after) place.querySelectorAll("section, .two").forEach((part) => part.remove());
    if (after) place.append(after.content.cloneNode(true));
    else if (place) place.replaceChildren();
    else if (form) form.replaceChildren();
  }
}

function waitingCard() {
  const waits = standing().filter((tap) => !reached || tap.page !== opened);
  if (!waits.length) return null;
  const card = document.getElementById("waiting-card").content.cloneNode(true), list = card.querySelector("ul"), row = list.firstElementChild;
  const head = card.querySelector("h2");
  head.textContent = counted(head.dataset.one, head.dataset.many, waits.length);
  row.remove();
  for (const tap of [...waits].reverse()) {
    const line = row.cloneNode(true), undo = line.querySelector("[data-undo]");
    line.querySelector("[data-words]").textContent = tap.says;
    line.querySelector("[data-time]").textContent = clockTime(tap.at);
    undo.querySelector(".hear").textContent = ` ${tap.says}`;
    undo.addEventListener("click", () => takeBack(tap));
    if (tap.tried && tap.deed !== "deliver") undo.remove();
    list.append(line);
  }
  return card;
}

function troubleCard() {
  const card = document.getElementById("trouble-card").content.cloneNode(true), form = card.querySelector("form"), only = trouble.only || "any";
  card.querySelectorAll("[data-only]").forEach((part) => { if (part.dataset.only !== only) part.remove(); });
  const [head, source] = [card.querySelector("h2"), [...main.querySelectorAll("form[data-tap]")].find((one) => one.dataset.offer === trouble.offer)];
  head.textContent = only === "any" ? head.dataset.any : head.dataset.noAnswer;
  card.querySelector("[data-where]").textContent = trouble.where;
  card.querySelector("[data-calls]").append(...trouble.calls);
  form.action = `/phone/visits/${trouble.offer}/problem`;
  form.elements._key.value = newKey();
  [form.dataset.offer, form.dataset.says] = [trouble.offer, trouble.where];
  card.querySelector("[data-back]").addEventListener("click", () => { trouble = null; draw(); });
  if (source && source.closest(".round-body")) source.closest(".round-body").replaceChildren(card);
  else document.getElementById("day").prepend(card);
  main.querySelector("#trouble h2").focus();
}

function draw() {
  const day = document.getElementById("day");
  if (day && fresh) {
    const copy = fresh.cloneNode(true);
    for (const tap of standing()) carryOut(copy, tap);
    day.replaceChildren(...copy.childNodes);
    const card = waitingCard();
    const round = day.querySelector(".round-card");
    if (card && round) round.after(card);
    else if (card) day.append(card);
    const unheard = standing().filter((tap) => tap.outcome === "unwell");
    for (const tap of unheard) {
      const alarm = document.getElementById("unheard").content.cloneNode(true);
      alarm.querySelector("[data-words]").textContent = `${tap.says} · ${words().noted.replace("@t", clockTime(tap.at))}`;
      day.prepend(alarm);
    }
    if (visit) showVisit();
    if (trouble) troubleCard();
  } else {
    for (const tap of standing()) carryOut(main, tap);
  }
  tellSignal();
  tickHot();
}

function tellSignal() {
  const place = document.getElementById("signal"), waits = standing().filter((tap) => !reached || tap.page !== opened).length;
  const off = !reached, count = waits ? counted(place.dataset.one, place.dataset.many, waits) : "";
  const [strong, rest] = off ? [place.dataset.off, count] : (said || count).split("\n");
  const frail = off && waits && store.frail ? place.dataset.frail : "", bad = strong.startsWith("!");
  place.className = strong ? `banner ${off ? "late" : bad ? "broken" : "done"}` : "";
  place.replaceChildren();
  if (!strong) return;
  const head = document.createElement("strong"), all = document.createElement("div");
  head.textContent = strong.replace(/^!/, "");
  all.append(head, ` ${[rest, frail].filter(Boolean).join(" ")}`);
  place.append(picture(off ? "offline" : bad ? "alert" : "tick"), all);
}

function picture(name) {
  const sample = main.querySelector("svg.icon use") || document.querySelector("svg.icon use");
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${(sample ? sample.getAttribute("href") : "").split("#")[0]}#${name}`);
  icon.append(use);
  return icon;
}

// Hot time goes down by itself: amber under 25 minutes, at zero a call.
function tickHot() {
  main.querySelectorAll("[data-hot]").forEach((chip) => {
    chip.dataset.until = chip.dataset.until || String(Date.now() + Number(chip.dataset.hot) * 60000);
    const left = Math.ceil((Number(chip.dataset.until) - Date.now()) / 60000);
    const text = left > 0 ? chip.dataset.left.replace("#", String(left)) : chip.dataset.over || chip.dataset.left.replace("#", "0");
    const place = chip.querySelector("span") || chip;
    if (place.textContent !== text) place.textContent = text;
    chip.classList.toggle("ginkgo", left < 25);
    chip.classList.toggle("on-dark", left >= 25);
  });
}

// --- Taps: kept first, then sent. ---
const newKey = () => ([...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join(""));
let last = -DOUBLE;

function miscounted(form) {
  if (!form.dataset.expected) return false;
  const chosen = [...new FormData(form).getAll("counted")].find((one) => one !== "");
  const [wrong, field] = [form.querySelector("[data-wrong]"), form.querySelector("fieldset")];
  if (chosen === form.dataset.expected) return false;
  wrong.hidden = false;
  wrong.querySelector("span").textContent = form.dataset.miscounted.replace("#", chosen || "0");
  field.classList.add("wrong");
  return true;
}

async function tapped(form, submitter) {
  const data = new FormData(form);
  if (submitter && submitter.name) data.append(submitter.name, submitter.value);
  const fields = [...data.entries()].filter(([name, value]) => !["csrf_token", "_key"].includes(name) && value !== "");
  const outcome = form.dataset.tap === "problem" ? data.get("outcome") : "";
  const label = submitter && form.dataset.tap === "problem" ? `${form.dataset.says} ${(submitter.querySelector("b") || submitter).textContent}` : form.dataset.says;
  const tap = { key: data.get("_key"), path: new URL(form.action).pathname, fields, deed: form.dataset.tap, offer: form.dataset.offer, outcome, says: label.trim(), at: Date.now(), page: opened, run: performance.now() };
  if ((await store.taps()).some((one) => one.key === tap.key)) return;
  await store.add(tap);
  taps = await store.taps();
  const focused = document.getElementById("day") && document.getElementById("day").contains(document.activeElement);
  [trouble, said] = [null, words().noted.replace("@t", clockTime(tap.at))];
  if (!navigator.onLine) reached = false;
  draw();
  const head = focused && main.querySelector("#round h2, #day h2");
  if (head) { head.tabIndex = -1; head.focus({ preventScroll: true }); }
  send();
}

async function takeBack(tap) {
  if (tap.tried) await store.add({ key: newKey(), path: `/phone/visits/${tap.offer}/undo`, fields: [], deed: "undo", offer: tap.offer, says: tap.says, at: Date.now(), page: opened, run: performance.now() });
  else await store.drop(tap);
  taps = await store.taps();
  said = "";
  draw();
  send();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.tap || !document.getElementById("signal")) return;
  event.preventDefault();
  if (event.timeStamp - last < DOUBLE || miscounted(form)) return;
  last = event.timeStamp;
  tapped(form, event.submitter);
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[data-trouble], a[data-opens]");
  if (!link || !isToday() || event.ctrlKey || event.metaKey) return;
  if (link.dataset.trouble) {
    event.preventDefault();
    if (event.timeStamp - last < DOUBLE) return;
    const around = link.closest(".round-body, [data-opened]") || document.getElementById("day");
    const address = around.querySelector(".address");
    trouble = { offer: link.dataset.trouble, only: link.dataset.only, where: address ? address.textContent : "", calls: [...around.querySelectorAll("a[href^='tel:']")].map((one) => one.cloneNode(true)) };
    draw();
  } else if (!reached || !navigator.onLine) {
    event.preventDefault();
    visit = link.dataset.opens;
    draw();
  }
}, true);

function showVisit() {
  const day = document.getElementById("day"), kept = of(day, "visit", visit), place = of(day, "opens", visit);
  if (!kept || !place) return;
  const shown = document.createElement("div");
  shown.className = "stack";
  shown.dataset.opened = visit;
  shown.append(kept.content.cloneNode(true));
  place.replaceWith(shown);
  for (const tap of standing()) if (tap.offer === visit) carryOut(day, tap);
}

// --- Sending: one after the other, each with its own key; what the service refuses is told in its words. ---
let token = "", sending = false, onceMore = false;
const tokenOf = (page) => { const field = page.querySelector("input[name=csrf_token]"); return field ? field.value : ""; };

async function ask(address, more = {}) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
  try { return await fetch(address, { cache: "no-store", signal: stop.signal, ...more }); } finally { clearTimeout(timer); }
}

async function freshPage() {
  const answer = await ask(isToday() ? "/phone" : location.href);
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("keeps")) { await ended(); return null; }
  token = tokenOf(page);
  return page;
}

// The session has ended, here or from afar: the day goes, what waits stays sealed until the same person is back.
async function ended() {
  const place = document.getElementById("signal"), link = document.createElement("a");
  await forgetDay();
  [fresh, taps, reached, said] = [null, [], true, `!${place.dataset.ended}`];
  main.querySelectorAll("#day, :scope > .stack").forEach((part) => part.replaceChildren());
  tellSignal();
  [link.href, link.textContent] = ["/sign-in?next=/phone", place.dataset.again];
  place.lastElementChild.append(" ", link);
}

async function sendOne(tap) {
  await store.tried(tap);
  const body = new URLSearchParams([...tap.fields, ["_key", tap.key], ["_ago", String(secondsSince(tap))], ["csrf_token", token]]);
  const answer = await ask(tap.path, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.ok) return "taken";
  if (answer.status === 401) return "ended";
  if (answer.status === 400) return "stale";
  if (answer.status === 429 || answer.status >= 500) return "later";
  const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
  return { sentence: (document.documentElement.lang === "en" ? told.title_en : told.title) || "" };
}

async function sendAll() {
  let [sent, unfit, stale, sentences] = [0, 0, 0, []];
  for (;;) {
    const [tap] = await store.taps();
    if (!tap) break;
    if (!token && !(await freshPage())) return null;
    const came = await sendOne(tap);
    if (came === "ended") { await ended(); return null; }
    if (came === "stale" && stale < 2) { stale += 1; token = ""; continue; }
    if (came === "later") throw new Error(came);
    await store.drop(tap);
    if (came === "taken") sent += 1;
    else { unfit += 1; if (came.sentence) sentences.push(came.sentence); }
  }
  return { sent, unfit, sentences };
}

// Whoever asks while taps are being sent is heard when that is over: a network that comes back meanwhile is not missed.
async function send() {
  if (shell) return;
  if (sending) { onceMore = true; return; }
  [sending, onceMore] = [true, false];
  const wasOff = !reached || taps.some((tap) => tap.page !== opened);
  try {
    const alone = navigator.locks ? (act) => navigator.locks.request("timebank-taps", act) : (act) => act();
    const came = await alone(sendAll);
    if (came && (came.sent || came.unfit)) await sentAll(came, wasOff);
    else if (came && wasOff) { await ask("/phone", { method: "HEAD" }); reached = true; draw(); }
  } catch {
    reached = false;
    taps = await store.taps();
    draw();
  } finally {
    sending = false;
  }
  if (onceMore) send();
}

// What was refused on a page that comes anew is said there once more, and once only.
const SAID = "timebank-said";
function sayAfterwards() { try { sessionStorage.setItem(SAID, said); } catch { store.frail = true; } }
function saidBefore() {
  try { const kept = sessionStorage.getItem(SAID) || ""; sessionStorage.removeItem(SAID); return kept; } catch { return ""; }
}

async function sentAll({ sent, unfit, sentences }, wasOff) {
  taps = await store.taps();
  const text = words();
  const unfits = unfit ? sentences.join(" ") || counted(text.unfitOne, text.unfitMany, unfit) : "";
  if (wasOff) said = `${counted(text.sentOne, text.sentMany, sent)}\n${unfit ? counted(text.unfitOne, text.unfitMany, unfit) : ""}`;
  else if (unfit) said = `!${unfits}`;
  if (!isToday()) { if (unfit) sayAfterwards(); location.assign(location.pathname.endsWith("/problem") ? "/phone" : location.href); return; }
  const page = await freshPage();
  if (!page) return;
  reached = true;
  await take(page);
  draw();
  leaveLater(main);
}

// The page as the service gives it now: its day, what it says on top, its places.
async function take(page) {
  const now = page.getElementById("keeps");
  Object.assign(keeps.dataset, now.dataset);
  ahead = Number(keeps.dataset.now) * 1000 - Date.now();
  fresh = page.getElementById("day").cloneNode(true);
  const banners = [...page.querySelectorAll("main > .banner")];
  main.querySelectorAll(":scope > .banner:not(#signal)").forEach((one) => one.remove());
  document.getElementById("signal").before(...banners);
  if (banners.length && !said.includes("\n")) said = "";
  const [old, bar] = [document.querySelector(".tab-bar"), page.querySelector(".tab-bar")];
  if (old && bar) old.replaceWith(bar);
  await keepPage();
}

async function keepPage() {
  const beside = ["signal", "waiting-card", "trouble-card", "unheard"].map((name) => document.getElementById(name)).filter(Boolean);
  const html = [...beside.map((one) => { const copy = one.cloneNode(true); if (one.id === "signal") copy.replaceChildren(); return copy.outerHTML; }), fresh.outerHTML].join("");
  const bar = document.querySelector(".tab-bar"), when = main.querySelector(".title-row .when");
  const until = Number(keeps.dataset.until) * 1000 - ahead;
  await store.keepDay({ html, bar: bar ? bar.outerHTML : "", when: when ? when.textContent : "", lang: document.documentElement.lang, title: document.title, ahead, until }).catch(() => { store.frail = true; });
}

// --- Beginning: with a page of the service, or with the shell and what was kept. ---
async function fromService() {
  await store.begin();
  await store.belongs(keeps.dataset).catch(() => { [store.base, store.frail] = [null, true]; });
  token = tokenOf(document);
  ahead = Number(keeps.dataset.now) * 1000 - Date.now();
  reached = navigator.onLine;
  if (isToday()) {
    fresh = document.getElementById("day").cloneNode(true);
    await keepPage();
  }
  taps = await store.taps();
  said = saidBefore();
  if (taps.length || !reached || said) draw(); else tickHot();
  if (taps.length) send();
  if (keeps.dataset.worker && navigator.serviceWorker) navigator.serviceWorker.register(keeps.dataset.worker, { scope: "/phone" }).catch(() => { store.frail = store.frail || !store.base; });
}

async function fromKept() {
  await store.begin();
  if (!store.base || !(await store.remembers())) return;
  const day = await store.day();
  if (!day) return;
  const page = new DOMParser().parseFromString(day.html, "text/html");
  [document.documentElement.lang, document.title, ahead, reached] = [day.lang, day.title, day.ahead, false];
  const [kept, head] = [page.getElementById("day"), main.querySelector("h1")];
  fresh = kept.cloneNode(true);
  shell.replaceWith(...page.body.childNodes);
  head.textContent = day.title.split(" · ")[0];
  if (day.bar) document.body.insertAdjacentHTML("beforeend", day.bar);
  document.documentElement.classList.add("has-tabs");
  taps = await store.taps();
  draw();
  const [, offer, what] = location.pathname.match(/^\/phone\/visits\/(\d+)(\/problem)?$/) || [];
  if (offer) { visit = offer; draw(); }
  const duty = location.pathname.match(/^\/phone\/duties\/(\d+)$/);
  if (duty) { visit = `d${duty[1]}`; draw(); }
  const link = what && [...main.querySelectorAll("a[data-trouble]")].find((one) => one.dataset.trouble === offer);
  if (link) link.click();
}

// The network is back: the service's own page comes, and sends what waits.
async function backAgain() {
  if (document.hidden) return;
  if (!shell) { if (!reached || taps.length) send(); return; }
  try { if ((await ask("/phone", { method: "HEAD" })).ok) location.reload(); } catch { reached = false; }
}

window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
window.addEventListener("online", backAgain);
window.addEventListener("offline", () => { reached = false; draw(); });
document.addEventListener("visibilitychange", backAgain);
setInterval(backAgain, AGAIN);
setInterval(tickHot, 20000);
if (keeps) fromService(); else if (shell) fromKept();
