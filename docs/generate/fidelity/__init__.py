"""What is known of Juspay, as rows, and where each was read: `docs/reference/fidelity/*.toml`, read and checked."""
