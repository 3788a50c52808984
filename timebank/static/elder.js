// What the elder view gains from a script: the page is read aloud by the browser's own voice. Without a voice there is no button.
"use strict";

document.querySelectorAll("[data-read]").forEach((button) => {
  if (!window.speechSynthesis) return;
  const start = button.textContent;
  const words = (part) => {
    if (part.nodeType === Node.TEXT_NODE) return part.textContent.trim();
    if (part.nodeType !== Node.ELEMENT_NODE || part.hidden || part.tagName === "SCRIPT" || part.tagName === "svg") return "";
    return part.getAttribute("aria-label") || [...part.childNodes].map(words).filter(Boolean).join(" ");
  };
  const stop = () => { speechSynthesis.cancel(); button.textContent = start; };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.textContent !== start) { stop(); return; }
    const said = new SpeechSynthesisUtterance([...document.querySelectorAll("main > *")].map(words).filter(Boolean).join("。"));
    said.lang = document.documentElement.lang;
    said.rate = 0.85;
    said.onend = stop;
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
    button.textContent = button.dataset.stop;
  });
  window.addEventListener("pagehide", stop);
});
