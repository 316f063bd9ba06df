from liifgan_core.threads import share_cores

share_cores()  # before any test imports torch
