"""Who sent a beacon: his ids, his device, his place. Below all areas."""
