// @ts-check
// What the console does beyond plain HTML. Without this script it works too.
"use strict";

// A second click on a button that was pressed already sends nothing. (Sent all the same, it would change nothing.)
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.ariaBusy === "true") event.preventDefault();
  form.ariaBusy = "true";
});

// Where htmx got no answer that it can show, such as that the session has ended, the page itself is asked for.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, () => window.location.reload());
}

// A browser's back button may show a page as it was left: with forms on their way, or of a session that has ended.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// Copy the answer for the customer.
const offerCopying = () => {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (button instanceof HTMLButtonElement && navigator.clipboard) button.hidden = false;
  }
};
document.addEventListener("click", async (event) => {
  const button = event.target;
  if (!(button instanceof HTMLButtonElement) || !button.dataset.copy) return;
  const text = document.getElementById(button.dataset.copy);
  if (!(text instanceof HTMLTextAreaElement)) return;
  await navigator.clipboard.writeText(text.value);
  button.textContent = "Copied";
});
document.addEventListener("htmx:afterSettle", offerCopying);
offerCopying();

// An open page shows news by itself: its stream tells that there is some, and the page asks for itself once more. What
// somebody is using stays as it is until they are done, or ask for the news. A window that nobody sees asks for nothing.
const UNASKED = { "hx-request": "true", "paystate-unasked": "true" };
const LOOK_AGAIN_MS = 1000;
const TRY_AGAIN_MS = 60000;
/** @type {EventSource | undefined} */
let stream;
let hasNews = false;

const shown = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
const notice = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-news]"));

/** @param {HTMLElement} part */
const isInUse = (part) => {
  const chosen = document.getSelection();
  return (
    part.contains(document.activeElement) ||
    part.querySelector(":active, details[open], .htmx-request, [aria-busy=true]") !== null ||
    (chosen !== null && !chosen.isCollapsed && part.contains(chosen.anchorNode))
  );
};

/** @param {ParentNode} page */
const sessionOf = (page) => /** @type {HTMLInputElement | null} */ (page.querySelector(".me [name=csrf]"))?.value;

// The page as it is now; undefined where no answer comes.
const asked = async () => {
  try {
    const answer = await fetch(window.location.href, { headers: UNASKED });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Somebody else may have signed in by now: nothing of theirs belongs under this one's name.
    const isOver = answer.status === 401 || (answer.ok && sessionOf(page) !== sessionOf(document));
    return { isOver, now: /** @type {HTMLElement | null} */ (page.querySelector("[data-live]")) };
  } catch {
    return undefined;
  }
};

/** @param {boolean} isWanted by whoever uses what is replaced */
const showNews = async (isWanted) => {
  hasNews = false;
  const [answer, before] = [await asked(), shown()];
  const isTyping = answer?.isOver && document.activeElement instanceof HTMLInputElement;
  if (!before) return;
  if (!isWanted && (isTyping || isInUse(before))) {
    hasNews = true;
    notice()?.removeAttribute("hidden");
  } else if (answer?.now && !answer.isOver) {
    before.replaceWith(answer.now);
    notice()?.setAttribute("hidden", "");
    /** @type {any} */ (window).htmx?.process(answer.now);
    offerCopying();
  } else if (answer?.isOver || isWanted) {
    window.location.reload();
  } else {
    notice()?.removeAttribute("hidden");
    setTimeout(() => (hasNews = true), TRY_AGAIN_MS);
  }
};

const showNewsIfIdle = () => {
  const part = shown();
  if (!hasNews || !part) return;
  if (isInUse(part)) notice()?.removeAttribute("hidden");
  else void showNews(false);
};

const follow = () => {
  stream?.close();
  const address = shown()?.dataset.live;
  if (!address || document.hidden) return;
  const begun = (stream = new EventSource(address));
  begun.addEventListener("news", () => {
    hasNews = true;
    showNewsIfIdle();
  });
  begun.addEventListener("ended", () => {
    begun.close();
    hasNews = true;
    showNewsIfIdle();
  });
  begun.addEventListener("error", () => {
    if (begun === stream && begun.readyState === EventSource.CLOSED) setTimeout(follow, TRY_AGAIN_MS);
  });
};

if (shown()) {
  document.addEventListener("visibilitychange", follow);
  notice()?.querySelector("button")?.addEventListener("click", () => void showNews(true));
  setInterval(showNewsIfIdle, LOOK_AGAIN_MS);
  follow();
}
