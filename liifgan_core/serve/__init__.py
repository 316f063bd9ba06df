"""A local HTTP service: one warm process for editors and scripts. No torch."""
