"""Bodies and errors in the shapes Juspay gives them."""
