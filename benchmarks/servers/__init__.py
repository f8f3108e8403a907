"""What `imgate serve` is measured against: servers with the same server program and the same flags. Nothing of imgate but its models."""
