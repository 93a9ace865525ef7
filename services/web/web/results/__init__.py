"""What a result's overview shows: plots and checks of samples, from the job's summary."""
