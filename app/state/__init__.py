"""What the app knows: observable state without widgets. Main thread unless a docstring says so."""
