"""What a request says about its sender: pure functions, no database."""
