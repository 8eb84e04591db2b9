"""Events: what happened on a page or in a backend, and who a visitor says he is."""
