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

// What was just noted may be undone for a few seconds; then the offer leaves by itself.
document.querySelectorAll("[data-leave]").forEach((part) => {
  setTimeout(() => { if (!part.contains(document.activeElement)) part.hidden = true; }, Number(part.dataset.leave) * 1000);
});

// A card that lives is fetched again, alone: nothing else on the page moves.
document.querySelectorAll("[data-refresh][id]").forEach((part) => {
  if (!part.dataset.every) return;
  setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const answer = await fetch(part.dataset.refresh || location.href, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    } catch {
      part.dataset.missed = "yes";
    }
  }, Number(part.dataset.every) * 1000);
});
