"""How a merchant is told: who wants to hear what, and when a message that was not taken is sent again."""
