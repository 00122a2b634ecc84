"""Keys and signatures: the `Signer` and `ReturnVerifier` of `paystate.core`."""
