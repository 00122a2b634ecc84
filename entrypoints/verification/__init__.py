"""The explorer: every state that a small world reaches, tried and judged."""
