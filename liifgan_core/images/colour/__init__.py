"""What colours mean."""
