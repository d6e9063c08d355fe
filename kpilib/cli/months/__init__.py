"""Commands on months that were published: what differs, and whether it can be made again."""
