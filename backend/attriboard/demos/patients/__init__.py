"""Made-up patients with a scan, a note and a few numbers, and an answer that needs all three."""
