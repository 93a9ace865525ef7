"""How the application is served: connections, time-outs, threads, health."""
