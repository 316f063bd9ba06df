"""From an image and a model to pixels of any region at any size."""
