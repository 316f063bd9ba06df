"""Facts beside the pixels."""
