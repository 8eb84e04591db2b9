"""What Porthole costs, each figure beside another one of the same run."""
