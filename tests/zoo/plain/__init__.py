"""The nets of specs/classics/ and specs/cifar/ once more, in plain torch, from their papers.

Stages are named as the specs name them. State dicts have the order of the layers as they run.
"""
