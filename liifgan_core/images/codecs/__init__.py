"""Readers and encoders: one folder, or one module, for each format."""
