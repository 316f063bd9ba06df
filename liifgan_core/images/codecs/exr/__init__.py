"""OpenEXR."""
