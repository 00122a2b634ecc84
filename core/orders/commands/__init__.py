"""What may be done with an order: each command, its checks, and the fact it leaves."""
