"""How announcements reach a merchant: webhooks by the Standard Webhooks text, signed, and to checked addresses only."""
