"""Tests of the shared package together with an AWS emulator."""
