// What the desktop pages gain from a script. Every page works without it.
"use strict";

// A select or a tick box that only filters the page sends its form at once.
document.addEventListener("change", (event) => {
  const control = event.target.closest("[data-submit]");
  if (control && control.form) control.form.requestSubmit();
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

// A part of the page that lives is fetched again: data-refresh names the page it comes from, data-every the seconds.
async function refresh(part) {
  if (document.hidden || part.contains(document.activeElement) || part.dataset.busy) return;
  part.dataset.busy = "yes";
  try {
    const answer = await fetch(part.dataset.refresh || location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    else if (answer.redirected) location.assign(answer.url);
  } catch {
    part.dataset.missed = "yes";
  } finally {
    delete part.dataset.busy;
  }
}
document.querySelectorAll("[data-refresh][id]").forEach((part) => {
  if (part.dataset.every) setInterval(() => refresh(part), Number(part.dataset.every) * 1000);
});

// A run that tells how far it is: figures at once, the drawing at most once a second, the next page at the end.
document.querySelectorAll("[data-events]").forEach((part) => {
  const source = new EventSource(part.dataset.events);
  let due = 0;
  const take = (event) => {
    let said = {};
    try { said = JSON.parse(event.data); } catch { return; }
    for (const [name, value] of Object.entries(said)) {
      part.querySelectorAll(`[data-figure="${CSS.escape(name)}"]`).forEach((place) => { place.textContent = value; });
    }
    if (part.id && part.dataset.refresh !== undefined && Date.now() > due) {
      due = Date.now() + 1000;
      refresh(part);
    }
    if (said.finished) leave();
  };
  const leave = () => {
    source.close();
    location.assign(part.dataset.then || location.href);
  };
  source.onmessage = take;
  source.addEventListener("progress", take);
  source.addEventListener("done", leave);
  window.addEventListener("pagehide", () => source.close());
});

// A menu closes when the reader goes elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

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
