"""What is given, how and when: products, routes, the regimen sentence, records."""
