"""The HTML pages; unlike the API they use Flask and Jinja natively."""
