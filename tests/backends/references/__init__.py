"""Plain torch modules, written by hand from the papers: what the generated ones must equal."""
