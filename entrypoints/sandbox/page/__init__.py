"""The hosted payment page: what the shopper sees of Juspay, and of the bank (its looks and steps are ours)."""
