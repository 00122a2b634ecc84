"""The SDK and the payment page, played over HTTP."""
