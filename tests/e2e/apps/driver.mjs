// Runs a page's code with a stand-in of the SDK that lets the sandbox play it: a shopper who pays at once.
// Arguments: the platform, the folder with the page's files, the service, the sandbox, and what the backend hands out.
import { pathToFileURL } from "node:url";

const [platform, folder, paystate, sandbox, handedOut] = process.argv.slice(2);
const given = JSON.parse(handedOut);
const calls = [];

class Played {
  constructor(hear) {
    this.hear = hear;
  }
  async #sdk(step, body) {
    calls.push(step);
    const headers = { "Content-Type": "application/json", ...(this.instance && { "x-sdk-instance": this.instance }) };
    const answer = await fetch(`${sandbox}/_sdk/${step}`, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(said));
    this.instance = said.instance;
    for (const event of said.events) this.hear(event); // as fast as they come: nobody waits between two
  }
  preFetch(payload) {
    return this.#sdk("preFetch", payload);
  }
  initiate(payload) {
    return this.#sdk("initiate", payload);
  }
  async process(payload) {
    await this.#sdk("process", payload);
    await this.#sdk("act", { instance: this.instance, action: "pay", method: { upi: "success@upi" } });
  }
  terminate() {
    return this.#sdk("terminate", { requestId: "-", service: "in.juspay.hyperpay", payload: {} });
  }
}

const load = (name) => import(pathToFileURL(`${folder}/${name}`));
const screen = { seen: [], ready: new Promise(() => {}), done: new Promise(() => {}) };
screen.ready = new Promise((ready) => (screen.onReady = ready));
screen.done = new Promise((done) => (screen.onResult = done));
screen.onLoader = (isShown) => screen.seen.push(isShown);

async function web() {
  const parts = { pay: {}, screen: {} };
  Object.defineProperty(parts.pay, "disabled", { set: (off) => off || screen.onReady() });
  Object.defineProperty(parts.screen, "textContent", { set: (text) => /^\w+$/.test(text) && screen.onResult(text) });
  let leaves;
  const real = globalThis.fetch;
  globalThis.fetch = (url, how) => (url === "/api/checkout" ? Promise.resolve(Response.json(given)) : real(url, how));
  globalThis.document = { getElementById: (id) => parts[id] };
  globalThis.window = {
    PAYSTATE: paystate,
    addEventListener: (_, leave) => (leaves = leave),
    HyperServices: class {
      initiate(payload, hear) {
        if (payload.payload.integrationType !== "iframe") throw new Error("no iframe");
        this.played = new Played(hear);
        this.played.initiate(payload);
      }
      process(payload) {
        this.played.process(payload);
      }
      terminate() {
        this.played.terminate();
      }
    },
  };
  await load("shop.js");
  await screen.ready;
  await parts.pay.onclick();
  return { leave: async () => leaves() };
}

function texts(hear) {
  const played = new Played((event) => hear(JSON.stringify(event)));
  return (step) => (text) => played[step](JSON.parse(text));
}

async function reactNative() {
  let hear;
  const step = texts((text) => hear(text));
  globalThis.reactNative = {
    NativeModules: {},
    NativeEventEmitter: class {
      addListener(_, listener) {
        hear = listener;
        return { remove() {} };
      }
    },
  };
  globalThis.hyperSdkReact = {
    HyperEvent: "HyperEvent",
    createHyperServices() {},
    ...Object.fromEntries(["preFetch", "initiate", "process"].map((name) => [name, step(name)])),
    terminate: () => step("terminate")("{}"),
  };
  return opened();
}

async function cordova() {
  let hear;
  const step = texts((text) => hear(text));
  globalThis.document = { addEventListener() {} };
  globalThis.cordova = {
    plugins: {
      HyperSDKPlugin: {
        preFetch: step("preFetch"),
        initiate: (text, heard) => ((hear = heard), step("initiate")(text)),
        process: (text) => step("process")(text),
        terminate: () => step("terminate")("{}"),
      },
    },
  };
  return opened();
}

async function opened() {
  const page = await load("pay.js");
  await page.prefetch(paystate);
  const running = page.pay(paystate, given, screen);
  await screen.ready;
  await running.open();
  return running;
}

const page = await { web, "react-native": reactNative, cordova }[platform]();
const result = await screen.done;
await page.leave();
process.stdout.write(JSON.stringify({ result, calls }));
