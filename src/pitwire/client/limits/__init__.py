"""What an address and an account may use, what is used of it, and who has to wait."""
