"""Weights as one tree, canonical path -> array in canonical layout, whatever framework holds them.

Canonical layouts are torch's: a convolution's weight is (out, in, rows, columns), a linear layer's
(out, in).
"""
