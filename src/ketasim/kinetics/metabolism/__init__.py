"""What ketamine becomes, and the liver that makes it."""
