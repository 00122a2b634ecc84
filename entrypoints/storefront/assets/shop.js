// @ts-check
/**
 * The shop's page: it moves payloads between the shop and Juspay's SDK, and decides nothing. Whether an order is paid
 * stands in the page that the shop makes, which is fetched anew until it says so. Without this script everything works
 * but paying.
 *
 * @typedef {{requestId: string, service: string, payload: Record<string, unknown>}} SdkRequest
 * @typedef {{event: string, error?: boolean}} SdkEvent
 * @typedef {{initiate(request: SdkRequest, callback: (event: SdkEvent) => void): void,
 *            process(request: SdkRequest): void, terminate(): void, handleBackpress(): boolean}} SdkInstance
 * @typedef {{new (): SdkInstance, preFetch(request: SdkRequest): void}} SdkClass
 */
(() => {
  "use strict";

  const OFTEN_MS = 1000;
  const SELDOM_MS = 5000;
  const OFTEN_FOR_MS = 120_000;

  const Sdk = /** @type {SdkClass | undefined} */ (Reflect.get(window, "HyperServices"));

  /** The shop refused a call; `code` is its own or Paystate's. */
  class Refused extends Error {
    /**
     * @param {string} code
     * @param {string} message
     */
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async function call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    // keepalive: what a page says while it is being left arrives all the same.
    const answer = await fetch(path, { method, headers, keepalive: true, body: body && JSON.stringify(body) });
    const told = await answer.json();
    if (!answer.ok) throw new Refused(String(told.code), String(told.detail));
    return told;
  }

  /** @param {string} text */
  function notice(text) {
    const place = document.getElementById("notice");
    if (place) place.textContent = text;
  }

  /** Step 1, once for each tab that is opened. */
  async function prefetch() {
    if (!Sdk || sessionStorage.getItem("prefetched")) return;
    Sdk.preFetch(await call("GET", "/sdk/prefetch"));
    sessionStorage.setItem("prefetched", "yes");
    await refresh();
  }

  /** One run of the SDK on an order's page: steps 2 to 7. */
  class Checkout {
    #orderId;
    #shownIn;
    #sdk;
    #id = "";
    #told = Promise.resolve();
    isReady = false;
    isPaying = false;
    /** The browser itself goes to Juspay's page, and the SDK must be there until it is back. */
    isLeaving = false;

    /**
     * @param {SdkInstance} sdk
     * @param {string} orderId
     * @param {string} shownIn `iframe` or `redirection`
     */
    constructor(sdk, orderId, shownIn) {
      this.#sdk = sdk;
      this.#orderId = orderId;
      this.#shownIn = shownIn;
    }

    /** Steps 2 and 3, in the background, while the shopper looks the order over. */
    async start() {
      const given = await call("POST", `/orders/${this.#orderId}/checkouts`);
      this.#id = given.checkout_id;
      const shown = { integrationType: this.#shownIn, hyperSDKDiv: "HyperSDKDiv" };
      const { initiate_payload: signed } = given;
      this.#sdk.initiate({ ...signed, payload: { ...signed.payload, ...shown } }, (event) => {
        this.#hear(event).catch(tell);
      });
    }

    /** Steps 4 and 5. */
    async pay() {
      if (!this.isReady || this.isPaying) return;
      this.isPaying = true;
      show();
      try {
        await this.#told;
        const payload = await this.#ask("process", {});
        this.isLeaving = this.#shownIn === "redirection";
        this.#sdk.process(payload);
      } catch (problem) {
        this.isPaying = false;
        if (problem instanceof Refused && problem.code === "checkout_expired") window.location.reload();
        else if (problem instanceof Refused && problem.code === "not_to_be_paid") await refresh(); // it says why
        else throw problem;
      } finally {
        show();
      }
    }

    /** The shopper presses the page's own "back". */
    goBack() {
      this.#sdk.handleBackpress();
    }

    /** Step 7. */
    end() {
      if (this.isLeaving || !this.#id) return;
      this.#sdk.terminate();
      this.#ask("terminate", {}).catch(() => {});
    }

    /**
     * Step 6: every event goes on to the shop, in the order in which they came. None says here how the payment ended.
     *
     * @param {SdkEvent} event
     */
    async #hear(event) {
      this.#told = this.#told.then(() => this.#ask("events", event)).catch((problem) => notice(problem.message));
      await this.#told;
      if (event.event === "initiate_result") this.isReady = !event.error;
      if (event.event === "initiate_result" && event.error) notice("The payment cannot be started. Please reload.");
      const isBack = event.event === "process_result";
      if (isBack) this.#isBack();
      show();
      if (event.event.endsWith("_result")) await refresh().finally(() => isBack && this.#mayPayAgain());
    }

    /** What the page offers is from before the payment, until it was fetched anew. */
    #isBack() {
      this.isPaying = false;
      this.isReady = false;
    }

    #mayPayAgain() {
      this.isReady = true;
      show();
    }

    /**
     * @param {string} step
     * @param {object} body
     */
    #ask(step, body) {
      return call("POST", `/orders/${this.#orderId}/checkouts/${this.#id}/${step}`, body);
    }
  }

  /** @type {Checkout | undefined} */
  let checkout;

  /** Show what the checkout's step allows; run again whenever the page has changed. */
  function show() {
    const pay = document.getElementById("pay");
    const { isReady = false, isPaying = false, isLeaving = false } = checkout ?? {};
    if (pay instanceof HTMLButtonElement) {
      pay.hidden = false; // without this script nobody could pay with it
      pay.disabled = !isReady || isPaying;
    }
    const note = document.getElementById("pay-note");
    if (note && Sdk) note.textContent = isReady ? "" : "Getting the payment ready …";
    if (note && !Sdk) note.textContent = "Juspay's SDK could not be loaded. Please reload this page.";
    const isFramed = isPaying && !isLeaving && document.querySelector("#HyperSDKDiv iframe") !== null;
    const payment = document.getElementById("payment");
    if (!payment || payment.hidden !== isFramed) return;
    payment.hidden = !isFramed;
    document.body.classList.toggle("paying", isFramed);
    document.getElementById(isFramed ? "leave" : "heading")?.focus();
    if (isFramed) payment.scrollIntoView();
  }

  /** @param {Element} old @param {Element} fresh */
  function swap(old, fresh) {
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) document.getElementById("heading")?.focus();
  }

  /** Take over the steps of a page that was fetched anew; what is open stays open, and news are seen. */
  function renewSteps(/** @type {Document} */ page) {
    const old = document.getElementById("steps");
    const fresh = page.getElementById("steps");
    if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
    const isChanged = (/** @type {Element} */ item, /** @type {number} */ index) =>
      item.getAttribute("data-notes") !== fresh.children[index]?.getAttribute("data-notes");
    [...old.children].forEach((item, index) => {
      const renewed = fresh.children[index];
      if (!renewed || !isChanged(item, index)) return;
      const copy = /** @type {Element} */ (document.importNode(renewed, true));
      copy.classList.add("fresh");
      const wasOpen = item.querySelector("details")?.open ?? false;
      const hadFocus = item.contains(document.activeElement);
      item.replaceWith(copy);
      const details = copy.querySelector("details");
      if (details) details.open = wasOpen;
      if (hadFocus) copy.querySelector("summary")?.focus();
    });
  }

  /** Fetch the page anew, and take over what has changed in it. */
  async function refresh() {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    renewSteps(page);
    const old = document.getElementById("order");
    const fresh = page.getElementById("order");
    if (old && fresh && old.dataset.stage !== fresh.dataset.stage) {
      swap(old, document.importNode(fresh, true));
      document.title = page.title;
      notice("");
    }
    const isPayable = document.getElementById("pay") !== null;
    if (!isPayable && checkout && !checkout.isPaying) {
      checkout.end();
      checkout = undefined;
    }
    if (isPayable && !checkout) await begin();
    show();
  }

  /** Begin a checkout where the page offers to pay. */
  async function begin() {
    const order = document.getElementById("order");
    if (!Sdk || !order || !document.getElementById("pay")) return;
    checkout = new Checkout(new Sdk(), String(order.dataset.order), String(order.dataset.shownIn));
    try {
      await checkout.start();
    } catch (problem) {
      checkout = undefined; // the next look at the page may begin one
      throw problem;
    }
  }

  /** @param {unknown} problem */
  function tell(problem) {
    notice(problem instanceof Refused ? problem.message : "The shop cannot be reached. Please try again.");
  }

  const began = Date.now();
  async function watch() {
    const pause = Date.now() - began < OFTEN_FOR_MS ? OFTEN_MS : SELDOM_MS;
    await new Promise((done) => setTimeout(done, pause));
    if (document.visibilityState === "visible") await refresh().catch(() => {}); // the next look may reach it again
    watch();
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.id === "pay") checkout?.pay().catch((problem) => refresh().finally(() => tell(problem)));
    if (button?.id === "leave") checkout?.goBack();
  });

  // A second click on a button that was pressed already sends nothing. (Sent all the same, it would change nothing.)
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
  });

  window.addEventListener("pagehide", () => checkout?.end());

  // A browser's back button may show the page as it was left, with an SDK that has ended.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  // Whether the panel is folded is remembered, so that it stays so on the next page.
  const behind = document.getElementById("behind");
  if (behind instanceof HTMLDetailsElement) {
    const isNarrow = window.matchMedia("(max-width: 61.99rem)").matches;
    behind.open = (localStorage.getItem("behind") ?? (isNarrow ? "folded" : "open")) === "open";
    behind.addEventListener("toggle", () => localStorage.setItem("behind", behind.open ? "open" : "folded"));
  }

  prefetch().catch(() => {});
  begin().catch(tell);
  show();
  if (document.getElementById("order")) watch();
})();
