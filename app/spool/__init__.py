"""The spool: beacons that the database could not take wait in files."""
