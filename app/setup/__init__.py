"""Setting up without a shell: whose it is, where the database is, and when to stop."""
