"""From text to a tree: grammar, parser, and the classes of the syntax tree."""
