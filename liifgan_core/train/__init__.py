"""Training of the LIIF-GAN family."""
