"""HEIC, and the boxes that AVIF shares with it."""
