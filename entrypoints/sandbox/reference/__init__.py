"""The reference of every route that the sandbox has, with bodies that it really takes and gives (ours)."""
