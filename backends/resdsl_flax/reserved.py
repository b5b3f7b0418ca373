"""Attributes that NNX's modules have or use themselves, so that no member may be called so.

A static table, because emitting needs no flax; a test holds it against flax. `layers` holds the
members that are numbered, `deterministic` and `use_running_average` are set by `train()` and
`eval()`.
"""

from __future__ import annotations

_WORDS = """
    _abc_impl _check_valid_context _check_value _graph_node_clear _graph_node_create_empty
    _graph_node_flatten _graph_node_init _graph_node_pop_key _graph_node_set_key _draws
    _object__nodes _object__state _pytree__flatten _pytree__flatten_with_paths
    _pytree__has_int_keys _pytree__is_pytree _pytree__nodes _pytree__state _pytree__unflatten
    _setattr deterministic eval iter_children iter_modules layers perturb set_attributes sow
    train use_running_average
"""
RESERVED = frozenset(_WORDS.split())
