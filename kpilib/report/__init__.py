"""From notebooks to a dated folder of HTML reports that stand on their own."""
