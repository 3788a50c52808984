// What the phone pages gain from a script. Every page works without it.
"use strict";

// The button that accepts a set of offers counts them: data-count holds the words with a # where the number goes.
document.querySelectorAll("[data-count]").forEach((button) => {
  const form = button.form || button.closest("form");
  if (!form) return;
  const words = button.querySelector("span") || button;
  const count = () => {
    const chosen = form.querySelectorAll("input[type=checkbox]:checked").length;
    words.textContent = (chosen === 1 && button.dataset.one) || button.dataset.count.replace("#", String(chosen));
    button.disabled = chosen === 0;
  };
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);
  count();
});

// A code that is complete needs no further button.
document.querySelectorAll("input[data-digits]").forEach((field) => {
  field.addEventListener("input", () => {
    if (field.value.replace(/\D/g, "").length === Number(field.dataset.digits)) field.form.requestSubmit();
  });
});

// The drawing on a door's card brings the visit's code behind the #: it is filled in, and leaves the address.
const fromDoor = location.hash.match(/^#(\d{4})$/), codeField = document.querySelector("form[data-tap=check_in] input.code");
if (fromDoor) {
  if (codeField) codeField.value = fromDoor[1];
  history.replaceState(null, "", location.pathname);
}

// How far the phone is from the door, only where its volunteer ticks the box: worked out here, the position goes nowhere.
document.documentElement.classList.toggle("finds", "geolocation" in navigator);
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("[data-far]")) return;
  const around = box.closest("section"), told = around.querySelector("[data-told]"), forms = around.querySelectorAll("form[data-tap=check_in]");
  const put = (name, value) => forms.forEach((form) => {
    const field = form.elements[name] || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  });
  if (!box.checked) { put("metres", ""); put("accuracy", ""); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    const rad = (degrees) => degrees * Math.PI / 180, [lat, lon] = [Number(box.dataset.lat), Number(box.dataset.lon)];
    const half = Math.sin(rad(coords.latitude - lat) / 2) ** 2 + Math.cos(rad(lat)) * Math.cos(rad(coords.latitude)) * Math.sin(rad(coords.longitude - lon) / 2) ** 2;
    const metres = Math.round(2 * 6371000 * Math.asin(Math.sqrt(half)));
    put("metres", String(Math.min(metres, 1000000)));
    put("accuracy", String(Math.min(Math.round(coords.accuracy), 1000000)));
    told.textContent = box.dataset.noted.replace("#", String(metres));
  }, () => { box.checked = false; told.textContent = box.dataset.failed; }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 0 });
});

// What was just noted may be undone for a few seconds; then the offer leaves by itself.
const leaveLater = (root) => root.querySelectorAll("[data-leave]").forEach((part) => {
  setTimeout(() => { if (!part.contains(document.activeElement)) part.hidden = true; }, Number(part.dataset.leave) * 1000);
});
leaveLater(document);

// A photo is made small on the phone before it is sent; where that fails it goes as it is, and the service says so if it is too large.
document.querySelectorAll("input[data-shrinks]").forEach((field) => field.addEventListener("change", async () => {
  const [photo] = field.files;
  if (!photo || !window.createImageBitmap || !window.DataTransfer) return;
  try {
    const picture = await createImageBitmap(photo), scale = Math.min(1, Number(field.dataset.shrinks) / Math.max(picture.width, picture.height));
    const paper = document.createElement("canvas");
    [paper.width, paper.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    paper.getContext("2d").drawImage(picture, 0, 0, paper.width, paper.height);
    const small = await new Promise((go) => paper.toBlob(go, "image/jpeg", .7)), chosen = new DataTransfer();
    chosen.items.add(new File([small], "receipt.jpg", { type: "image/jpeg" }));
    if (small.size < photo.size) field.files = chosen.files;
  } catch {
    return;
  }
}));

// What a volunteer's phone keeps for when there is no network stands in the browser's own database.
const keptBase = () => new Promise((go, stop) => {
  const asked = indexedDB.open("timebank-phone", 1);
  asked.onupgradeneeded = () => { asked.result.createObjectStore("day"); asked.result.createObjectStore("taps", { keyPath: "place", autoIncrement: true }); };
  asked.onsuccess = () => go(asked.result);
  asked.onerror = () => stop(asked.error);
});

// Whoever leaves takes the day and its keys along; taps that wait stay sealed until the same person is back.
async function forgetDay() {
  try {
    if (indexedDB.databases && !(await indexedDB.databases()).some((one) => one.name === "timebank-phone")) return;
    const base = await keptBase(), unit = base.transaction("day", "readwrite");
    unit.objectStore("day").clear();
    await new Promise((go) => { unit.oncomplete = unit.onabort = go; });
    base.close();
  } catch {
    return;
  }
}
if (document.documentElement.dataset.nobody) forgetDay();
document.addEventListener("submit", (event) => { if (/\/(sign-out|leave-everywhere)$/.test(event.target.action)) forgetDay(); });

// A card that lives is fetched again, alone: nothing else on the page moves.
document.querySelectorAll("[data-refresh][id]").forEach((part) => {
  if (!part.dataset.every) return;
  setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const known = part.dataset.known ? { "If-None-Match": part.dataset.known } : {};
      const answer = await fetch(part.dataset.refresh || location.href, { headers: { "X-Requested-With": "fetch", ...known } });
      if (!answer.ok || answer.redirected) return;
      part.dataset.known = answer.headers.get("ETag") || "";
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    } catch {
      part.dataset.missed = "yes";
    }
  }, Number(part.dataset.every) * 1000);
});
