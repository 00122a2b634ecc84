"""Commands about one order."""
