"""The machinery of every lifecycle: tables, observations, guards, and Juspay's words for states."""
