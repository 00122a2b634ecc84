"""A checkout, which is one run of the SDK, and the texts that get signed for it."""
