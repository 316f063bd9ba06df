"""Weights files: which there are, and how they are read and written."""
