"""Keys and signatures: the `Signer` and `KeyRing` of `paystate.core`."""
