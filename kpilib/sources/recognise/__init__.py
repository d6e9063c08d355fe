"""What the columns of a stranger's file mean, judged by their names and by their values."""
