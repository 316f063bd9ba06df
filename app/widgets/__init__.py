"""What is seen. Widgets show the state and report what the user did; they decide nothing."""
