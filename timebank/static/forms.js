// What every form gains from a script. Every form works without it.
"use strict";

// A second tap on a form that is on its way is not a second form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

// The first wrong field is where the reader goes on.
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();
