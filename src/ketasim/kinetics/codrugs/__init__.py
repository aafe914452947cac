"""Short published kinetics of drugs given beside ketamine."""
