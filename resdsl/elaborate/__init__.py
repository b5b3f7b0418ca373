"""From the syntax tree to the graph: names, values, block expansion, repeats."""
