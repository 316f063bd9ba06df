"""Raws of cameras."""
