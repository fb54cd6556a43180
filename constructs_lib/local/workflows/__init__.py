"""What Step Functions does beyond ministack's own; pure but for the jobs that it runs."""
