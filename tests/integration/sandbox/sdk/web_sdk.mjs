// Plays shops that load the web SDK, and their shoppers, against a running sandbox; prints what each of them saw.
// Arguments: the sandbox, one with the paymentAttempt event, and what the merchant's backend signed and may call with.
import vm from "node:vm";

const [sandbox, asking, handedOut] = process.argv.slice(2);
const backend = JSON.parse(handedOut);
const SCRIPT = "/hyper-sdk-web/HyperServices.js";

const code = await (await fetch(sandbox + SCRIPT)).text();

/** A shop's page: as much of a browser as the script needs. */
function shop(base = sandbox) {
  const page = { events: [], waiting: [], went: [], shown: [], frames: [], errors: [] };
  const div = { clientHeight: 0, append: (frame) => page.frames.push(frame) };
  const document = {
    currentScript: { src: base + SCRIPT },
    getElementById: (id) => (id === "HyperSDKDiv" ? div : null),
    createElement: () => ({
      style: {},
      set src(url) {
        page.shown.push(url);
        setTimeout(() => (this.load?.(), (this.load = undefined)));
      },
      get src() {
        return page.shown.at(-1);
      },
      addEventListener(_, load) {
        this.load = load;
      },
      remove: () => page.frames.pop(),
    }),
  };
  const window = { location: { assign: (url) => page.went.push(url) } };
  const quick = (done, ms) => setTimeout(done, ms / 40);
  const console = { error: (text) => page.errors.push(String(text)), warn: (text) => page.errors.push(String(text)) };
  vm.runInNewContext(code, { document, window, fetch, URL, crypto, setTimeout: quick, console });
  page.HyperServices = window.HyperServices;
  page.sdk = new window.HyperServices();
  page.hear = (event) => (page.events.push(event), page.waiting.splice(0).forEach((go) => go()));
  /** Wait for the next event of that name, and return it. */
  page.next = async (name) => {
    for (;;) {
      const found = page.events.findIndex((event) => event.event === name && !event.isTaken);
      if (found >= 0) return (page.events[found].isTaken = true), page.events[found];
      await new Promise((done) => page.waiting.push(done));
    }
  };
  page.initiate = (more = {}, payload = backend.initiate) => {
    const shown = { integrationType: "iframe", hyperSDKDiv: "HyperSDKDiv" };
    page.sdk.initiate(request({ ...payload, ...shown, ...more }), page.hear);
    return page.next("initiate_result");
  };
  page.open = async (payload) => {
    page.sdk.process(payload);
    await page.next("hide_loader");
  };
  return page;
}

const request = (payload) => ({ requestId: "req-1", service: "in.juspay.hyperpay", payload });
const short = ({ event, error, errorCode, payload }) => [event, payload.status, error, errorCode];
const forms = (url, fields) => fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
const at = (url, answer) => new URL(answer.headers.get("location"), url).href;

const soon = () => new Promise((done) => setTimeout(done, 5));

/** The merchant's backend opens a session. */
async function session(order_id, base = sandbox) {
  const headers = { "Content-Type": "application/json", ...backend.headers };
  const answer = await fetch(`${base}/session`, { method: "POST", headers, body: JSON.stringify({ ...backend.session, order_id }) });
  return (await answer.json()).sdk_payload;
}

/** The shopper chooses, and is at the bank then. */
async function chooses(url) {
  return at(url, await forms(`${url}/pay`, { kind: "upi", upi: "success@upi" }));
}

const stories = {
  async paysInAFrame() {
    const page = shop();
    page.HyperServices.preFetch({ payload: { clientId: "bakery" } });
    const ready = [page.sdk.isInitialised()];
    const initiated = short(await page.initiate());
    ready.push(page.sdk.isInitialised());
    await page.open(await session("web-1"));
    const open = page.frames.length;
    const bank = await chooses(page.shown[0]);
    const ended = await forms(bank, { answer: "approve" });
    const result = short(await page.next("process_result"));
    const names = page.events.map(({ event }) => event);
    page.sdk.terminate();
    ready.push(page.sdk.isInitialised());
    return { initiated, ready, names, open, inPlace: ended.status, result, left: page.frames.length, went: page.went };
  },
  async goesBack() {
    const page = shop();
    await page.initiate();
    const taken = [page.sdk.handleBackpress()];
    await page.open(await session("web-2"));
    taken.push(page.sdk.handleBackpress());
    const before = short(await page.next("process_result"));
    await page.open(await session("web-2"));
    await chooses(page.shown.at(-1));
    taken.push(page.sdk.handleBackpress());
    return { taken, before, after: short(await page.next("process_result")), left: page.frames.length };
  },
  async calledOutOfOrder() {
    const page = shop();
    const payload = await session("web-3");
    page.sdk.process(payload); // no callback is known yet
    while (!page.errors.length) await soon();
    const first = page.initiate();
    page.sdk.process(payload); // the result is not there yet
    const early = short(await page.next("process_result"));
    await first;
    const twice = short(await page.initiate());
    await page.open(payload);
    page.sdk.process(payload);
    const second = short(await page.next("process_result"));
    const stillOpen = page.frames.length;
    page.sdk.terminate();
    page.sdk.process(payload);
    const late = short(await page.next("process_result"));
    return { early, twice, second, stillOpen, late, left: page.frames.length, errors: page.errors };
  },
  async goesThereAndComesBackByTheReturnUrl() {
    const page = shop();
    await page.initiate({ integrationType: "redirection" });
    await page.open(await session("web-4"));
    const back = await forms(await chooses(page.went[0]), { answer: "approve" });
    return { frames: page.shown.length, back: back.headers.get("location"), results: page.events.filter(({ event }) => event === "process_result").length };
  },
  async signs() {
    const page = shop();
    const initiated = short(await page.initiate({}, backend.signedInitiate));
    await page.open(request(backend.signedProcess));
    page.sdk.process(request({ action: "updateOrder", ...backend.signedUpdate }));
    while (page.shown.length < 2) await soon();
    const price = /₹[\d.,]+/.exec(await (await fetch(page.shown[1])).text())[0];
    page.sdk.process(request({ action: "updateOrder", ...backend.signedUpdate, signature: "AAAA" }));
    return { initiated, price, forged: short(await page.next("process_result")), left: page.frames.length };
  },
  async asksTheShopFirst() {
    const page = shop(asking);
    await page.initiate();
    const seen = [];
    for (const status of [true, false]) {
      await page.open(await session(`web-5-${status}`, asking));
      const url = page.shown.at(-1);
      const waits = at(url, await forms(`${url}/pay`, { kind: "upi", upi: "success@upi" }));
      const { payload } = await page.next("paymentAttempt");
      const told = (await (await fetch(`${waits}/stage`)).json()).stage;
      const again = at(url, await forms(`${url}/pay`, { kind: "upi", upi: "success@upi" }));
      const shown = /<h1>(.*)<\/h1>/.exec(await (await fetch(url)).text())[1];
      page.sdk.process(request({ action: "resumePayment", txnReference: payload.txnReference, status }));
      if (!status) {
        seen.push([payload.payment_method, told, again === waits, shown, short(await page.next("process_result"))]);
        continue;
      }
      while ((await (await fetch(`${waits}/stage`)).json()).stage !== "bank") await soon();
      await forms(at(waits, await fetch(waits, { redirect: "manual" })), { answer: "approve" });
      seen.push([payload.payment_method, told, again === waits, shown, short(await page.next("process_result"))]);
    }
    return { seen };
  },
  async meetsTrouble() {
    const page = shop("http://127.0.0.1:1");
    const gone = short(await page.initiate());
    const other = shop();
    const broken = short(await other.initiate({ merchantId: 7 }));
    await other.initiate({ hyperSDKDiv: "nowhere" });
    other.sdk.process(await session("web-6"));
    const none = short(await other.next("process_result"));
    const careless = shop();
    careless.sdk.initiate(request(backend.initiate), () => {
      throw new Error("the shop's own fault");
    });
    while (!careless.errors.length) await soon();
    return { gone, broken, none, careless: careless.errors };
  },
};

const told = {};
let playing;
// Node leaves when nothing is left to wait for, also when a shop waits for an event that never comes.
process.on("exit", () => playing && process.stderr.write(`${playing} did not end`));
for (const [name, play] of Object.entries(stories)) told[(playing = name)] = await play();
playing = undefined;
process.stdout.write(JSON.stringify(told));
process.exit(0); // pages that are still open would listen for ever
