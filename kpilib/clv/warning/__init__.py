"""Who is about to stop buying: every customer's chance of it, what it would cost, and why."""
