"""What accuracy and speed are measured with; the figures stand in bench/README.md."""
