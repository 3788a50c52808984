// What the desktop pages gain from a script. Every page works without it.
"use strict";

// A select or a tick box that only filters the page sends its form at once.
document.addEventListener("change", (event) => {
  const control = event.target.closest("[data-submit]");
  if (control && control.form) control.form.requestSubmit();
});

// Ctrl+K, on a Mac Command+K, leads to the search from everywhere.
document.addEventListener("keydown", (event) => {
  const link = document.querySelector(".search-link");
  if (!link || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  location.assign(link.href);
});

// What is there to be copied is chosen whole.
document.addEventListener("focusin", (event) => {
  if (event.target.matches && event.target.matches("[data-select]")) event.target.select();
});

// What belongs together is marked together: the two blocks of a crew, a stop on the map and in the list.
function mark(event, on) {
  const one = event.target.closest && event.target.closest("[data-mate]");
  if (!one) return;
  document.querySelectorAll(`[data-mate="${CSS.escape(one.dataset.mate)}"]`).forEach((mate) => mate.classList.toggle("mate", on));
}
for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => mark(event, true));
for (const kind of ["mouseout", "focusout"]) document.addEventListener(kind, (event) => mark(event, false));

// Arrow keys walk over the blocks of the board: left and right in a row, up and down between rows.
document.addEventListener("keydown", (event) => {
  const block = event.target.closest && event.target.closest(".board-row a.block");
  if (!block) return;
  const row = block.closest(".board-row");
  const inRow = [...row.querySelectorAll("a.block")];
  let next = null;
  if (event.key === "ArrowRight") next = inRow[inRow.indexOf(block) + 1];
  if (event.key === "ArrowLeft") next = inRow[inRow.indexOf(block) - 1];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    let beside = row;
    do beside = event.key === "ArrowDown" ? beside.nextElementSibling : beside.previousElementSibling;
    while (beside && !beside.querySelector("a.block"));
    next = beside && beside.querySelector("a.block");
  }
  if (next) { event.preventDefault(); next.focus(); }
});

// A part of the page that lives is fetched again: data-refresh names the page it comes from, data-every the seconds. What is
// unfolded stays unfolded, whoever stands on a button stays there, and while somebody types nothing moves. data-also names other
// parts of the page, such as a count that is said aloud: they change only when they say something else.
const typing = (part) => part.contains(document.activeElement) && document.activeElement.closest("input, select, textarea, form.line, form.stack");
const place = (part, one) => [...part.querySelectorAll("a, button, summary")].filter((other) => other.textContent === one.textContent).indexOf(one);
function renew(part, fresh) {
  const open = [...part.querySelectorAll("details[id][open]")].map((one) => one.id);
  const here = part.contains(document.activeElement) ? document.activeElement : null;
  const row = here && here.closest("[id]") !== part ? here.closest("[id]").id : "";
  const nth = here && row ? place(document.getElementById(row), here) : -1;
  const typed = [...part.querySelectorAll("input[id], select[id], textarea[id]")].filter((one) => one.type !== "hidden" && one.value !== (one.defaultValue || "")).map((one) => [one.id, one.value]);
  part.replaceChildren(...fresh.childNodes);
  typed.forEach(([name, value]) => { const field = document.getElementById(name); if (field) field.value = value; });
  part.querySelectorAll("details[id]").forEach((one) => { if (open.includes(one.id)) one.open = true; });
  const again = row && document.getElementById(row);
  if (again) ([...again.querySelectorAll("a, button, summary")].filter((one) => one.textContent === here.textContent)[nth] || again.querySelector("a, button, summary") || document.body).focus({ preventScroll: true });
}
async function refresh(part) {
  if (document.hidden || typing(part) || part.dataset.busy) return;
  part.dataset.busy = "yes";
  try {
    const answer = await fetch(part.dataset.refresh || location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (fresh && !typing(part)) {
      renew(part, fresh);
      for (const name of (part.dataset.also || "").split(" ").filter(Boolean)) {
        const [old, now] = [document.getElementById(name), page.getElementById(name)];
        if (old && now && old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
      }
      if (part.dataset.also) document.title = page.title;
    } else if (!fresh && answer.redirected) location.assign(answer.url);
  } catch {
    part.dataset.missed = "yes";
  } finally {
    delete part.dataset.busy;
  }
}
document.querySelectorAll("[data-refresh][id]").forEach((part) => {
  if (part.dataset.every) setInterval(() => refresh(part), Number(part.dataset.every) * 1000);
});

// A run is asked how far it is, and answers at once, with nothing where there is nothing new: figures first, the drawing with them,
// the next page at the end. The less there is to tell, the seldomer it is asked; a page that nobody looks at asks nothing.
document.querySelectorAll("[data-news]").forEach((part) => {
  const [soon, late, latest] = [1000, 4000, 30000];
  let [mark, pause, waiting, asking] = [`"${part.dataset.mark}"`, soon, 0, false];
  const take = (said) => {
    for (const [name, value] of Object.entries(said)) {
      part.querySelectorAll(`[data-figure="${CSS.escape(name)}"]`).forEach((place) => { place.textContent = value; });
    }
    refresh(part);
  };
  async function news() {
    const answer = await fetch(part.dataset.news, { headers: { "If-None-Match": mark }, cache: "no-store" });
    if (answer.status === 403 || answer.status === 404) return false;
    if (answer.status === 304) pause = Math.min(pause * 1.5, late);
    else if (answer.status !== 200) pause = Math.max(Number(answer.headers.get("Retry-After")) * 1000, Math.min(pause * 2, latest));
    if (answer.status !== 200) return true;
    const said = answer.redirected ? { finished: true } : await answer.json();
    if (said.finished) { location.assign(part.dataset.then); return false; }
    [mark, pause] = [answer.headers.get("ETag") || mark, soon];
    take(said);
    return true;
  }
  async function ask() {
    waiting = 0;
    if (document.hidden || asking) return;
    asking = true;
    let more = true;
    try {
      more = await news();
    } catch {
      pause = Math.min(pause * 2, latest);
    }
    asking = false;
    if (more) waiting = setTimeout(ask, pause);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !waiting) { pause = soon; ask(); } });
  waiting = setTimeout(ask, pause);
});

// A text that is ready to be pasted is copied by a press; without a clipboard it is marked with the hand.
document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.querySelector("span").textContent = button.dataset.done;
  });
});

// Seconds that are left go down by themselves between two news.
setInterval(() => document.querySelectorAll("[data-ticks]").forEach((place) => { place.textContent = String(Math.max(Number(place.textContent) - 1, 0)); }), 1000);

// Who takes what is left behind: the messages that would go, the count and the words of the button follow what is chosen.
document.querySelectorAll("form[data-choices]").forEach((form) => {
  const sends = document.querySelector("[data-sends]");
  const hears = document.querySelector("[data-hears]");
  const count = () => {
    const chosen = [...form.querySelectorAll("input[data-people]:checked")];
    const people = new Set(chosen.flatMap((one) => one.dataset.people.split(" ").filter(Boolean)));
    const done = chosen.filter((one) => one.dataset.people).length;
    const left = Number(form.dataset.things) - done;
    const words = done ? (left ? sends.dataset.part : sends.dataset.all) : sends.dataset.none;
    sends.querySelector("span").textContent = words.replace("#p", String(people.size)).replace("#d", String(done)).replace("#l", String(left));
    hears.textContent = String(people.size + Number(form.dataset.own));
    const said = chosen.map((one) => one.dataset.says);
    const mine = {};
    document.querySelectorAll("[data-said]").forEach((message) => {
      message.hidden = !said.includes(message.dataset.said);
      if (!message.hidden) (mine[message.dataset.who] = mine[message.dataset.who] || []).push(message);
    });
    for (const messages of Object.values(mine)) {
      const [first, ...others] = messages.sort((one, other) => one.dataset.first.localeCompare(other.dataset.first));
      const total = messages.reduce((sum, one) => sum + Number(one.dataset.count), 0);
      const text = first.querySelector("p");
      text.textContent = total > 1 ? first.dataset.many.replace("#n", String(total)) : first.dataset.one;
      others.forEach((one) => { one.hidden = true; });
    }
  };
  form.addEventListener("change", count);
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(sends); });
  window.addEventListener("pageshow", count);
});

// A list of people narrows while a name is typed; the form finds the same without a script.
document.querySelectorAll("[data-narrows]").forEach((field) => {
  const list = document.getElementById(field.dataset.narrows);
  field.addEventListener("input", () => {
    const said = field.value.trim().toLowerCase();
    list.querySelectorAll("[data-key]").forEach((row) => { row.hidden = !row.dataset.key.toLowerCase().includes(said); });
  });
});

// A menu closes when the reader goes elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

// A table wider than its place can be scrolled by keys as well.
const reachable = () => document.querySelectorAll(".table-wrap, table.list").forEach((place) => {
  if (place.scrollWidth > place.clientWidth + 1) place.tabIndex = 0;
  else place.removeAttribute("tabindex");
});
window.addEventListener("resize", reachable);
reachable();

// Tiles are an extra layer under the drawn map, shown where Leaflet was fetched and a tile address is set.
document.querySelectorAll(".tile-map[data-tiles]").forEach((place) => {
  if (!window.L || !place.dataset.tiles) return;
  place.hidden = false;
  const points = JSON.parse(place.dataset.points);
  const map = window.L.map(place);
  window.L.tileLayer(place.dataset.tiles, { maxZoom: 19 }).addTo(map);
  points.forEach((point) => window.L.circleMarker([point.lat, point.lon], { radius: 7, color: "#1D5C4E" }).bindTooltip(String(point.label || "")).addTo(map));
  if (points.length) map.fitBounds(points.map((point) => [point.lat, point.lon]), { padding: [24, 24], maxZoom: 17 });
});
