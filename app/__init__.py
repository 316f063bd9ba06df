"""The desktop app: a photo as a continuous function, looked at and exported at any size."""
