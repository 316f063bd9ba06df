"""Threads. Nothing here touches a widget; results cross by signals with frozen values."""
