"""The demo: a merchant's app, a merchant's backend, and stories in which things go right and wrong."""
