"""All rendering: diagnostics, tables, pictures. Nothing below this floor prints."""
