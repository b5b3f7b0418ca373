"""All pictures of a net: what is drawn, as data, and the formats that people use."""
