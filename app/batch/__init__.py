"""Several beacons in one request."""
