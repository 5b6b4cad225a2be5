"""Trust: bundles, root sets, status lists, deltas, rescue lists."""
