"""`/_control/...`: the routes on which a test plays the shopper, the bank and the dashboard (ours)."""
