"""The tables as they were when PostgreSQL became the second database: all steps up to 0012 in one.

A new database begins with this, and every later step runs on both. So it is fixed text, as a released step is. What
differs from SQLite (`schema.py`) is what a table that is partitioned by hash cannot have: its primary key begins with
the merchant, and with the order where there is one, and no `id` is unique by a constraint. An `id` still grows.
"""

from __future__ import annotations

from typing import Final

BASELINE_HEAD: Final = "0012"
"""The step that this stands for, and those before it."""

TABLES: Final = """
create table orders (
    id bigserial not null,
    merchant_id text collate "C" not null,
    order_key text collate "C" not null,
    order_id text collate "C" not null,
    snapshot text collate "C" not null,
    version bigint not null,
    created_at bigint not null,
    next_look_at bigint,
    hint_at bigint,
    due_at bigint,
    looks text collate "C" not null,
    open_reasons bigint not null default 0,
    sends bigint not null default 0,
    urgent_at bigint,
    hint_by text collate "C" not null default 'plan',
    failures bigint not null default 0,
    planned_at bigint,
    last_return text collate "C" not null default '',
    status text collate "C" not null default '',
    currency text collate "C" not null default '',
    customer_id text collate "C" not null default '',
    purchase text collate "C" not null default '',
    amount_minor bigint not null default 0,
    changed_at bigint not null default 0,
    refund_open_since bigint,
    constraint pk_orders primary key (merchant_id, order_key)
);
create index ix_orders_amount on orders (merchant_id, currency, amount_minor, created_at, id);
create index ix_orders_changed on orders (merchant_id, changed_at, order_key);
create index ix_orders_currency on orders (merchant_id, currency, created_at, id);
create index ix_orders_due on orders (due_at, id, merchant_id) where due_at is not null;
create index ix_orders_newest on orders (merchant_id, created_at, id);
create index ix_orders_planned on orders (planned_at) where due_at is not null;
create index ix_orders_purchase on orders (merchant_id, purchase) where purchase <> '';
create index ix_orders_refund_open on orders (merchant_id, refund_open_since, id) where refund_open_since is not null;
create index ix_orders_review on orders (merchant_id, created_at, id) where open_reasons > 0;
create index ix_orders_status on orders (merchant_id, status, created_at, id);
create index ix_orders_urgent on orders (urgent_at, id, merchant_id) where urgent_at is not null;
create index ix_orders_id on orders (id);
create table order_names (
    merchant_id text collate "C" not null,
    kind text collate "C" not null,
    value text collate "C" not null,
    created_at bigint not null,
    order_row bigint not null,
    constraint pk_order_names primary key (merchant_id, kind, value, created_at, order_row)
);
create table movements (
    id bigserial not null,
    merchant_id text collate "C" not null,
    order_key text collate "C" not null,
    version bigint not null,
    at bigint not null,
    kind text collate "C" not null,
    name text collate "C" not null,
    method text collate "C" not null,
    currency text collate "C" not null,
    amount_minor bigint not null,
    constraint pk_movements primary key (merchant_id, order_key, version, kind, name),
    constraint fk_movements_order foreign key (merchant_id, order_key)
        references orders (merchant_id, order_key)
);
create index ix_movements_at on movements (merchant_id, at, id);
create table order_journal (
    id bigserial not null,
    merchant_id text collate "C" not null,
    order_key text collate "C" not null,
    version bigint not null,
    fact text collate "C" not null,
    at bigint not null,
    constraint pk_order_journal primary key (merchant_id, order_key, version),
    constraint fk_order_journal_order foreign key (merchant_id, order_key)
        references orders (merchant_id, order_key)
);
create index ix_order_journal_id on order_journal (id);
create table checkouts (
    id bigserial not null,
    merchant_id text collate "C" not null,
    checkout_id text collate "C" not null,
    order_key text collate "C",
    snapshot text collate "C" not null,
    version bigint not null,
    created_at bigint not null,
    constraint pk_checkouts primary key (merchant_id, checkout_id)
);
create index ix_checkouts_order on checkouts (merchant_id, order_key) where order_key is not null;
create table checkout_journal (
    id bigserial not null,
    merchant_id text collate "C" not null,
    checkout_id text collate "C" not null,
    version bigint not null,
    fact text collate "C" not null,
    at bigint not null,
    constraint pk_checkout_journal primary key (merchant_id, checkout_id, version),
    constraint fk_checkout_journal_checkout foreign key (merchant_id, checkout_id)
        references checkouts (merchant_id, checkout_id)
);
create table claims (
    merchant_id text collate "C" not null,
    name text collate "C" not null,
    order_key text collate "C" not null,
    constraint pk_claims primary key (merchant_id, name),
    constraint fk_claims_order foreign key (merchant_id, order_key)
        references orders (merchant_id, order_key)
);
create table inbox (
    id bigserial not null,
    merchant_id text collate "C" not null,
    event_id text collate "C" not null,
    digest text collate "C" not null,
    body bytea not null,
    received_at bigint not null,
    repeats bigint not null,
    conflicts bigint not null,
    verdict text collate "C" not null,
    order_key text collate "C",
    event_name text collate "C" not null default '',
    claims text collate "C",
    body_bytes bigint not null default 0,
    kept_bytes bigint not null default 0,
    constraint pk_inbox primary key (merchant_id, event_id, digest)
);
create index ix_inbox_looked_age on inbox (merchant_id, received_at, id, kept_bytes)
    where verdict = 'looked' and kept_bytes > 0;
create index ix_inbox_newest on inbox (merchant_id, id);
create index ix_inbox_order on inbox (merchant_id, order_key, id) where order_key is not null;
create index ix_inbox_quarantined on inbox (merchant_id, id) where verdict not in ('', 'looked');
create index ix_inbox_quarantined_age on inbox (merchant_id, received_at, id, kept_bytes)
    where verdict not in ('', 'looked');
create index ix_inbox_quarantined_bodies on inbox (merchant_id, id, kept_bytes)
    where verdict not in ('', 'looked') and kept_bytes > 0;
create index ix_inbox_waiting on inbox (merchant_id, id) where verdict = '';
create index ix_inbox_id on inbox (id);
create table quarantines (
    merchant_id text collate "C" not null,
    webhooks bigint not null,
    body_bytes bigint not null,
    constraint pk_quarantines primary key (merchant_id)
);
create table outbox (
    id bigserial not null,
    merchant_id text collate "C" not null,
    order_key text collate "C" not null,
    once_key text collate "C" not null,
    kind text collate "C" not null,
    version bigint not null,
    at bigint not null,
    event_id text collate "C" not null default '',
    kept_since bigint not null default 0,
    constraint pk_outbox primary key (merchant_id, order_key, once_key),
    constraint fk_outbox_order foreign key (merchant_id, order_key)
        references orders (merchant_id, order_key)
);
create index ix_outbox_age on outbox (merchant_id, kept_since, id);
create index ix_outbox_event on outbox (merchant_id, event_id);
create index ix_outbox_oldest on outbox (merchant_id, id);
create index ix_outbox_id on outbox (id);
create table subscribers (
    merchant_id text collate "C" not null,
    subscriber text collate "C" not null,
    after_id bigint not null,
    paused_at bigint,
    constraint pk_subscribers primary key (merchant_id, subscriber)
);
create table deliveries (
    id bigserial not null,
    merchant_id text collate "C" not null,
    subscriber text collate "C" not null,
    announcement_id bigint not null,
    order_key text collate "C" not null,
    state text collate "C" not null,
    tries bigint not null,
    due_at bigint,
    planned_at bigint,
    is_leased bigint not null default 0,
    ended_at bigint,
    told text collate "C" not null default '',
    constraint pk_deliveries primary key (merchant_id, order_key, subscriber, announcement_id)
);
create index ix_deliveries_announcement on deliveries (announcement_id);
create index ix_deliveries_dead on deliveries (merchant_id, id) where state = 'dead';
create index ix_deliveries_due on deliveries (merchant_id, subscriber, due_at, id) where due_at is not null;
create index ix_deliveries_line on deliveries (merchant_id, subscriber, order_key, announcement_id)
    where state = 'waiting';
create index ix_deliveries_newest on deliveries (merchant_id, id);
create index ix_deliveries_order on deliveries (merchant_id, order_key, id);
create index ix_deliveries_planned on deliveries (merchant_id, subscriber, planned_at, id) where due_at is not null;
create index ix_deliveries_id on deliveries (id);
create table settlement_imports (
    id bigserial not null,
    merchant_id text collate "C" not null,
    digest text collate "C" not null,
    file_name text collate "C" not null,
    taken_at bigint not null,
    rows bigint not null,
    constraint pk_settlement_imports primary key (merchant_id, id)
);
create index ix_settlement_imports_newest on settlement_imports (merchant_id, id);
create table settlement_rows (
    id bigserial not null,
    merchant_id text collate "C" not null,
    settlement_id text collate "C" not null,
    known text collate "C" not null,
    body text collate "C" not null,
    constraint pk_settlement_rows primary key (merchant_id, id)
);
create index ix_settlement_rows_known on settlement_rows (merchant_id, known, id);
create index ix_settlement_rows_settlement on settlement_rows (merchant_id, settlement_id, id);
create table settlement_cases (
    id bigserial not null,
    merchant_id text collate "C" not null,
    case_id text collate "C" not null,
    state text collate "C" not null,
    body text collate "C" not null,
    constraint pk_settlement_cases primary key (merchant_id, case_id)
);
create index ix_settlement_cases_oldest on settlement_cases (merchant_id, id);
create index ix_settlement_cases_state on settlement_cases (merchant_id, state, id);
create table api_key_uses (
    merchant_id text collate "C" not null,
    key_id text collate "C" not null,
    used_at bigint not null,
    constraint pk_api_key_uses primary key (merchant_id, key_id)
);
create table worker_heartbeats (
    worker_id text collate "C" not null,
    host text collate "C" not null,
    pid bigint not null,
    version text collate "C" not null,
    started_at bigint not null,
    beat_at bigint not null,
    steps bigint not null,
    constraint pk_worker_heartbeats primary key (worker_id)
);
create table call_paces (
    merchant_id text collate "C" not null,
    free_at bigint,
    closed_until bigint,
    closed_for bigint not null,
    constraint pk_call_paces primary key (merchant_id)
);
create index ix_call_paces_free on call_paces (free_at, merchant_id);

create function paystate_quarantine() returns trigger language plpgsql as $$
declare
    merchant text;
    webhooks_more bigint := 0;
    bytes_more bigint := 0;
begin
    if tg_op <> 'INSERT' and old.verdict not in ('', 'looked') then
        merchant := old.merchant_id;
        webhooks_more := webhooks_more - 1;
        bytes_more := bytes_more - old.kept_bytes;
    end if;
    if tg_op <> 'DELETE' and new.verdict not in ('', 'looked') then
        merchant := new.merchant_id;
        webhooks_more := webhooks_more + 1;
        bytes_more := bytes_more + new.kept_bytes;
    end if;
    if merchant is not null then
        insert into quarantines (merchant_id, webhooks, body_bytes) values (merchant, webhooks_more, bytes_more)
        on conflict (merchant_id) do update
        set webhooks = quarantines.webhooks + excluded.webhooks,
            body_bytes = quarantines.body_bytes + excluded.body_bytes;
    end if;
    return null;
end $$;
create trigger quarantines_count after insert or delete or update of verdict, kept_bytes on inbox
for each row execute function paystate_quarantine();
"""
