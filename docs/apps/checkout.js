// One checkout, as an app sees it: the four things that it asks Paystate for. For browsers, React Native and Cordova.
export class Checkout {
  #address;
  #token;
  #told = Promise.resolve();

  // paystate: such as "https://pay.example.com"; given: what your backend got from POST /v1/checkouts.
  constructor(paystate, given) {
    this.#address = `${paystate}/v1/checkouts/${given.checkout_id}`;
    this.#token = given.token;
  }

  // Pass on every event of the SDK, unchanged. They arrive in the order in which they happened.
  tell(event) {
    this.#told = this.#told.then(() => this.#call("POST", "/events", event)).catch((problem) => console.warn(problem));
    return this.#told;
  }

  // What the SDK's process call takes, unchanged. Everything that was told before has arrived then.
  async processPayload(orderId) {
    await this.#told;
    return (await this.#call("POST", "/process", { order_id: orderId })).process_payload;
  }

  // How it ended, for the screen: asked every second and a half until it is known, a minute at most.
  async result(wait = () => new Promise((done) => setTimeout(done, 1500)), times = 40) {
    await this.#told;
    for (let time = 1; ; time += 1) {
      const { result } = await this.#call("GET", "/result");
      if ((result !== "waiting_for_proof" && result !== "not_started") || time === times) return result;
      await wait();
    }
  }

  // The app is done with the SDK. Money is untouched.
  async terminate() {
    await this.#told;
    await this.#call("POST", "/terminate");
  }

  async #call(method, step, body) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body) headers["Content-Type"] = "application/json";
    // keepalive: what a page says while it is being left arrives all the same.
    const sent = { method, headers, keepalive: true, body: body && JSON.stringify(body) };
    const answer = await fetch(this.#address + step, sent);
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.title), said); // said.code says what to do: see /docs/errors
    return said;
  }
}
