// @ts-check
/**
 * Juspay's web SDK, played by the sandbox that served this file. A page that loads Juspay's own loads this one instead
 * by its address alone:
 *
 *     <script src="http://127.0.0.1:9000/hyper-sdk-web/HyperServices.js"></script>
 *
 * Names, payloads and events are Juspay's (gateway contract, section D). Who decides is the sandbox: this file passes
 * on each call as it is, shows the payment page, and hands each event to the page's callback. It talks to the sandbox
 * alone. Card data never comes here: the shopper enters it on the payment page, which is the sandbox's.
 *
 * @typedef {{requestId: string, service: string, payload: Record<string, unknown>}} HyperRequest
 * @typedef {{requestId: string, service: string, event: string, payload: Record<string, unknown>,
 *            error: boolean, errorCode: string, errorMessage: string}} HyperEvent
 * @typedef {(event: HyperEvent) => void} HyperCallback
 * @typedef {{events: HyperEvent[], page_url?: string | null}} Answer
 */
(() => {
  "use strict";

  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const SANDBOX = new URL("..", script.src).href;
  const LOOK_EVERY_MS = 400;
  const WHILE_OPEN = ["updateOrder", "resumePayment"];

  /** The sandbox did not take the call; `code` is the SDK's error code. */
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
   * @param {string} step
   * @param {string} instance empty where the sandbox is to know of none
   * @param {object} [body]
   * @returns {Promise<Answer>}
   */
  async function ask(step, instance, body) {
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json" };
    if (instance) headers["x-sdk-instance"] = instance;
    // keepalive: what a page says while it is being left arrives all the same.
    const how = body ? { method: "POST", body: JSON.stringify(body), keepalive: true } : { method: "GET" };
    const answer = await fetch(`${SANDBOX}_sdk/${step}`, { ...how, headers, credentials: "omit" }).catch(() => {
      throw new Refused("JP_005", "The sandbox cannot be reached");
    });
    const told = await answer.json();
    if (!answer.ok) throw new Refused("JP_001", String(told.error));
    return told;
  }

  /**
   * The event by which a call fails that the sandbox could not answer itself.
   *
   * @param {"initiate_result" | "process_result"} event
   * @param {HyperRequest} request
   * @param {unknown} problem
   * @returns {HyperEvent}
   */
  function failure(event, request, problem) {
    const { action, orderId = "" } = request.payload ?? {};
    const isInitiate = event === "initiate_result";
    return {
      requestId: request.requestId,
      service: request.service,
      event,
      payload: isInitiate ? { action, status: "failure" } : { action, status: "api_failure", orderId },
      error: true,
      errorCode: problem instanceof Refused ? problem.code : "JP_000",
      errorMessage: problem instanceof Error ? problem.message : String(problem),
    };
  }

  class HyperServices {
    #id = `web_${crypto.getRandomValues(new Uint32Array(4)).join("")}`;
    /** @type {"created" | "initiating" | "initialised" | "terminated"} */
    #stage = "created";
    /** @type {HyperCallback | undefined} */
    #callback;
    /** @type {Promise<void>} */
    #turn = Promise.resolve();
    /** The id of the element that holds the payment page; none where the browser goes there. */
    #div = "";
    /** @type {HTMLIFrameElement | undefined} */
    #frame;

    /**
     * Fetch what the SDK needs beforehand: at any time, any number of times. There is no event (documented, D.2).
     *
     * @param {{payload: {clientId: string}}} request
     */
    static preFetch(request) {
      ask("preFetch", "", request).catch((problem) => console.warn(problem.message));
    }

    /**
     * Make this instance ready; `initiate_result` tells whether it is (documented, D.3).
     *
     * @param {HyperRequest} request
     * @param {HyperCallback} callback gets every event of this instance
     */
    initiate(request, callback) {
      this.#callback ??= callback;
      const { integrationType, hyperSDKDiv } = request.payload ?? {};
      const wasCreated = this.#stage === "created";
      if (wasCreated) {
        this.#div = integrationType === "redirection" ? "" : String(hyperSDKDiv ?? "");
        this.#stage = "initiating";
      }
      this.#inTurn("initiate_result", request, async () => {
        const { events } = await ask("initiate", this.#id, request);
        if (wasCreated && this.#stage === "initiating") this.#stage = events[0]?.error ? "created" : "initialised";
        this.#hand(events);
      });
    }

    /**
     * Whether `process` may be called (documented, D.8): from a good `initiate_result` to `terminate`.
     *
     * @returns {boolean}
     */
    isInitialised() {
      return this.#stage === "initialised";
    }

    /**
     * Open the payment page; or, while it is open, `updateOrder` and `resumePayment` (documented, D.4).
     *
     * What breaks the order of D.9 ends in `process_result` with `api_failure`, as the sandbox answers it.
     *
     * @param {HyperRequest} request the `sdk_payload` of a session, or a signed payload, unchanged
     */
    process(request) {
      // Between initiate and its result the sandbox may know the instance already, yet the app cannot know that it does.
      const id = this.#stage === "initiating" || this.#stage === "created" ? "" : this.#id;
      this.#inTurn("process_result", request, async () => {
        const div = this.#div ? document.getElementById(this.#div) : null;
        if (this.#div && !div) throw new Refused("JP_001", `There is no element with the id ${this.#div}`);
        const { events, page_url: page } = await ask("process", id, request);
        if (!page && WHILE_OPEN.includes(String(request.payload.action))) this.#end(events);
        else if (!page) this.#hand(events); // a page that is open already stays open
        else if (!div) this.#leaveFor(page, events);
        else if (this.#frame) this.#showAnew(this.#frame, request);
        else this.#show(div, page, events);
      });
    }

    /**
     * Tell the SDK of a press on "back" (community types, D.8).
     *
     * @returns {boolean} whether the SDK took it: false where no payment page is open, and the app goes back itself
     */
    handleBackpress() {
      if (!this.#frame) return false;
      // Refused where the page has closed in the meantime: then its result is on its way.
      ask("act", this.#id, { action: "back" }).then(({ events }) => this.#end(events), () => {});
      return true;
    }

    /** End this instance. Only a new one works afterwards (D.8). Money is untouched. */
    terminate() {
      this.#stage = "terminated";
      this.#close();
      const request = { requestId: this.#id, service: "in.juspay.hyperpay", payload: {} };
      this.#turn = this.#turn.then(() => ask("terminate", this.#id, request)).then(() => {}, () => {});
    }

    /**
     * Let calls reach the sandbox in the order in which the app made them.
     *
     * @param {"initiate_result" | "process_result"} result how the call ends if it fails
     * @param {HyperRequest} request
     * @param {() => Promise<void>} call
     */
    #inTurn(result, request, call) {
      this.#turn = this.#turn.then(call).catch((problem) => {
        if (result === "initiate_result" && this.#stage === "initiating") this.#stage = "created";
        this.#hand([failure(result, request, problem)]);
      });
    }

    /** @param {HyperEvent[]} events */
    #hand(events) {
      for (const event of events) {
        try {
          if (this.#callback) this.#callback(event);
          else console.error(event.errorMessage || event.event);
        } catch (problem) {
          console.error(problem); // the page's own fault, and not the next event's
        }
      }
    }

    /**
     * In redirection mode the browser itself goes to the page, and comes back by the return URL (documented, D.9).
     *
     * @param {string} page
     * @param {HyperEvent[]} events
     */
    #leaveFor(page, events) {
      this.#hand(events);
      window.location.assign(page);
    }

    /**
     * The loader is hidden once the page can be seen (documented, D.5 and D.9).
     *
     * @param {HTMLElement} div
     * @param {string} page
     * @param {HyperEvent[]} events
     */
    #show(div, page, events) {
      const isShown = (/** @type {HyperEvent} */ event) => event.event === "hide_loader";
      this.#hand(events.filter((event) => !isShown(event)));
      const frame = document.createElement("iframe");
      frame.title = "Payment";
      frame.src = page;
      frame.width = "100%";
      frame.height = String(Math.max(div.clientHeight, 640));
      frame.style.border = "0";
      frame.addEventListener("load", () => this.#hand(events.filter(isShown)), { once: true });
      this.#frame = frame;
      div.append(frame);
      this.#listen(frame);
    }

    /**
     * @param {HTMLIFrameElement} frame
     * @param {HyperRequest} request
     */
    #showAnew(frame, request) {
      // A resumed payment goes on by itself: the page waits for it.
      if (request.payload.action === "updateOrder") frame.src = String(frame.src);
    }

    /**
     * Hear what the shopper does on the page, until it closes.
     *
     * @param {HTMLIFrameElement} frame
     */
    async #listen(frame) {
      while (this.#frame === frame) {
        await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
        // Out of reach for a moment: the next look has the events, since the sandbox keeps them until they are taken.
        const { events } = await ask(`events?instance=${this.#id}`, "").catch(() => ({ events: [] }));
        this.#end(events);
      }
    }

    /**
     * Hand over what came of the page that is open, which its result closes.
     *
     * @param {HyperEvent[]} events
     */
    #end(events) {
      if (events.some((event) => event.event === "process_result")) this.#close();
      this.#hand(events);
    }

    #close() {
      this.#frame?.remove();
      this.#frame = undefined;
    }
  }

  Object.assign(window, { HyperServices });
})();
