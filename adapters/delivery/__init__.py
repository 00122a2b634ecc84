"""How announcements reach a merchant: webhooks by the Standard Webhooks text and NATS, to checked addresses only."""
