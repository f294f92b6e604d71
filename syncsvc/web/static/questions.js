// Keys for the inbox: j and k move, 1 to 4 answer, u takes the last answer back, ? explains. Buttons do the same.
"use strict";

(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const current = () => document.activeElement?.closest("[data-question]");
  let place = 0; // of the card that was answered: the one that moves up to it comes next

  const go = (card) => {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };

  const move = (step) => {
    const cards = all("[data-question]");
    const at = cards.indexOf(current());
    go(at < 0 ? cards[0] : cards[Math.min(Math.max(at + step, 0), cards.length - 1)]);
  };

  const help = () => {
    const dialog = document.getElementById("tastatur");
    if (dialog && !dialog.open) dialog.showModal();
  };

  const typing = (target) =>
    target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
    else if (event.key === "?") help();
    else if (event.key === "u") document.querySelector("[data-undo] button")?.click();
    else if (/^[1-4]$/.test(event.key)) {
      if (event.repeat) return; // a key held down answers one question, not the next ones too
      current()?.querySelectorAll(".answers button")[Number(event.key) - 1]?.click();
    } else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
  });

  document.addEventListener("submit", (event) => {
    const card = event.target.closest("[data-question]");
    if (card) place = all("[data-question]").indexOf(card);
  });

  const shown = () => {
    for (const button of all("[data-help]")) button.hidden = false;
  };

  // After an answer: read out what became of it, and go on with the card that took the answered one's place.
  document.addEventListener("htmx:after:swap", () => {
    shown();
    const told = document.querySelector("#klaerungen .notice p");
    const status = document.querySelector("[data-announce]");
    if (status) status.textContent = told ? told.textContent : "";
    const cards = all("[data-question]");
    if (cards.length) go(cards[Math.min(place, cards.length - 1)]);
    else document.getElementById("inhalt").focus();
  });

  shown();
})();
