"""Many photos by one rule: which, under which names, what is done; no torch, no user interface."""
