"""What models were when somebody decided about them, and what has changed since."""
