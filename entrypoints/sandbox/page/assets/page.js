// @ts-check
// What the payment page does beyond plain HTML. Without this script it works too.
"use strict";

// A second click on a button that was pressed already sends nothing. (Sent all the same, it would change nothing.)
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.ariaBusy === "true") event.preventDefault();
  form.ariaBusy = "true";
});

// A browser's back button may show the page as it was left, with its forms as if they were on their way.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// The field that is filled in first. (`autofocus` is blocked within a shop's page, with a complaint.)
const first = document.querySelector("[data-first]");
if (first instanceof HTMLElement) first.focus();

// A page that waits for something elsewhere, such as the shopper's phone, goes on once it has happened.
const watching = document.querySelector("[data-watch]");
if (watching instanceof HTMLElement) {
  const { watch, stage } = watching.dataset;
  const look = async () => {
    const told = await fetch(`${watch}/stage`).then((answer) => answer.json(), () => ({ stage }));
    if (told.stage === stage) setTimeout(look, 1000);
    else window.location.replace(String(watch));
  };
  setTimeout(look, 1000);
}
