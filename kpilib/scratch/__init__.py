"""What lies on disk for a while: private folders, cleared after processes that were killed too."""
