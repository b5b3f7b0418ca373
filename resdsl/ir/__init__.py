"""The graph IR: immutable, validated tables of region definitions and calls."""
