"""What an experiment is: configuration, JSON and URL forms, validation."""
