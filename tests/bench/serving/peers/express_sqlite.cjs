// What a shop writes that takes webhooks by itself: Express and better-sqlite3. It knows its sender, keeps each webhook
// once, and notes that its order has to be looked at, in one transaction that is committed before the answer.
// node express_sqlite.cjs DATABASE PORT USER PASSWORD FULL|NORMAL
"use strict";
const { timingSafeEqual, createHash } = require("node:crypto");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const installed = createRequire(join(process.cwd(), "package.json"));
const express = installed("express");
const Database = installed("better-sqlite3");

const [database, port, user, password, synchronous] = process.argv.slice(2);
const db = new Database(database);
db.pragma("journal_mode = WAL");
db.pragma(`synchronous = ${synchronous}`);
db.exec(`
  create table if not exists webhooks (
    id integer primary key, event_id text not null unique, event_name text not null, order_id text not null,
    body text not null, received_at integer not null);
  create index if not exists webhooks_order on webhooks (order_id);
  create table if not exists due (order_id text primary key, at integer not null);
  create index if not exists due_at on due (at);
`);
const keep = db.prepare("insert into webhooks (event_id, event_name, order_id, body, received_at) values (?, ?, ?, ?, ?) on conflict do nothing");
const isDue = db.prepare("insert into due values (?, ?) on conflict do update set at = excluded.at");
const taken = db.transaction((event, body, now) => {
  const order = event.content.order.order_id;
  if (keep.run(event.id, event.event_name, order, body, now).changes === 1) isDue.run(order, now);
});

const digest = (text) => createHash("sha256").update(text).digest();
const login = digest("Basic " + Buffer.from(`${user}:${password}`).toString("base64"));
const app = express();
app.disable("x-powered-by");
app.post("/webhooks/juspay/benchshop", express.text({ type: "application/json", limit: "1mb" }), (request, response) => {
  if (!timingSafeEqual(digest(request.headers.authorization || ""), login)) return response.status(401).end();
  taken(JSON.parse(request.body), request.body, Date.now());
  response.type("application/json").send("{}");
});
app.listen(Number(port), "127.0.0.1");
