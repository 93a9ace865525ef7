"""What the tests of several packages share: in-memory installations, made-up data, servers."""
