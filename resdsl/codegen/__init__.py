"""From a net to source: classes for its regions, in words that no framework owns."""
