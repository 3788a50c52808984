// Stands before a volunteer's pages: with a network it hands on, without one it gives the page that shows what the phone has kept.
"use strict";

const KEPT = `timebank-${new URL(location.href).searchParams.get("v")}`;
const SHELL = "/phone/without-network";
const LONGEST = 10000;

// The shell and every file it names are kept; nothing of anybody's is among them.
async function fetchAll() {
  const [kept, shell] = [await caches.open(KEPT), await fetch(SHELL, { credentials: "omit", cache: "no-store" })];
  if (!shell.ok) throw new Error("no shell");
  const files = new Set([...(await shell.clone().text()).matchAll(/"(\/static\/[^"#]+)/g)].map((found) => found[1]));
  await Promise.all([kept.put(SHELL, shell), ...[...files].map((file) => kept.add(file))]);
}

async function file(request) {
  const found = await caches.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(KEPT)).put(request, answer.clone());
  return answer;
}

// A page that does not come in time is as good as none: whoever stands at a door sees what the phone has kept.
async function page(request) {
  const shell = caches.match(SHELL);
  const late = new Promise((_go, stop) => setTimeout(stop, LONGEST, new Error("late")));
  try {
    return await Promise.race([fetch(request), late]);
  } catch (error) {
    const kept = await shell;
    if (!kept) throw error;
    return kept;
  }
}

self.addEventListener("install", (event) => event.waitUntil(fetchAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("timebank-") && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const [request, address] = [event.request, new URL(event.request.url)];
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});
