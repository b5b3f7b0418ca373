"""What can be known of a net without running it: `Net` -> report, one function a file."""
